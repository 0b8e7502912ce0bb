"""Recognizes texts that a reader takes for a number: digits with an optional sign and unit."""

from __future__ import annotations

import re

_UNITS = frozenset(
    re.findall(
        r"\S+",
        """
        to and or of by per bis kg mg µg μg ng lb oz km cm mm nm µm μm mi ft mol mmol min sec hr hrs
        yr yrs wk wks mo mos day days pct pts bps ppm ppb Pa kPa MPa GPa bar mmHg atm Hz kHz MHz GHz
        kB KB MB GB TB PB kb Mb Gb Tb K M B T bn mn tn USD EUR GBP CHF JPY CNY kW MW GW kWh MWh GWh
        Wh mA mAh Ah kV mV dB dBm rpm fps dpi px em cal kcal kJ MJ eV keV MeV GeV kN Nm mL dL µL μL
        ha C F J N V W A L
        """,
    )
)
"""Words that may occur between or after numbers in such a text."""


def is_quantity(text: str) -> bool:
    """True for a text that begins with a digit and goes on with numbers and units only.

    >>> [is_quantity(text) for text in ("8 mg", "0.5 to 1", "75 mg/m2", "$7.6B", "-40 °C")]
    [True, True, True, True, True]
    >>> [is_quantity(text) for text in ("95% CI", "12 apples", "Table 3", "H2O", "", "6061-T6")]
    [False, False, False, False, False, False]
    """
    signs = [sign for sign in text if sign.isalnum()]
    if not signs or not signs[0].isdigit():
        return False
    words = re.findall(r"[^\W\d_]+", text)
    # A letter right after a hyphen belongs to a name: 6061-T6.
    return not re.search(r"-[A-Za-z]", text) and all(
        word in _UNITS or (len(word) <= 2 and word.islower()) for word in words
    )
