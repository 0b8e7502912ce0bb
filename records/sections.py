"""The sections of a build's settings, one for each part of its work; `records.config` puts them together.

Defaults stand here and nowhere else. Secrets never do: endpoints name environment variables.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from records.settings import Section
from records.stages import PULL, STAGES
from records.taxonomy import BENCHMARK_COUNTS, Modality, category_names

Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _weights(value: tuple[float, ...]) -> tuple[float, ...]:
    if not 1 <= len(value) <= 8 or any(w < 0 for w in value) or not sum(value):
        raise ValueError("give one to eight weights, none negative, not all zero")
    return value


Weights = Annotated[tuple[float, ...], AfterValidator(_weights)]


class SourceConfig(Section):
    """Where the samples of one source come from: a snapshot, pulled shards, or else the hub."""

    snapshot: str = ""
    """Folder that holds an upstream snapshot."""
    samples: str = ""
    """Folder of sample shards that `vermillion pull` or `refresh_sources` wrote (a URL)."""
    revision: str = ""
    """Upstream commit to pull from the hub; empty takes the pinned one."""
    limit: int | None = Field(default=None, ge=1)
    """Most samples to take; None takes all."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.snapshot and self.samples:
            raise ValueError("give snapshot or samples, not both")
        return self


class CorruptionMix(Section):
    """Which corrupted attempts and negatives each sample gets."""

    attempts_per_sample: int = Field(default=4, ge=0, le=64)
    """Corrupted attempts of each sample."""
    errors: Weights = (0.4, 0.3, 0.2, 0.1)
    """Weights of 1, 2, 3, ... errors in one attempt; at most eight."""
    errors_of: dict[Modality, Weights] = {}
    """The same for single modalities; `errors` holds for those that are missing."""
    identical_share: Share = 0.1
    """Share of samples that also give an identical pair."""
    equivalent_share: Share = 0.2
    """Share of samples that also give an equivalent pair: other code, same picture."""
    unseen_share: Share = 0.05
    """Share of samples that also give a hard negative: changed, but less than a person sees."""
    degenerate_share: Share = 0.05
    """Share of samples that also give an attempt that tries nothing: an empty chart, one cell, a dot."""
    minimal_pair_share: Share = 0.0
    """Share of attempts with k > 1 errors that also give the attempt with k - 1 of them."""
    include: tuple[str, ...] = ()
    """Names of corruptions to use; empty uses all."""
    exclude: tuple[str, ...] = ()
    """Names of corruptions that are not used."""
    category_weights: dict[Modality, dict[str, float]] = {
        modality: {name: float(count) for name, count in counts.items()}
        for modality, counts in BENCHMARK_COUNTS.items()
    }
    """How often each category is drawn: as people marked it in VC-RewardBench.

    Where weights are given, a modality that is missing draws evenly.
    """

    @property
    def narrowed(self) -> bool:
        """True if some corruptions, or other shares of categories, were asked for."""
        usual = CorruptionMix().category_weights
        return bool(self.include or self.exclude) or self.category_weights != usual

    def errors_in(self, modality: Modality) -> Weights:
        """Weights of 1, 2, 3, ... errors in one attempt at a sample of this modality."""
        return self.errors_of.get(modality, self.errors)

    @field_validator("category_weights")
    @classmethod
    def _legal(cls, value: dict[Modality, dict[str, float]]) -> dict[Modality, dict[str, float]]:
        for modality, weights in value.items():
            legal = category_names(modality)
            for name, weight in weights.items():
                if name not in legal:
                    raise ValueError(
                        f"{name!r} is no {modality} category; legal: {', '.join(legal)}"
                    )
                if weight < 0:
                    raise ValueError(f"the weight of {name!r} is negative")
            if not sum(weights.values()):
                raise ValueError(f"all {modality} weights are zero")
        return value


class PolicyChoice(Section):
    """Which weak policies look at each reference picture."""

    names: tuple[str, ...] = ()
    """Built-in policies, or names defined in `files`."""
    files: tuple[str, ...] = ()
    """TOML files that define further policies."""
    attempts_per_sample: int = Field(default=1, ge=1, le=64)
    """Attempts of each policy at each sample."""


class RenderConfig(Section):
    """What one render may use; a program that wants more is a reject."""

    timeout_s: float = Field(default=20.0, gt=0, le=600)
    """Seconds until a program is stopped."""
    memory_mb: int = Field(default=2048, ge=256, le=1_048_576)
    """Most memory of one program, in MB."""
    megapixels: float = Field(default=16.0, gt=0, le=100)
    """Largest picture, in millions of pixels."""
    cross_check: bool = False
    """Reject SVG references that a second renderer, resvg, draws visibly differently."""
    cross_check_tables: bool = False
    """Reject table references that a second browser, Firefox, draws visibly differently; some seconds each."""


class PilotConfig(Section):
    """A few pairs with known errors that models judge before they judge the build; and what they must
    reach there, in each modality. The bounds are set to stop what is of no use at all: the worst
    general model that Visual-ERM (arXiv:2603.13224) tables for VC-RewardBench has an F1 of 0.05, the
    better ones 0.25 to 0.41.
    """

    samples: int = Field(default=16, ge=0, le=1000)
    """Samples of each modality; 0 labels without a pilot."""
    attempts: int = Field(default=4, ge=1, le=64)
    """Typed corruptions of each sample, one error each; two negatives come beside them."""
    swapped: bool = True
    """Ask about each pair in both orders: does the order of the pictures decide the verdict?"""
    min_recall: Share = 0.1
    """Of the errors that are there, those that are claimed with their category."""
    min_precision: Share = 0.15
    """Of the claims that pass the filters, those that are there with that category."""
    max_false_alarms: Share = 0.8
    """Of the pairs without any difference, those about which something is claimed, unfiltered."""
    max_failed: Share = 0.3
    """Of all pairs, those without a usable reply."""
    min_swap_agreement: Share = 0.2
    """How far the claims of both orders are the same: 1 less their mean disagreement."""
    min_pairs: int = Field(default=20, ge=1)
    """Pairs of a modality from which its figures are held against the bounds."""


class RelabelConfig(Section):
    """What becomes of pairs that annotators dispute, or that one of them failed at."""

    rounds: int = Field(default=1, ge=0, le=8)
    """How often they are asked again at most; 0 never."""
    at_least: Share = 0.5
    """Disagreement from which a pair is disputed."""
    max_share: Share = 0.25
    """Pairs of a shard that may be asked again, the most disputed first."""
    temperature: float = Field(default=0.7, ge=0, le=2)
    """Of the models that are asked again: at 0 they would say the same."""
    annotators: tuple[str, ...] = ()
    """Others who are asked then, such as a stronger model; empty asks the same ones."""


class AnnotateConfig(Section):
    """Who judges the pairs."""

    annotators: tuple[str, ...] = Field(default=("structural",), min_length=1)
    """The first one's word is the verdict; the others' stand beside it."""
    files: tuple[str, ...] = ()
    """TOML files that define annotators beside `structural`."""
    votes: int = Field(default=0, ge=0, le=16)
    """Annotators that must make a claim for the verdict to hold it; 0 takes the first one's word."""
    pilot: PilotConfig = PilotConfig()
    relabel: RelabelConfig = RelabelConfig()

    @model_validator(mode="after")
    def _votes_there(self) -> Self:
        if len(set(self.annotators)) != len(self.annotators):
            raise ValueError("an annotator is named twice")
        if self.votes > len(self.annotators):
            raise ValueError(f"{self.votes} votes of {len(self.annotators)} annotators")
        both = sorted({*self.annotators, "structural"} & set(self.relabel.annotators))
        if both or len(set(self.relabel.annotators)) != len(self.relabel.annotators):
            raise ValueError(
                f"relabel.annotators are models that are not asked before, each once: {both}"
            )
        return self


REJECT_SHARES = {stage.name: stage.max_reject_share for stage in (PULL, *STAGES)}
"""Most rows that a stage may lose, as a share of those that enter it."""


DatasetRuleName = Literal[
    "ids",
    "split_leakage",
    "reserved",
    "licence",
    "degenerate",
    "label_language",
    "negatives",
    "categories",
    "corruptions",
    "unexplained",
    "mix",
    "policies",
    "sources",
    "drift",
]
"""Rules about all rows of a dataset together; `quality.rules.rule_list` says what each of them means."""


class QualityConfig(Section):
    """Bounds at which a run stops. Shares are of the rows that enter the stage."""

    max_reject_share: dict[str, Share] = dict(REJECT_SHARES)
    """By stage; one that is not named keeps its default, and an empty table lifts all bounds."""
    min_rows_for_share: int = Field(default=20, ge=1)
    """Shards with fewer rows than this are not judged by share."""
    max_discrepancies: int = Field(default=40, ge=1)
    """Most discrepancies of one pair; more is no longer a fine difference."""
    max_unexplained_share: Share = 0.1
    """Changed pixels without any discrepancy found, as a share of the corrupted pairs."""
    max_category_share: Share = 0.95
    """One category among a modality's discrepancies; not judged where the mix was narrowed."""
    max_corruption_share: Share = 0.5
    """One corruption among a modality's uses of corruptions; not judged in a narrowed mix."""
    max_monotone_share: Share = 0.75
    """Attempts of one policy whose errors are nearly all of one category, of those that a shard
    keeps; what is over it is left out, as `monotone_errors`."""
    max_negative_share: Share = 0.6
    """Pairs without a difference among a modality's pairs."""
    max_degenerate_share: Share = 0.1
    """Pairs whose candidate is blank, or nearly so, while the reference is not."""
    max_foreign_label_share: Share = 0.02
    """Pairs with a label whose own words, quotations left out, are not in Latin letters."""
    max_mix_gap: Share = 0.2
    """Distance of a category's share among injected errors from the share that was asked for; not
    judged where corruptions were included or excluded by name."""
    max_policy_share: Share = 0.95
    """One policy among a modality's sampled pairs, where several were asked."""
    max_source_share: Share = 0.99
    """One source among all pairs, where several were asked for."""
    max_drift: Share = 0.15
    """Change of any share against the last version that was made with the same settings."""
    min_rows_for_rules: int = Field(default=200, ge=1)
    """Datasets, and modalities of them, with fewer rows are not judged by shares."""
    licences: tuple[str, ...] = ()
    """Licenses that rows may have; empty allows any that is named."""
    warn: tuple[DatasetRuleName, ...] = ()
    """Dataset rules that are reported as a warning, and do not stop publication, if not met."""

    @field_validator("max_reject_share")
    @classmethod
    def _of_stages(cls, value: dict[str, float]) -> dict[str, float]:
        for stage in value:
            if stage not in REJECT_SHARES:
                raise ValueError(f"{stage!r} is no stage; stages: {', '.join(REJECT_SHARES)}")
        return {**REJECT_SHARES, **value} if value else {}


class PublishConfig(Section):
    """How the dataset is written."""

    style: Literal["plain", "grounded"] = "plain"
    """`grounded` adds each box, in 0-1000 coordinates, to the completion."""
    prompts: str = ""
    """TOML file with prompts of one's own and the form of their replies; empty takes ours."""
    validation_share: Share = 0.05
    """Share of samples in the validation split."""
    test_share: Share = 0.05
    """Share of samples in the test split."""
    rows_per_group: int = Field(default=64, ge=1, le=4096)
    """Rows in one row group of a Parquet file: what a random read loads."""
    rows_per_file: int = Field(default=4096, ge=1)
    """Most rows in one Parquet file."""
    gallery: bool = True
    """Write a web page of the pairs."""
    preview: bool = True
    """Open the gallery in a browser, where there is one: a picture for the card, and a proof."""
    held_out: tuple[str, ...] = ()
    """Folders of benchmarks; what looks or reads like a part of them is not trained on."""

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.validation_share + self.test_share >= 1:
            raise ValueError("validation_share and test_share leave nothing to train on")
        if self.prompts and self.style == "grounded":
            raise ValueError("grounded completions go with our prompts; leave out `prompts`")
        return self


class RefreshConfig(Section):
    """When a dataset is built anew by itself."""

    sources: tuple[str, ...] = ()
    """A refresh that changes one of these sources starts a build of this configuration."""


class RunConfig(Section):
    """How a build is spread over tasks, and when it gives up. Decides no byte of the dataset."""

    range_minutes: float = Field(default=4.0, gt=0, le=60)
    """Estimated work of one task of `build_pairs`: a range of shards that one process takes on."""
    most_ranges: int = Field(default=140, ge=1, le=1000)
    """Most ranges of a build; a larger build gets longer ranges. Airflow maps over 1,024 at most."""
    max_quarantined_share: Share = 0.02
    """Shards that could not be finished and are left out, as a share of all; more stop the build."""
