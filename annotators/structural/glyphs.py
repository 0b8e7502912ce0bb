"""Normalizes text to what a reader sees: TeX, Unicode signs and plain letters in one spelling.

``$\\Delta$`` and ``Δ``, ``$m^2$`` and ``m²``, a hyphen and a minus sign are the same to a reader.
"""

from __future__ import annotations

import re
from functools import lru_cache

SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ",
    "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω", "times": "×", "cdot": "·", "pm": "±", "mp": "∓", "div": "÷",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "sim": "∼",
    "equiv": "≡", "propto": "∝", "infty": "∞", "partial": "∂", "nabla": "∇", "sum": "∑",
    "prod": "∏", "int": "∫", "in": "∈", "notin": "∉", "cup": "∪", "cap": "∩", "subset": "⊂",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "uparrow": "↑", "downarrow": "↓",
    "Rightarrow": "⇒", "leftrightarrow": "↔", "degree": "°", "circ": "∘", "ell": "ℓ", "hbar": "ℏ",
    "ast": "*", "star": "⋆", "dagger": "†", "ldots": "…", "dots": "…", "cdots": "⋯", "prime": "′",
    "ll": "≪", "gg": "≫", "forall": "∀", "exists": "∃", "langle": "⟨", "rangle": "⟩", "mid": "|",
    "quad": " ", "qquad": " ", "backslash": "\\",
}  # fmt: skip
"""TeX command -> the sign that it draws."""

RAISED = dict(zip("0123456789+-=()ni*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ*", strict=True))
LOWERED = dict(
    zip("0123456789+-=()aeoxhklmnpstiruvj", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼ", strict=True)
)

PLAIN = str.maketrans({"−": "-", "\u2010": "-", "\u2011": "-", "\u00a0": " ", "\u202f": " ",
                       "µ": "μ", "\u2126": "Ω", "\u2206": "Δ", "º": "°", "˚": "°"})  # fmt: skip
"""Replaces look-alike signs and special spaces by plain ones."""

_MATH = re.compile(r"(?<!\\)\$(.+?)(?<!\\)\$", re.DOTALL)
_SCRIPT = re.compile(r"([\^_])\{([^{}]+)\}")
_TOKEN = re.compile(r"\\([A-Za-z]+)\s*|\\(.)|([\^_])|(\{)|(\})|(.)", re.DOTALL)


@lru_cache(maxsize=16384)
def as_glyphs(text: str) -> str:
    r"""A text as it is drawn, on one line.

    >>> as_glyphs(r"$\Delta$ of m$^2$"), as_glyphs("10 m²"), as_glyphs(r"$\mathdefault{10^{-3}}$")
    ('Δ of m²', '10 m²', '10⁻³')
    >>> as_glyphs(r"$I_{\infty}$ costs \$5"), as_glyphs("a\nb")
    ('I_∞ costs $5', 'a b')
    """
    if "$" in text:
        text = _MATH.sub(lambda found: _math(found[1]), text).replace("\\$", "$")
    return " ".join(text.translate(PLAIN).split())


def scripts_as_signs(text: str) -> str:
    """Writes superscripts and subscripts as a person would in a sentence.

    >>> scripts_as_signs("'2 × 10^{−5}' of E_{a}, x^{new}")
    "'2 × 10⁻⁵' of Eₐ, x^(new)"
    """
    return _SCRIPT.sub(lambda found: _script(found[2], found[1] == "_"), text)


def _math(source: str) -> str:
    tokens = [
        (found.lastindex or 0, found[found.lastindex or 0]) for found in _TOKEN.finditer(source)
    ]
    drawn, _ = _group(tokens, 0)
    return drawn


def _group(tokens: list[tuple[int, str]], at: int) -> tuple[str, int]:
    """What the tokens draw up to the closing brace of the group, and the index after it."""
    drawn: list[str] = []
    while at < len(tokens) and tokens[at][0] != 5:
        if tokens[at][0] == 3:
            low = tokens[at][1] == "_"
            inner, at = _one(tokens, at + 1)
            drawn.append(_script(inner, low))
        else:
            part, at = _one(tokens, at)
            drawn.append(part)
    return "".join(drawn), at + 1


def _one(tokens: list[tuple[int, str]], at: int) -> tuple[str, int]:
    """What one token or one group in braces draws."""
    if at >= len(tokens):
        return "", at
    kind, sign = tokens[at]
    if kind == 4:
        return _group(tokens, at + 1)
    if kind == 1:
        if sign in ("frac", "dfrac"):
            over, at = _one(tokens, at + 1)
            under, at = _one(tokens, at)
            return f"{over}/{under}", at
        if sign == "sqrt":
            inner, at = _one(tokens, at + 1)
            return f"√{inner}", at
        if sign in SIGNS:
            return SIGNS[sign], at + 1
        fonts = sign.startswith(("math", "text", "operatorname"))
        return ("" if fonts or sign in ("left", "right", "rm", "bf", "it") else sign), at + 1
    if kind == 2:
        return (" " if sign in " ,;:" else "" if sign == "!" else sign), at + 1
    if sign.isspace():
        return "", at + 1
    return (" " if sign == "~" else sign), at + 1


def _script(text: str, low: bool) -> str:
    """A text as superscript or subscript, in Unicode signs if they exist."""
    known = LOWERED if low else RAISED
    text = text.translate(PLAIN)
    if text and all(sign in known for sign in text):
        return "".join(known[sign] for sign in text)
    if not low and text == "∘":
        return "°"
    mark = "_" if low else "^"
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"
