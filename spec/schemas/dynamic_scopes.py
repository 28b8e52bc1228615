"""What `$dynamicRef` leads to depends on the schemas that were passed on the way.

That way is the *scope*: what each dynamic anchor means there, the outermost schema that has it
(JSON Schema Core section 8.2.3.2). A schema is translated once for each scope that it is used in,
so that generics become plain schemas and the result knows `$ref` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from spec.model.pointers import join, split

__all__ = ["DynamicAnchors", "Scope", "Scopes", "pointer_of"]

Scope: TypeAlias = tuple[tuple[str, str], ...]
"""Dynamic anchors with the pointers of the schemas that they mean."""
DynamicAnchors: TypeAlias = Mapping[str, Mapping[str, str]]
"""The dynamic anchors of every schema resource, both by their pointers."""

_MARK = "~@"
"""Between a pointer and the number of its scope; in a pointer, 0 or 1 follows each tilde."""
_MOST = 1000
"""A contract with more ways through its generics than that gets the nearest anchor instead."""


def pointer_of(entry: str) -> str:
    """The pointer of a schema, without the scope that it is used in."""
    return entry.partition(_MARK)[0]


@dataclass(slots=True, kw_only=True)
class Scopes:
    """Names schemas by their pointers and scopes; without dynamic anchors, by pointers alone.

    `find` gives the value at a pointer, or None.
    """

    anchors: DynamicAnchors
    find: Callable[[str], Any]
    _scopes: list[Scope] = field(default_factory=lambda: [()])
    _numbers: dict[Scope, int] = field(default_factory=lambda: {(): 0})
    _resources: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self._resources = {id(self.find(pointer)): pointer for pointer in self.anchors}

    def of(self, entry: str) -> Scope:
        """The scope of an entry."""
        return self._scopes[int(entry.partition(_MARK)[2] or 0)]

    def entry(self, pointer: str, scope: Scope = ()) -> str:
        """The name of a schema that is referred to from a scope."""
        if not self.anchors:
            return pointer
        tokens = split(pointer)
        above = (join("#", *tokens[:length]) for length in range(len(tokens), 0, -1))
        resource = next((one for one in above if one in self.anchors), "")
        number = self._numbers[self._entered(resource, scope)]
        return f"{pointer}{_MARK}{number}" if number else pointer

    def inside(self, value: Any, scope: Scope) -> Scope:
        """The scope inside a schema that stands in another one: its own `$id` begins a new one."""
        resource = self._resources.get(id(value)) if self.anchors else None
        return scope if resource is None else self._entered(resource, scope)

    def meant(self, target: str, scope: Scope) -> str:
        """The pointer that a `$dynamicRef` means, from the one that it has without a scope."""
        found = self.find(target)
        anchor = found.get("$dynamicAnchor") if isinstance(found, dict) else None
        return dict(scope).get(str(anchor), target)

    def _entered(self, resource: str, scope: Scope) -> Scope:
        """The scope inside of a resource: its anchors, where nothing further out has the name."""
        own = self.anchors.get(resource, {})
        entered = tuple(sorted({**own, **dict(scope)}.items()))
        if entered not in self._numbers:
            if len(self._scopes) >= _MOST:
                return scope
            self._numbers[entered] = len(self._scopes)
            self._scopes.append(entered)
        return entered
