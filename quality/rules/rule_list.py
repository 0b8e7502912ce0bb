"""The table of rules: everything that must hold of a row, and of a dataset, before it is published.

A row rule is checked in every row when it is made; a row that breaks one is a reject with the rule's
name as its reason. A dataset rule is an expectation of Great Expectations about all rows together
(`quality.expect`); one that is not met stops publication, or is a warning if `quality.warn` names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from quality.rules import gates
from quality.rules.gates import RowLimits
from records.errors import GateError
from records.pairs import Row
from records.sections import DatasetRuleName


@dataclass(frozen=True, slots=True)
class RowRule:
    """Something that must hold of every row."""

    name: str
    says: str
    broken: Callable[[Row, RowLimits], str]
    """What is wrong with a row; the empty string where nothing is."""


@dataclass(frozen=True, slots=True)
class DatasetRule:
    """Something that must hold of all rows together."""

    name: DatasetRuleName
    says: str
    setting: str = ""
    """Setting of its bound in the section [quality]; empty if the bound is fixed."""


ROW_RULES = (
    RowRule("two_pictures", "A row has two pictures, neither of them empty.", gates.two_pictures),
    RowRule("unreadable_picture", "Both pictures decode.", gates.unreadable_picture),
    RowRule("picture_size", "Both pictures are of a size that models take.", gates.picture_size),
    RowRule("hash_mismatch", "Pixels hash to the hashes of the row.", gates.hash_mismatch),
    RowRule("unknown_origin", "The origin is known, and is named in full.", gates.unknown_origin),
    RowRule("no_provenance", "Source, revision, licence and code are there.", gates.no_provenance),
    RowRule("illegal_values", "Shares are from 0 to 1, ids are hashes.", gates.illegal_values),
    RowRule("illegal_category", "Categories are the modality's own.", gates.illegal_category),
    RowRule("not_repeatable", "The same program draws the same picture.", gates.not_repeatable),
    RowRule("false_alarm", "An identical pair has no label.", gates.false_alarm),
    RowRule(
        "not_equivalent",
        "A rewrite that should look the same does, and has no label.",
        gates.not_equivalent,
    ),
    RowRule("unchanged_pair", "A corrupted pair shows a difference.", gates.unchanged_pair),
    RowRule(
        "unexplained_change",
        "Changed pixels have a label that explains them.",
        gates.unexplained_change,
    ),
    RowRule(
        "too_many_discrepancies",
        "A pair has at most quality.max_discrepancies labels.",
        gates.too_many_discrepancies,
    ),
    RowRule(
        "illegal_severity",
        "Severities are 1, 2 or 3, and add up to severity_sum.",
        gates.illegal_severity,
    ),
    RowRule("empty_words", "Every label says where and what.", gates.empty_words),
    RowRule("repeated_discrepancy", "No difference is labeled twice.", gates.repeated_discrepancy),
    RowRule("box_outside", "Boxes lie in one of the pictures.", gates.box_outside),
    RowRule("counts_differ", "The completion says what the labels say.", gates.counts_differ),
    RowRule(
        "image_tags",
        "Only `messages` has image tags, one a picture.",
        gates.image_tags,
    ),
    RowRule(
        "reserved_in_training",
        "A benchmark's sample is in no split that is trained on.",
        gates.reserved_in_training,
    ),
)
"""In order: cheap and decisive ones first; later ones rely on earlier ones."""

DATASET_RULES = (
    DatasetRule("ids", "No id is there twice."),
    DatasetRule("split_leakage", "No reference program and no reference picture is in two splits."),
    DatasetRule("reserved", "No benchmark's sample is in a split that is trained on."),
    DatasetRule("licence", "Every row has a licence that may be published.", "licences"),
    DatasetRule(
        "degenerate",
        "Few candidates are blank, or nearly so, where the reference is not.",
        "max_degenerate_share",
    ),
    DatasetRule(
        "label_language",
        "Labels are in English; what they quote may be in any language.",
        "max_foreign_label_share",
    ),
    DatasetRule(
        "negatives",
        "Pairs without a difference do not take over a modality.",
        "max_negative_share",
    ),
    DatasetRule(
        "categories",
        "No category takes over a modality's labels.",
        "max_category_share",
    ),
    DatasetRule(
        "corruptions",
        "No corruption takes over a modality's corrupted pairs.",
        "max_corruption_share",
    ),
    DatasetRule(
        "unexplained",
        "Few changed pairs were lost because nothing explained the change.",
        "max_unexplained_share",
    ),
    DatasetRule(
        "mix",
        "Corruptions mean the categories in the shares that were asked for.",
        "max_mix_gap",
    ),
    DatasetRule(
        "policies",
        "No policy takes over the attempts at a modality, where there are several.",
        "max_policy_share",
    ),
    DatasetRule(
        "sources",
        "Every source that was asked for is there, and none takes over where there are several.",
        "max_source_share",
    ),
    DatasetRule(
        "drift",
        "Shares of modalities, origins, categories, sources and policies are as in the last "
        "version, if that was made with the same settings.",
        "max_drift",
    ),
)


def check_row(row: Row, limits: RowLimits | None = None) -> Row:
    """The row itself, if it breaks no rule.

    Raises:
        GateError: the reason is the name of the rule; the detail says what was seen.
    """
    limits = limits or RowLimits()
    for rule in ROW_RULES:
        if objection := rule.broken(row, limits):
            raise GateError(rule.name, objection)
    return row
