"""The fields of the form of `build_pairs`, each written down once.

The DAG's parameters and the change that a filled field makes to the settings are both made from
`FIELDS`. Types and limits come from the settings' own model. Nothing heavy is imported: DAG files
read this.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from records.config import BuildConfig
from records.errors import ConfigError


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form: an empty one leaves the setting as the configuration file has it."""

    name: str
    setting: str
    """Dotted place in the settings, such as `corruption.errors`."""
    title: str
    section: str
    description: str = ""
    examples: tuple[str, ...] = ()
    how: Literal["replace", "extend", "each_source"] = "replace"
    """`extend` adds to the list that is there; `each_source` sets the key in every source."""
    may_be_empty: bool = False
    """An empty list is a choice of its own, not an empty field."""
    files: bool = False
    """The values are files, looked for in `configs/` first."""


FIELDS = (
    FormField("name", "name", "Dataset name", "What"),
    FormField("version", "version", "Dataset version", "What"),
    FormField("modalities", "modalities", "Modalities", "What", examples=("chart", "table", "svg")),
    FormField(
        "sources",
        "sources",
        "Sources",
        "What",
        "One that `refresh_sources` pulled is read from its shards.",
        ("bundled", "chartmimic", "omnidocbench", "unisvg"),
    ),
    FormField("limit", "sources.limit", "Most samples per source", "What", how="each_source"),
    FormField(
        "attempts_per_sample",
        "corruption.attempts_per_sample",
        "Corrupted attempts per sample",
        "Errors",
    ),
    FormField(
        "errors",
        "corruption.errors",
        "Corruption mix: weights of 1, 2, 3, ... errors in one attempt",
        "Errors",
        "For instance `[0.4, 0.3, 0.2, 0.1]`.",
    ),
    FormField(
        "category_weights",
        "corruption.category_weights",
        "Corruption mix: weights of categories",
        "Errors",
        'For instance `{"chart": {"data_error": 3, "style_error": 1}}`.',
    ),
    FormField(
        "policies",
        "policies.names",
        "Weak policies",
        "Errors",
        "They look at each reference and give natural errors.",
        ("drift-chart", "drift-table", "drift-svg", "vtracer-mid", "vtracer-weak"),
        may_be_empty=True,
    ),
    FormField(
        "policy_files",
        "policies.files",
        "Files that define more policies",
        "Errors",
        "In `configs/`, or whole paths.",
        ("policies/qwen3-vl.toml", "policies/others.toml", "policies/targeted.toml"),
        how="extend",
        files=True,
    ),
    FormField(
        "annotators",
        "annotate.annotators",
        "Annotators",
        "Labels",
        "`structural`, or models by name; the labels are the first one's.",
        ("structural",),
    ),
    FormField(
        "annotator_files",
        "annotate.files",
        "Files that define annotators",
        "Labels",
        "In `configs/`, or whole paths.",
        ("annotators/qwen3-vl.toml", "annotators/hosted.toml"),
        files=True,
    ),
    FormField(
        "votes",
        "annotate.votes",
        "Votes",
        "Labels",
        "Annotators that must make a claim; 0 takes the first one's labels.",
    ),
    FormField(
        "pilot_samples",
        "annotate.pilot.samples",
        "Samples of each modality in the pilot",
        "Labels",
        "Models are audited on it before they judge the rest; 0 goes without.",
    ),
    FormField(
        "relabel_rounds",
        "annotate.relabel.rounds",
        "How often disputed and failed pairs are asked again",
        "Labels",
    ),
    FormField("seed", "seed", "Seed", "Run"),
    FormField("shard_size", "shard_size", "Samples a shard", "Run"),
)


def is_filled(field: FormField, wanted: object) -> bool:
    """True if a field of the form holds something that changes the settings."""
    return wanted not in (None, "", [], {}) or (field.may_be_empty and wanted == [])


def require_known(form: Mapping[str, object], fields: Collection[str]) -> None:
    """Check a form that came by Airflow's REST interface, which passes unknown fields on.

    Raises:
        ConfigError: a field is none of the form's; a run without it would be another run.
    """
    for name in form:
        if name not in fields:
            near = get_close_matches(name, fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the form has: {', '.join(fields)}"
            raise ConfigError(f"the form has no field {name!r}; {hint}")


def parameters() -> dict[str, dict[str, Any]]:
    """Arguments of Airflow's ``Param`` for every field of the form, in order."""
    form: dict[str, dict[str, Any]] = {
        "config": {
            "default": "demo",
            "type": "string",
            "title": "Configuration",
            "description_md": "A file of `configs/` without its suffix. The fields below change it; "
            "empty ones do not.",
            "section": "What",
        }
    }
    # Made once: every task reads the DAG's file, and it takes longer than all the rest of it.
    whole = BuildConfig.model_json_schema()
    for field in FIELDS:
        made = {
            "default": None,
            **_schema(field, whole),
            "title": field.title,
            "section": field.section,
        }
        if field.description:
            made["description_md"] = field.description
        if field.examples:
            made["examples"] = list(field.examples)
        form[field.name] = made
    form["dry_run"] = {
        "default": False,
        "type": "boolean",
        "title": "Dry run: print the plan and stop",
        "section": "Run",
    }
    return form


def _schema(field: FormField, whole: Mapping[str, Any]) -> dict[str, Any]:
    """JSON schema of a field's values, from that of the settings; an empty field is null."""
    if field.name == "sources":  # a list of names in the form, a table in the settings
        return {"type": ["null", "array"], "items": {"type": "string"}}
    here = whole
    for key in field.setting.split("."):
        here = _resolved(here["properties"][key], whole)
        if key == "sources":
            here = _resolved(here["additionalProperties"], whole)
    schema: dict[str, Any] = {
        key: here[key] for key in ("minimum", "maximum", "pattern") if key in here
    }
    if "exclusiveMaximum" in here:
        schema["maximum"] = here["exclusiveMaximum"] - 1
    if "items" in here:
        items = _resolved(here["items"], whole)
        schema["items"] = {key: items[key] for key in ("type", "enum") if key in items}
    return {"type": ["null", here["type"]], **schema}


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    """The schema that is meant where one refers to another or allows null beside it."""
    if "$ref" in schema:
        return whole["$defs"][schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, whole)
    return schema
