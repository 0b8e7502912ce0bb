"""Properties of SVG elements as they are written: attributes, ``style=""``, rules of ``<style>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corruptors.markup.elements import Attribute, MarkupElement, MarkupProgram, quoted
from records.edits import Edit


@dataclass(frozen=True, slots=True)
class Declaration:
    """One property as it is set."""

    name: str
    value: str
    value_start: int
    value_end: int
    start: int
    """With what separates it from its neighbors: deleting start..end leaves a legal text."""
    end: int
    attribute: Attribute | None = None
    """The attribute it is, where it is one."""

    def replaced(self, value: str) -> Edit:
        if self.attribute is not None:
            return self.attribute.replaced(quoted(value))
        return Edit(self.value_start, self.value_end, value)

    def removed(self) -> Edit:
        return Edit(self.start, self.end, "")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a style sheet; selectors other than ``tag#id.class`` never hold."""

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]

    def weight(self, element: MarkupElement) -> int:
        """How strongly the rule holds for an element; 0 if it does not."""
        return max((_weight(selector, element) for selector in self.selectors), default=0)


def rules_of(program: MarkupProgram) -> tuple[Rule, ...]:
    """The rules of all ``<style>`` elements, those within ``@media`` too."""
    rules = []
    for style in program.named("style"):
        css = _NO_RULE.sub(lambda found: " " * len(found[0]), program.inner(style))
        for found in re.finditer(r"([^{}]+)\{([^{}]*)\}", css):
            selectors = tuple(part.strip() for part in found[1].split(","))
            at = style.inner_start + found.start(2)
            rules.append(Rule(selectors, tuple(declarations(at, found[2]))))
    return tuple(rules)


def declarations(at: int, css: str) -> Iterator[Declaration]:
    """Declarations of a style attribute, or of the inside of a rule, that starts at ``at``.

    >>> [(one.name, one.value, one.value_start) for one in declarations(5, "a:b;c : d")]
    [('a', 'b', 7), ('c', 'd', 13)]
    """
    for found in _DECLARATION.finditer(css):
        value = found[2].rstrip()
        start = at + found.start(2)
        end = start + len(value)
        yield Declaration(found[1].lower(), value, start, end, at + found.start(), at + found.end())


def as_declaration(attribute: Attribute) -> Declaration:
    """A presentation attribute, seen as the property it sets."""
    value = attribute.value, attribute.value_start, attribute.value_end
    return Declaration(attribute.name, *value, attribute.start, attribute.end, attribute)


def _weight(selector: str, element: MarkupElement) -> int:
    found = _SELECTOR.fullmatch(selector)
    if found is None or not selector:
        return 0
    tag, name, classes = found["tag"], found["id"], found["classes"].split(".")[1:]
    if tag not in (None, "*", element.name) or (name and name != element.attribute("id")):
        return 0
    if not set(classes) <= set(element.attribute("class").split()):
        return 0
    return 1 + (tag not in (None, "*")) + 10 * len(classes) + 100 * bool(name)


# Comments, and the marks that hide a style sheet from XML.
_NO_RULE = re.compile(r"/\*.*?\*/|<!\[CDATA\[|\]\]>|<!--|-->", re.DOTALL)
# A value may hold url(...), a character reference or a quoted name with a semicolon in it.
_DECLARATION = re.compile(
    r"""([-\w]+)\s*:\s*((?:url\([^)]*\)|"[^"]*"|'[^']*'|&[^;\s]{1,9};|[^;"'])+);?\s*"""
)
_SELECTOR = re.compile(r"(?P<tag>\*|[\w-]+)?(?:#(?P<id>[\w-]+))?(?P<classes>(?:\.[\w-]+)*)")
