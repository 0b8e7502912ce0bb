"""Renderers that are held for the whole process."""

from __future__ import annotations

import pytest

from records.errors import RendererUnavailable
from records.taxonomy import Modality
from renderers import registry


class Fake:
    """Says what becomes of it."""

    def __init__(self, modality: Modality, said: list[str]) -> None:
        self.modality = modality
        self.said = said

    def __enter__(self) -> Fake:
        self.said.append(f"open {self.modality}")
        return self

    def __exit__(self, *_: object) -> None:
        self.said.append(f"close {self.modality}")
        if self.modality is Modality.TABLE:
            raise RendererUnavailable("it does not end")


def test_one_that_fails_to_close_leaves_no_other_open(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(registry, "_held", {})
    monkeypatch.setattr(registry, "open_renderer", lambda modality, _: Fake(modality, said))
    for modality in (*Modality, *Modality):
        registry.held_renderer(modality)
    assert said == [f"open {modality}" for modality in Modality]
    with pytest.raises(RendererUnavailable, match="does not end"):
        registry.close_held()
    assert sorted(said[3:]) == sorted(f"close {modality}" for modality in Modality)
    registry.close_held()
    assert len(said) == 6
