"""A key for caches of what is read from an object, such as the scene of a reference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Same:
    """Holds an object, and is equal only to what holds the same one.

    Scenes and pictures cannot be hashed. As long as a cache holds the key, the object lives, so no other
    one takes its place.
    """

    held: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.held is other.held

    def __hash__(self) -> int:
        return id(self.held)
