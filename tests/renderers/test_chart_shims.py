"""Scripts of older libraries draw what their translation for today's libraries draws."""

from __future__ import annotations

import pytest

from records.taxonomy import Language
from renderers.chart.renderer import ChartRenderer
from sandbox.status import RenderStatus

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
words = pd.DataFrame({"a": [1, 2, 4], "b": [2, 1, 1], "c": ["x", "y", "y"]})
import seaborn as sns
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
    ("plt.hist([1, 2, 2], normed=True)", "plt.hist([1, 2, 2], density=True)"),
    (
        "plt.plot([1, 2]); plt.grid(b=True); plt.gcf().canvas.set_window_title('x')",
        "plt.plot([1, 2]); plt.grid(visible=True)",
    ),
    ("plt.annotate(s='here', xy=(0.2, 0.5))", "plt.annotate(text='here', xy=(0.2, 0.5))"),
    ("plt.bar(left=[1, 2], height=[2, 3])", "plt.bar(x=[1, 2], height=[2, 3])"),
    (
        "plt.semilogy([1, 8], basey=2); plt.xscale('symlog', linthreshx=0.1)",
        "plt.semilogy([1, 8], base=2); plt.xscale('symlog', linthresh=0.1)",
    ),
    (
        "plt.gcf().gca(projection='3d').plot([1, 2], [1, 2], [1, 3])",
        "plt.subplot(projection='3d').plot([1, 2], [1, 2], [1, 3])",
    ),
    (
        "from mpl_toolkits.mplot3d import Axes3D; a = Axes3D(plt.gcf()); a.plot([1, 2], [1, 2], [1, 3])",
        "from mpl_toolkits.mplot3d import Axes3D; a = plt.gcf().add_axes(Axes3D(plt.gcf())); a.plot([1, 2], [1, 2], [1, 3])",
    ),
    (
        "plt.plot([1, 2]); [t.label.set_fontsize(5) for t in plt.gca().xaxis.get_major_ticks()]",
        "plt.plot([1, 2]); [t.label1.set_fontsize(5) for t in plt.gca().xaxis.get_major_ticks()]",
    ),
    (
        "a, b = plt.gcf().subplots(1, 2); a.get_shared_y_axes().join(a, b); a.plot([1, 9]); b.plot([4, 5])",
        "a, b = plt.gcf().subplots(1, 2); b.sharey(a); a.plot([1, 9]); b.plot([4, 5])",
    ),
    (
        "plt.stem([1, 2], [1, 3], 'r-', 'go')",
        "plt.stem([1, 2], [1, 3], linefmt='r-', markerfmt='go')",
    ),
    (
        "plt.gca().add_patch(plt.Rectangle((0.2, 0.2), 0.5, 0.3, 30))",
        "plt.gca().add_patch(plt.Rectangle((0.2, 0.2), 0.5, 0.3, angle=30))",
    ),
    (
        "plt.imshow([[1, 2], [3, 4]], 'jet', None, 'auto'); plt.gca().set_xticklabels([], {}, True)",
        "plt.imshow([[1, 2], [3, 4]], 'jet', aspect='auto')",
    ),
    (
        "plt.plot([1, 2]); plt.colorbar(cm.ScalarMappable(cmap='jet'))",
        "plt.plot([1, 2]); plt.colorbar(cm.ScalarMappable(cmap='jet'), ax=plt.gca())",
    ),
    (
        "plt.plot([np.arange(4).ptp(), np.math.sqrt(4), np.random.random_integers(1, 1)])",
        "plt.plot([3, 2, 1])",
    ),
    ("plt.imshow(words.corr())", "plt.imshow(words.corr(numeric_only=True))"),
    ("plt.plot(words.groupby('c').mean())", "plt.plot(words.groupby('c')[['a', 'b']].mean())"),
    (
        "s = pd.Series([3, 1], index=['u', 'v']); plt.plot([s[0], s[-1], s.mad()])",
        "plt.plot([3, 1, 1])",
    ),
    (
        "plt.plot(series.groupby(pd.Grouper(freq='M')).sum())",
        "plt.plot(series.groupby(pd.Grouper(freq='ME')).sum())",
    ),
    ("sns.barplot(['a', 'b'], [1, 2])", "sns.barplot(x=['a', 'b'], y=[1, 2])"),
    (
        "sns.factorplot(x='c', y='a', data=words, size=3)",
        "sns.catplot(x='c', y='a', data=words, height=3, kind='point')",
    ),
    (
        "from scipy import signal, special; plt.plot([*signal.gaussian(5, 1), special.sph_harm(1, 2, 0.3, 0.4).real])",
        "from scipy import signal, special; plt.plot([*signal.windows.gaussian(5, 1), special.sph_harm_y(2, 1, 0.4, 0.3).real])",
    ),
    (
        "import networkx as nx; plt.title(str(nx.from_numpy_matrix(np.eye(2)).number_of_nodes()))",
        "plt.title('2')",
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
        "plt.hist([1, 2], normal=True)",
        "plt.gca(projection='nonsense')",
        "pd.Series([1, 2])[2]",
        "pd.Series([1, 2], index=['a', 'b'])[2]",
        "frame.corr(method='nonsense')",
    ],
)
def test_what_never_worked_still_fails(charts: ChartRenderer, code: str) -> None:
    rendered = charts.render(HEAD + "plt.plot([1, 2])\n" + code, Language.PYTHON)
    assert rendered.status is RenderStatus.CODE_CRASHED
    assert f": {code}" in rendered.detail
