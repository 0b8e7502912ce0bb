"""Path data is read number by number, minified forms included."""

import pytest

from corruptors.svg.program.path_data import PathData, plain, separated
from records.edits import apply


def read(data: str) -> PathData:
    return PathData.read(data, 0, len(data))


def outline(data: str) -> list[tuple[str, list[float]]]:
    return [(one.command, [number.value for number in one.numbers]) for one in read(data).segments]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("M10-5.5.3.4z", [("M", [10, -5.5]), ("L", [0.3, 0.4]), ("z", [])]),
        ("m1,2 3 4", [("m", [1, 2]), ("l", [3, 4])]),
        ("M0 0a1 1 0 0110 2", [("M", [0, 0]), ("a", [1, 1, 0, 0, 1, 10, 2])]),
        ("M0 0a1 1 0 01.5.5", [("M", [0, 0]), ("a", [1, 1, 0, 0, 1, 0.5, 0.5])]),
        ("M1e2-1E-1h+3", [("M", [100, -0.1]), ("h", [3])]),
        (
            "M0 0c1 2 3 4 5 6 7 8 9 1 2 3",
            [("M", [0, 0]), ("c", [1, 2, 3, 4, 5, 6]), ("c", [7, 8, 9, 1, 2, 3])],
        ),
        ("M0 0L1", [("M", [0, 0])]),
        ("L1 1", []),
        ("M0 0z5 5", [("M", [0, 0]), ("z", [])]),
        ("M0 0 x", [("M", [0, 0])]),
        ("", []),
    ],
)
def test_commands_and_numbers(data: str, expected: list[tuple[str, list[float]]]) -> None:
    assert outline(data) == expected


def test_spans_cover_what_is_written() -> None:
    data = "m10-5.5.3.5a1 1 0 0110 2z"
    numbers = [number for segment in read(data).segments for number in segment.numbers]
    assert len(numbers) == 11
    for number in numbers:
        assert float(data[number.start : number.end]) == number.value


def test_the_pen_goes_home_after_a_subpath() -> None:
    path = read("M1 1h4v4zm2 2h1")
    assert [segment.target for segment in path.segments] == [
        (1, 1),
        (5, 1),
        (5, 5),
        (1, 1),
        (3, 3),
        (4, 3),
    ]
    assert [len(part) for part in path.subpaths] == [4, 2]


@pytest.mark.parametrize(
    ("text", "span", "new", "expected"),
    [
        ("5.5.3z", (3, 5), "7", "5.5 7z"),
        ("5-3.4", (1, 3), "2", "5 2 .4"),
        ("1 2", (2, 3), "-4", "1 -4"),
        ("1-2", (1, 3), "-4", "1-4"),
    ],
)
def test_a_new_number_is_kept_apart(
    text: str, span: tuple[int, int], new: str, expected: str
) -> None:
    assert apply(text, [separated(text, *span, new)]) == expected


@pytest.mark.parametrize(
    ("data", "at", "new", "expected"),
    [
        ("M0 0l1 2 3 4", 1, "", "M0 0l3 4"),
        ("M0 0h1v2", 1, "", "M0 0v2"),
        ("M0 0c1 2 3 4 5 6 7 8 9 1 2 3", 1, "l5 6", "M0 0l5 6c 7 8 9 1 2 3"),
        ("m0 0 1 1 2 2", 0, "M0 0", "M0 0l 1 1 2 2"),
    ],
)
def test_a_segment_is_replaced_without_changing_the_next(
    data: str, at: int, new: str, expected: str
) -> None:
    path = read(data)
    segment = path.segments[at]
    changed = apply(data, [path.replaced(segment, segment, new)])
    kept = outline(data)[at + 1 :]
    assert outline(changed)[len(outline(changed)) - len(kept) :] == kept
    assert changed.replace(" ", "") == expected.replace(" ", "")


def test_a_subpath_can_be_anchored() -> None:
    data = "M1 1h4m2 2 1 0"
    path = read(data)
    assert apply(data, path.anchored(1)) == "M1 1h4M7 3l 1 0"
    assert path.anchored(0) == path.anchored(7) == ()


def test_corners_and_open_ends() -> None:
    assert read("M0 0h9v9").corners == 1
    assert read("M0 0h5h4").corners == 0
    assert read("M0 0h9v9").open_ends == ((0, 0), (9, 9))
    assert read("M0 0h9v9H0V0").open_ends == ()
    assert read("M0 0h9v9z").open_ends == ()


@pytest.mark.parametrize(
    ("value", "text"), [(1e-9, "0"), (-0.00001, "0"), (1.23456, "1.235"), (123.456, "123.46")]
)
def test_numbers_are_written_as_people_do(value: float, text: str) -> None:
    assert plain(value) == text
