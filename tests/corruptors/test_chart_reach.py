"""Following an argument back to literals, and what a chart's parts are found to be."""

from __future__ import annotations

import pytest

from corruptors.chart.program.chart_program import ChartProgram


def reached(code: str) -> list[str]:
    """Sources of all scalars that the argument of ``show`` may stand for."""
    chart = ChartProgram.parse(code)
    return [chart.source(end) for end in chart.leaves(chart.calls("show")[0].args[0])]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("show('a')", ["'a'"]),
        ("t = 'a'\nshow(t)", ["'a'"]),
        ("t = 'a'\nt = 'b'\nshow(t)\nt = 'c'", ["'b'"]),
        ("a, b = 1, 2\nshow(b)", ["2"]),
        ("t = ['a', 'b']\nshow(t[1])", ["'b'"]),
        ("t = ['a', 'b']\nshow(t[-1])", ["'b'"]),
        ("t = ['a', 'b']\nshow(t[i])", ["'a'", "'b'"]),
        ("t = ['a', 'b'][::-1]\nshow(t)", ["'a'", "'b'"]),
        ("t = {'x': 'a', 'y': 'b'}\nshow(t['y'])", ["'b'"]),
        ("t = {'x': 'a'}\nshow(t.get('x'))", ["t.get('x')", "'a'"]),
        ("for t in ['a', 'b']:\n    show(t)", ["'a'", "'b'"]),
        ("for i, t in enumerate(['a', 'b']):\n    show(t)", ["'a'", "'b'"]),
        ("for x, t in zip([1, 2], ['a', 'b']):\n    show(t)", ["'a'", "'b'"]),
        ("for i, (x, t) in enumerate(zip([1], ['a'])):\n    show(t)", ["'a'"]),
        ("for k, v in {'a': 1}.items():\n    show(k)", ["'a'"]),
        ("for k, v in {'a': 1}.items():\n    show(v)", ["1"]),
        ("for a, (k, c) in zip(axes, zip({'a': 1}.keys(), ['r'])):\n    show(c)", ["'r'"]),
        ("for k, (v, w) in {'a': (1, 2)}.items():\n    show(w)", ["2"]),
        ("for v in {'a': 1}.values():\n    show(v)", ["1"]),
        ("for x, t in [(1, 'a'), (2, 'b')]:\n    show(t)", ["'a'", "'b'"]),
        ("show([t for t in ['a', 'b']])", ["[t for t in ['a', 'b']]", "'a'", "'b'"]),
        ("t = np.array([[1, 2], [3, 4]])\nshow(t[1])", ["np.array([[1, 2], [3, 4]])", "3", "4"]),
        ("t = ['r'] * 5\nshow(t)", ["['r'] * 5", "'r'"]),
        ("def f(t):\n    show(t)\nf('a')\nf(t='b')", ["'a'", "'b'"]),
        ("def f(t='c'):\n    show(t)\nf()", ["'c'"]),
        ("def f(*, t='c'):\n    show(t)\nf(t='d')", ["'c'", "'d'"]),
        ("class A:\n    def f(self, t):\n        show(t)\nA().f('a')", ["'a'"]),
        ("show('a' if x else 'b')", ["'a'", "'b'"]),
        ("df = pd.DataFrame({'x': [1, 2]})\nshow(df['x'])", ["1", "2"]),
        ("show(*['a'])", ["'a'"]),
        ("t = t\nshow(t)", []),
        ("show(unknown)", ["unknown"]),
    ],
)
def test_arguments_lead_back_to_literals(code: str, found: list[str]) -> None:
    assert [end for end in reached(code) if "DataFrame" not in end] == found


def test_names_that_lead_in_circles_end() -> None:
    code = "\n".join(f"a{i} = [a{(i + 1) % 9}, a{(i + 2) % 9}]" for i in range(9)) + "\nshow(a0)"
    assert reached(code) == []


def test_a_script_of_many_loops_is_followed_in_bounds() -> None:
    lines = [f"for x{i} in [x{i - 1}, x{i - 2}, {i}]:\n    pass" for i in range(2, 60)]
    assert len(reached("\n".join(["x0 = 1", "x1 = 2", *lines, "show(x59)"]))) > 3


def roles(code: str) -> set[tuple[str, str]]:
    chart = ChartProgram.parse(code)
    return {(label.role, label.text.value) for label in chart.labels}


@pytest.mark.parametrize(
    ("code", "role", "value"),
    [
        ("plt.title('A')", "title", "A"),
        ("self.axs[0, 1].set_title(label='A')", "title", "A"),
        ("fig.suptitle('A')", "figure title", "A"),
        ("ax.set(title='A')", "title", "A"),
        ("df.plot(title='A')", "title", "A"),
        ("g.ax_joint.set_xlabel('A')", "x-axis label", "A"),
        ("ax.set(ylabel='A')", "y-axis label", "A"),
        ("plt.colorbar(label='A')", "colour bar label", "A"),
        ("plt.xticks([0], ['A'])", "x tick label", "A"),
        ("ax.set_yticks([0], labels=['A'])", "y tick label", "A"),
        ("plt.bar(['A', 'B'], [1, 2])", "category", "A"),
        ("ax.pie([1], labels=['A'])", "slice label", "A"),
        ("ax.boxplot(x, labels=['A'])", "tick label", "A"),
        ("plt.legend(['A'])", "legend entry", "A"),
        ("plt.legend([line], ['A'])", "legend entry", "A"),
        ("plt.legend(title='A')", "legend title", "A"),
        ("ax.plot(x, label='A')", "legend entry", "A"),
        ("Patch(color='r', label='A')", "legend entry", "A"),
        ("style = dict(label='A')\nax.plot(x, **style)", "legend entry", "A"),
        ("ax.text(0, 0, 'A')", "annotation", "A"),
        ("ax.annotate('A', xy=(0, 0))", "annotation", "A"),
        ("ax.text(0, 0, f'{x} A')", "annotation", "{x} A"),
    ],
)
def test_words_are_found_by_what_they_are(code: str, role: str, value: str) -> None:
    assert (role, value) in roles(code)


@pytest.mark.parametrize(
    "code",
    [
        "plt.savefig('A.pdf')",
        "data = {'A': [1, 2]}\nfor k in data:\n    ax.plot(data['A'], label=k)",
        "ax.set_title('')",
        "print('A')",
        "ax.set_title(3)",
    ],
)
def test_words_that_are_not_shown_or_are_keys_are_left_alone(code: str) -> None:
    assert not {value for _, value in roles(code)}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("y = [1, 2, 3]\nplt.plot(y)", ["y"]),
        ("plt.plot([1, 2], [3, 4])", ["", ""]),
        ("d = {'low': [1, 2, 3]}\nfor k, v in d.items():\n    ax.bar(k, v)", ["low"]),
        ("z = np.array([[1, 2, 3], [4, 5, 6]])\nax.imshow(z)", ["z", "z"]),
        ("df = pd.DataFrame({'v': [1, 2, 3]})\ndf.plot()", ["v"]),
        ("shares = {'a': 1, 'b': 2, 'c': 3}\nplt.pie(shares.values())", ["shares"]),
        ("ax.set_xlim([0, 1, 2])", []),
        ("ax.set_yticks([0, 5, 10])", []),
        ("plt.figure(figsize=(8, 6))", []),
        ("colors = [0.1, 0.2, 0.3]\nax.plot(x, color=colors)", []),
        ("ticks = [1, 2, 3]\nax.plot(ticks, ticks)\nax.set_xticks(ticks)", ["ticks"]),
        ("gs = GridSpec(1, 3, width_ratios=[1, 2, 3])", []),
        ("flags = [True, False, True]\nax.bar(x, flags)", []),
        ("style = {'lw': 1, 'alpha': 0.5, 'zorder': 3}\nax.plot(x, **style)", []),
    ],
)
def test_data_is_told_from_the_frame(code: str, names: list[str]) -> None:
    assert [series.name for series in ChartProgram.parse(code).series] == names


@pytest.mark.parametrize(
    ("code", "colors"),
    [
        ("ax.plot(x, color='navy')", ["#000080"]),
        ("ax.bar(x, y, color=['r', '#00ff00'])", ["#ff0000", "#00ff00"]),
        (
            "palette = {'a': '#111111', 'b': 'gold'}\nsns.barplot(palette=palette)",
            ["#111111", "#ffd700"],
        ),
        ("ax.spines['top'].set_color('gray')", ["#808080"]),
        ("style = dict(facecolor='tan')\nax.bar(x, y, **style)", ["#d2b48c"]),
        ("def draw(c='red'):\n    ax.plot(x, c=c)", ["#ff0000"]),
        ("ax.scatter(x, y, facecolors='none')", []),
        ("ax.text(0, 0, 'red')", []),
        ("ax.plot(x, color='0.5')", []),
    ],
)
def test_colors_are_found_wherever_they_stand(code: str, colors: list[str]) -> None:
    assert [color.hex for color in ChartProgram.parse(code).colors] == colors


def test_axes_are_told_by_their_own_receivers_and_last_words() -> None:
    code = (
        "axes[0].plot(x)\nsns.lineplot(x, ax=axes[1])\nplt.bar(x, y)\ndf.plot(ax=left)\n"
        "axes[0].set_ylim(0, 1)\nplt.tight_layout()\nplt.show()\n"
    )
    chart = ChartProgram.parse(code)
    found = {name: chart.source(line) for name, line in chart.axes()}
    assert found == {
        "axes[0]": "axes[0].set_ylim(0, 1)",
        "axes[1]": "sns.lineplot(x, ax=axes[1])",
        "plt": "plt.bar(x, y)",
    }
    assert chart.output is not None
    assert chart.source(chart.output) == "plt.tight_layout()"
