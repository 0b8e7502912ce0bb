"""Kinds of errors that programs of readers showed: what is told of a legend, of ticks, tiles and pies."""

from __future__ import annotations

from charts_compared import compared

GROUPS = "ax.bar([0, 1], [3, 4], 0.4, color='C0', label='Car'); ax.bar([0.4, 1.4], [2, 3], 0.4, color='C1', label='{name}'); ax.legend({order})"
PIE = "ax.pie([{share}, 30, 20], labels=['A', 'B', 'C'], startangle={turn}, explode=[0, {out}, 0])"
NAMED = "ax.plot([1, 2, 3], [0, 1, 2], 'o'); ax.set_yticks([0, 1, {at}], ['Chart', 'Table', '{name}']); ax.set_ylim(-1, 3)"


def words(before: str, after: str) -> list[str]:
    return [f"{one.location}: {one.description}" for one in compared(before, after)[0]]


def test_tiles_are_the_same_whether_drawn_upright_or_lying() -> None:
    upright = "ax.bar([0.75], [0.4], 0.5, bottom=0.6, color='#7080c0')"
    lying = "ax.barh([0.8], [0.5], 0.4, left=0.5, color='#7080c0')"
    both = "ax.bar([0.25], [1], 0.5, color='#e2725b'); ax.bar([0.75], [0.6], 0.5, color='#40a0a0'); ax.set_xlim(0, 1); ax.set_ylim(0, 1); ax.axis('off'); "
    assert not words(both + upright, both + lying)


def test_a_mark_more_does_not_explain_a_legend_entry_less() -> None:
    mark = "; ax.bar([1.8], [0.2], 0.2, bottom=3.5, color='C1')"
    found = words(
        GROUPS.format(name="Train", order=""), GROUPS.format(name="_Train", order="") + mark
    )
    assert "legend entry: 'Train' is missing" in found


def test_the_order_of_a_legend_is_told_beside_values() -> None:
    """The order follows bars that changed places in a pile, but not points."""
    points = "for y, name in {rows}: ax.plot([1, 2], [y, y], 'o', color={{'A': 'C0', 'B': 'C1', 'C': 'C2'}}[name], label=name)\nax.legend(loc='upper left'); ax.set_ylim(0, 9)"
    rows = [(1, "A"), (2, "B"), (3, "C")]
    found = words(points.format(rows=rows), points.format(rows=[(3.5, "C"), (1, "A"), (2, "B")]))
    assert "legend entries: are in another order" in found
    assert any("values differ" in one or "instead of 3" in one for one in found)


def test_a_tick_that_nobody_sees_moved_has_no_label_and_hides_none() -> None:
    base = NAMED.format(at=2, name="Icon")
    assert not words(base, NAMED.format(at=2.01, name="Icon"))
    assert words(base, NAMED.format(at=2.01, name="Icon -")) == [
        "y axis tick labels: 'Icon -' instead of 'Icon'"
    ]


def test_a_slice_that_is_not_pulled_out_is_told_beside_shares() -> None:
    base = PIE.format(share=50, turn=90, out=0.15)
    found = words(base, PIE.format(share=58, turn=90, out=0))
    assert "pie slice 'B': is not pulled out of the pie" in found
    assert any("instead of 50.0 %" in one for one in found)
    found = words(base, PIE.format(share=50, turn=90, out=0.4))
    assert found == ["pie slice 'B': is farther pulled out of the pie"]


def test_a_pie_that_is_turned_by_a_degree_has_no_label() -> None:
    base = PIE.format(share=50, turn=90, out=0)
    assert not words(base, PIE.format(share=50, turn=91, out=0))
    [turned] = compared(base, PIE.format(share=50, turn=95, out=0))[0]
    assert (turned.description, turned.severity) == ("slices are turned by 5 degrees", 1)


def test_a_logarithmic_axis_without_ticks_is_compared() -> None:
    linear = "ax.plot([1, 2, 3], [1, 10, 100])"
    bare = "ax.plot([1, 2, 3], [1, 10, 100]); ax.set_yscale('log'); ax.set_yticks([]); ax.minorticks_off()"
    assert words(linear, bare)
    assert words(bare, linear)
