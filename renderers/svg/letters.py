"""Draws letters that the chosen font lacks in another font, as browsers do."""

from __future__ import annotations

from typing import Any

import cairocffi as cairo

FALLBACKS = ("Noto Sans CJK SC", "DejaVu Sans")
"""Families asked in turn for a letter that the chosen one does not have."""
LATIN_END = "\u0250"
"""Letters before this are in every font that is installed."""


class PlainOptions:
    """Options of letters of an element that asks for none: what is set is what holds anyway."""

    def set_antialias(self, antialias: int) -> None: ...

    def set_hint_style(self, hint_style: int) -> None: ...

    def set_hint_metrics(self, hint_metrics: int) -> None: ...


PLAIN = PlainOptions()


class Lettering(cairo.Context):  # type: ignore[misc]
    """A context that shows no empty box for a letter that some font has."""

    def text_extents(self, text: str) -> tuple[float, ...]:
        with _Covering(self, text):
            return tuple(super().text_extents(text))

    def show_text(self, text: str) -> None:
        with _Covering(self, text):
            super().show_text(text)

    def set_font_options(self, options: Any) -> None:
        if options is not PLAIN:
            super().set_font_options(options)

    def lacks(self, text: str) -> bool:
        """True if the current font has no glyph for some letter."""
        glyphs = self.get_scaled_font().text_to_glyphs(0, 0, text, with_clusters=False)
        return any(glyph[0] == 0 for glyph in glyphs)


class _Covering:
    """Selects a font that has all letters of a text, inside the ``with`` block."""

    def __init__(self, context: Lettering, text: str) -> None:
        self.context, self.text = context, text
        self.before: Any = None

    def __enter__(self) -> None:
        context, text = self.context, self.text.strip()
        if not text or max(text) < LATIN_END or not context.lacks(text):
            return
        self.before = face = context.get_font_face()
        for family in FALLBACKS:
            context.select_font_face(family, face.get_slant(), face.get_weight())
            if not context.lacks(text):
                return
        context.set_font_face(face)

    def __exit__(self, *error: object) -> None:
        if self.before is not None:
            self.context.set_font_face(self.before)
