"""Requests to a model to inject errors into code, and the parsing of its answers.

The model receives the code and the kinds of errors, one to four of a fixed list, and answers with
replacements of exact text: what it leaves alone stays as it was, undo is exact, and a reply is
short. Who asks it is a policy of kind ``targeted`` (`policies.targeted`). What it claims is
believed only where the pictures confirm it (`annotators.lvlm.claims`); labels come from there anyhow.

Source: Visual-ERM (arXiv:2603.13224), targeted edits over a fixed taxonomy of error types.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from records.edits import Edit, OverlappingEdits, apply, common_ends, ordered
from records.errors import PolicyReplyError
from records.rows import Attempt, Corrupted, InjectedError, Origin, Sample
from records.taxonomy import (
    BENCHMARK_COUNTS,
    Category,
    ChartCategory,
    Modality,
    SvgCategory,
    TableCategory,
)


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One kind of error that can be asked for."""

    name: str
    category: Category
    words: str
    """The visible effect of the error, in the words that the model receives."""


_C, _T, _S = ChartCategory, TableCategory, SvgCategory
KINDS: Mapping[Modality, tuple[ErrorKind, ...]] = {
    Modality.CHART: (
        ErrorKind("chart_type", _C.STRUCTURE, "a series or panel is drawn as another chart type"),
        ErrorKind("panels", _C.STRUCTURE, "a panel is missing, added, or two change places"),
        ErrorKind("values", _C.DATA, "one or two values are misread: swapped digits, a wrong sign"),
        ErrorKind("series", _C.DATA, "one series or group is missing, doubled or cut short"),
        ErrorKind("scale", _C.DATA, "the limits or the scale of one axis are others"),
        ErrorKind("words", _C.TEXT, "a title, axis label or annotation has a typo or other words"),
        ErrorKind("ticks", _C.TEXT, "tick labels are wrong, missing or in another order"),
        ErrorKind("legend_words", _C.TEXT, "entries of the legend are swapped or misspelt"),
        ErrorKind("colour", _C.STYLE, "one element has a clearly different colour"),
        ErrorKind("line", _C.STYLE, "a line has another style or width, or other markers"),
        ErrorKind("frame", _C.STYLE, "grid, spines or background are there or not, against it"),
    ),
    Modality.TABLE: (
        ErrorKind("span", _T.LAYOUT, "a merged cell is split or two cells are merged"),
        ErrorKind("row", _T.LAYOUT, "a row or column is missing, doubled or out of place"),
        ErrorKind("shift", _T.LAYOUT, "the cells of one row slide one column aside"),
        ErrorKind("letters", _T.TEXT, "letters of one or two words are confused, as a reader does"),
        ErrorKind("wording", _T.TEXT, "the text of one cell is cut, doubled or another"),
        ErrorKind("digits", _T.NUMERIC, "digits of one or two numbers are swapped, lost or others"),
        ErrorKind(
            "sign", _T.NUMERIC, "a sign, decimal point, separator, exponent or unit is wrong"
        ),
    ),
    Modality.SVG: (
        ErrorKind("missing", _S.STRUCTURE, "a part is missing or drawn twice"),
        ErrorKind("order", _S.STRUCTURE, "a part covers what it should lie under"),
        ErrorKind("place", _S.SHAPE, "a part stands clearly elsewhere, or is turned or mirrored"),
        ErrorKind("outline", _S.SHAPE, "the outline of a part is deformed, larger or smaller"),
        ErrorKind("fill", _S.STYLE, "a part has a clearly different fill or opacity"),
        ErrorKind("stroke", _S.STYLE, "an outline is clearly thicker, thinner, dashed or gone"),
        ErrorKind("symbol", _S.TEXT_SYMBOL, "a letter or symbol is another one or misspelt"),
    ),
}
"""What can be asked for, by modality."""

_SHAPE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "location", "description", "changes"],
                "properties": {
                    "kind": {"type": "string"},
                    "location": {"type": "string", "maxLength": 400},
                    "description": {"type": "string", "maxLength": 400},
                    "changes": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 8,
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["find", "replace"],
                            "properties": {
                                "find": {"type": "string", "minLength": 1},
                                "replace": {"type": "string"},
                            },
                        },
                    },
                },
            },
        }
    },
}


def draw_kinds(sample: Sample, most: int, seed: int) -> tuple[ErrorKind, ...]:
    """One to ``most`` different kinds of the sample's modality.

    Categories are drawn as people found them in VC-RewardBench, so that the rare ones stay rare.
    """
    rng = Random(seed)
    count = rng.randint(1, most)
    left = list(KINDS[sample.modality])
    if "<text" not in sample.code:
        left = [kind for kind in left if kind.category is not SvgCategory.TEXT_SYMBOL]
    chosen: list[ErrorKind] = []
    while left and len(chosen) < count:
        found = BENCHMARK_COUNTS[sample.modality]
        kinds_of = Counter(kind.category for kind in left)
        weights = [found[kind.category] / kinds_of[kind.category] for kind in left]
        [kind] = rng.choices(left, weights)
        left.remove(kind)
        chosen.append(kind)
    return tuple(chosen)


def request_text(sample: Sample, kinds: Sequence[ErrorKind], prompt: str) -> str:
    """The whole question: what to do, the kinds, and the code."""
    asked = "\n".join(f"- {kind.name}: {kind.words}" for kind in kinds)
    return f"{prompt}\n\nErrors to make, one of each:\n{asked}\n\nThe code:\n{sample.code}"


def reply_schema(kinds: Sequence[ErrorKind]) -> dict[str, Any]:
    """The JSON schema of an answer about these kinds."""
    schema: dict[str, Any] = json.loads(json.dumps(_SHAPE))
    errors = schema["properties"]["errors"]
    errors["minItems"] = errors["maxItems"] = len(kinds)
    errors["items"]["properties"]["kind"] = {"enum": [kind.name for kind in kinds]}
    return schema


def read_reply(
    text: str, sample: Sample, kinds: Sequence[ErrorKind], policy: str, seed: int
) -> Attempt:
    """The attempt that an answer makes of a sample.

    Raises:
        PolicyReplyError: ``unparsable`` (no such JSON), ``kinds_differ`` (other errors than asked
            for), ``edit_not_found``, ``edit_ambiguous`` (the text to replace stands in the code
            several times), ``edits_overlap``, ``no_edit`` (nothing would change).
    """
    errors = _errors(text)
    by_name = {kind.name: kind for kind in kinds}
    found_kinds = Counter(error["kind"] for error in errors)
    if found_kinds != Counter(by_name.keys()):
        raise PolicyReplyError(
            "kinds_differ", f"asked for {sorted(by_name)}, got {sorted(found_kinds)}"
        )
    edits = [
        _edit(sample.code, change["find"], change["replace"])
        for error in errors
        for change in error["changes"]
    ]
    try:
        together = ordered(edits)
    except OverlappingEdits as clash:
        raise PolicyReplyError("edits_overlap", str(clash)) from clash
    code = apply(sample.code, together)
    if code == sample.code:
        raise PolicyReplyError("no_edit", "the code stays as it was")
    origin = Corrupted(
        asked_by=policy,
        errors=tuple(
            InjectedError(
                name=error["kind"],
                category=by_name[error["kind"]].category.value,
                location=error["location"],
                description=error["description"],
            )
            for error in errors
        ),
        seed=seed,
        edits=together,
    )
    return Attempt.of(sample, code, origin)


def is_targeted(origin: Origin) -> bool:
    """True for errors that a model was asked for."""
    return isinstance(origin, Corrupted) and bool(origin.asked_by)


def _errors(text: str) -> list[dict[str, Any]]:
    # Models put a fence around JSON even if the prompt forbids it.
    start, end = text.find("{"), text.rfind("}")
    try:
        errors = json.loads(text[start : end + 1])["errors"]
        for error in errors:
            texts = [error["kind"], error["location"], error["description"]]
            texts += [change[key] for change in error["changes"] for key in ("find", "replace")]
            if not all(isinstance(one, str) for one in texts) or not error["changes"]:
                raise TypeError("a field is not text, or there are no changes")
            "".join(texts).encode()  # lone surrogates cannot be encoded
    except (ValueError, KeyError, TypeError, RecursionError) as error_:
        short = " ".join(text[:120].split())
        raise PolicyReplyError(
            "unparsable", f"{type(error_).__name__} {error_} in {short!r}"
        ) from error_
    return list(errors)


def _edit(code: str, find: str, replace: str) -> Edit:
    """The replacement, cut down to the characters that change."""
    times = code.count(find) if find else 0
    if times != 1:
        reason = "edit_ambiguous" if times else "edit_not_found"
        raise PolicyReplyError(reason, f"{find[:120]!r} stands in the code {times} times")
    start = code.index(find)
    same, tail = common_ends(find, replace)
    return Edit(start + same, start + len(find) - tail, replace[same : len(replace) - tail])
