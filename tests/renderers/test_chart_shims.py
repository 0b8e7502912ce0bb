"""Scripts of older libraries draw what their translation for today's libraries draws."""

from __future__ import annotations

import pytest

from records.taxonomy import Language
from renderers.chart import ChartRenderer
from renderers.contract import RenderStatus

HEAD = """
import math
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import cm
plt.figure(figsize=(3, 2))
one = np.array([1.5])
frame = pd.DataFrame({"a": [1.0, None, 3.0], "b": [2.0, 1.0, None]})
days = pd.date_range("2020-01-01", periods=100)
series = pd.Series(range(100), index=days)
groups = [[1, 2, 4], [2, 3, 9]]
"""

WRITTEN_AND_MEANT = [
    (
        "plt.plot([1, 2], color=cm.get_cmap('jet', 5)(3))",
        "plt.plot([1, 2], color=plt.get_cmap('jet', 5)(3))",
    ),
    ("plt.boxplot(groups, labels=['a', 'b'])", "plt.boxplot(groups, tick_labels=['a', 'b'])"),
    (
        "plt.gca().boxplot(groups, labels=['a', 'b'])",
        "plt.gca().boxplot(groups, tick_labels=['a', 'b'])",
    ),
    ("plt.boxplot(groups, True, 'r+')", "plt.boxplot(groups, notch=True, sym='r+')"),
    ("plt.gca().boxplot(groups, 0, '')", "plt.gca().boxplot(groups, notch=0, sym='')"),
    ("plt.stem([1, 3], use_line_collection=True)", "plt.stem([1, 3])"),
    ("plt.plot_date(days[:3], [1, 2, 3])", "plt.plot(days[:3], [1, 2, 3], 'o')"),
    (
        "plt.style.use('seaborn-darkgrid'); plt.plot([1, 2])",
        "plt.style.use('seaborn-v0_8-darkgrid'); plt.plot([1, 2])",
    ),
    (
        "for c in plt.contour([[1, 2], [3, 4]]).collections: c.set_linewidth(4)",
        "plt.contour([[1, 2], [3, 4]]).set_linewidth(4)",
    ),
    (
        "plt.plot([1], label='a'); plt.legend().legendHandles[0].set_color('r')",
        "plt.plot([1], label='a'); plt.legend().legend_handles[0].set_color('r')",
    ),
    (
        "ax = plt.subplot(projection='3d'); ax.w_xaxis.set_label_text('x')",
        "ax = plt.subplot(projection='3d'); ax.xaxis.set_label_text('x')",
    ),
    ("plt.plot(np.arange(3, dtype=np.float))", "plt.plot(np.arange(3, dtype=float))"),
    (
        "plt.plot([1, np.NaN, 3, np.trapz([1, 2])])",
        "plt.plot([1, np.nan, 3, np.trapezoid([1, 2])])",
    ),
    ("plt.text(one / 2, one / 3, 'x')", "plt.text(0.75, 0.5, 'x')"),
    ("plt.plot([float(one), int(one), math.sqrt(one)])", "plt.plot([1.5, 1, math.sqrt(1.5)])"),
    ("plt.title('%.2f' % one); plt.plot([1])", "plt.title('1.50'); plt.plot([1])"),
    ("a = np.zeros(2); a[0] = one; plt.plot(a)", "plt.plot([1.5, 0])"),
    ("plt.imshow(frame.applymap(lambda v: v * 2))", "plt.imshow(frame.map(lambda v: v * 2))"),
    ("plt.plot(frame.fillna(method='ffill'))", "plt.plot(frame.ffill())"),
    ("plt.plot(frame['a'].fillna(method='bfill'))", "plt.plot(frame['a'].bfill())"),
    (
        "plt.plot(frame.append({'a': 4, 'b': 5}, ignore_index=True))",
        "plt.plot(pd.concat([frame, pd.DataFrame([{'a': 4, 'b': 5}])], ignore_index=True))",
    ),
    (
        "for name, c in frame.iteritems(): plt.plot(c, label=name)",
        "for name, c in frame.items(): plt.plot(c, label=name)",
    ),
    (
        "plt.plot(pd.date_range('2020', periods=3, freq='M'), [1, 2, 3])",
        "plt.plot(pd.date_range('2020', periods=3, freq='ME'), [1, 2, 3])",
    ),
    ("plt.plot(series.resample('M').mean())", "plt.plot(series.resample('ME').mean())"),
    ("plt.plot(series.resample('12H').ffill())", "plt.plot(series.resample('12h').ffill())"),
    ("plt.plot(series.resample('A-JUN').sum())", "plt.plot(series.resample('YE-JUN').sum())"),
    (
        "from scipy import integrate; plt.plot([integrate.simps([1, 2, 4]), 1])",
        "from scipy import integrate; plt.plot([integrate.simpson([1, 2, 4]), 1])",
    ),
    (
        "plt.rcParams['text.usetex'] = True; plt.plot([1, 2]); plt.title('$x^2$', usetex=True)",
        "plt.plot([1, 2]); plt.title('$x^2$')",
    ),
]


@pytest.mark.parametrize(("written", "meant"), WRITTEN_AND_MEANT)
def test_old_name_means_what_it_meant(charts: ChartRenderer, written: str, meant: str) -> None:
    old, new = (charts.render(HEAD + code, Language.PYTHON) for code in (written, meant))
    assert old.status is RenderStatus.OK, old.detail
    assert new.status is RenderStatus.OK, new.detail
    assert old.drawn()[0].pixel_hash == new.drawn()[0].pixel_hash


@pytest.mark.parametrize(
    "code",
    [
        "float(np.array([1, 2]))",
        "float(np.array(['word']))",
        "int(np.array([]))",
        "pd.date_range('2020', periods=3, freq='nonsense')",
        "plt.boxplot(groups, nonsense=1)",
        "np.no_such_name",
        "plt.hist([1, 2], normed=True)",
    ],
)
def test_what_never_worked_still_fails(charts: ChartRenderer, code: str) -> None:
    rendered = charts.render(HEAD + "plt.plot([1, 2])\n" + code, Language.PYTHON)
    assert rendered.status is RenderStatus.CODE_CRASHED
    assert f": {code}" in rendered.detail
