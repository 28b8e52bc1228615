"""The names that a discriminator knows: what its property may say beside `oneOf` or `anyOf`.

The sentence that decides is that of OpenAPI 3.0.0 to 3.2.0, Discriminator Object: "If the
discriminating value does not match an implicit or explicit mapping, no schema can be determined
and validation SHOULD fail." Since 3.0.4 it stands beside "MUST NOT change the validation outcome",
so names are known only where nothing in the schemas leaves another one open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spec.model.pointers import split

__all__ = ["known_names"]

_UNIONS = ("oneOf", "anyOf")
_OPEN_ENDED = frozenset({"pattern", "format", "not", "if", "$dynamicRef"})
"""Keywords by which a schema tells names apart that it does not list."""
_DEEPEST = 16


def known_names(
    schema: Mapping[str, Any], target: Callable[[str], str], found: Callable[[str], Any]
) -> tuple[str, ...] | None:
    """The names that the alternatives of a schema may have; None where they cannot be listed.

    Those are the keys of `mapping`, the alternatives' own names (they stay good beside a mapping),
    and what the alternatives' schemas of the property list or give as an example. `defaultMapping`
    (OpenAPI 3.2) takes every other name, and an alternative that stands in place has none.

    `target` gives the pointer that a `$ref` means, and `found` the value there, None without one.
    """
    said = schema["discriminator"]
    tag = said.get("propertyName")
    if not isinstance(tag, str) or "defaultMapping" in said:
        return None
    names = _Names(tag=tag, target=target, found=found)
    if not names.are_of(schema, 0):
        return None
    return tuple(names.listed | names.own) or None


@dataclass(slots=True, kw_only=True)
class _Names:
    """Collects the names; a method gives False where a schema leaves them open."""

    tag: str
    target: Callable[[str], str]
    found: Callable[[str], Any]
    listed: dict[str, None] = field(default_factory=dict)
    own: dict[str, None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def are_of(self, schema: Any, depth: int) -> bool:
        """Note the names by which a schema lets an object call itself."""
        if not isinstance(schema, Mapping):
            return True
        if depth > _DEEPEST or not _OPEN_ENDED.isdisjoint(schema):
            return False
        self._note_mapping(schema.get("discriminator"))
        reference = schema.get("$ref")
        if isinstance(reference, str) and not self._are_of_target(reference, depth):
            return False
        properties = schema.get("properties")
        said = properties.get(self.tag) if isinstance(properties, Mapping) else None
        if said is not None and not self._are_values_of(said, depth):
            return False
        parts = [(one, False) for one in _listed(schema, "allOf")]
        parts += [(one, True) for keyword in _UNIONS for one in _listed(schema, keyword)]
        return all(self._are_of_part(one, must_name, depth) for one, must_name in parts)

    def _note_mapping(self, discriminator: Any) -> None:
        if isinstance(discriminator, Mapping) and discriminator.get("propertyName") == self.tag:
            mapping = discriminator.get("mapping")
            if isinstance(mapping, Mapping):
                self.listed |= dict.fromkeys(map(str, mapping))

    def _are_of_target(self, reference: str, depth: int) -> bool:
        pointer = self.target(reference)
        if pointer in self.seen:
            return True
        self.seen.add(pointer)
        return self.are_of(self.found(pointer), depth + 1)

    def _are_of_part(self, part: Any, must_name: bool, depth: int) -> bool:
        before = len(self.listed)
        if must_name and (name := self._component(part)):
            self.own[name] = None
            return self.are_of(part, depth + 1)
        # Only a component has a name of its own: any other alternative has to list one.
        return self.are_of(part, depth + 1) and not (must_name and before == len(self.listed))

    def _component(self, part: Any) -> str:
        """The name of the component that an alternative refers to; "" where it is none."""
        reference = part.get("$ref") if isinstance(part, Mapping) else None
        tokens = split(self.target(reference)) if isinstance(reference, str) else []
        return tokens[-1] if tokens[-2:-1] == ["schemas"] else ""

    def _are_values_of(self, schema: Any, depth: int) -> bool:
        """Note what a schema of the property itself lists."""
        if not isinstance(schema, Mapping):
            return True
        if depth > _DEEPEST or not _OPEN_ENDED.isdisjoint(schema):
            return False
        values = [schema[key] for key in ("const", "default", "example") if key in schema]
        values += [one for key in ("enum", "examples") for one in _listed(schema, key)]
        self.listed |= dict.fromkeys(one for one in values if isinstance(one, str))
        parts = [one for key in ("allOf", *_UNIONS) for one in _listed(schema, key)]
        if isinstance(schema.get("$ref"), str):
            parts.append(self.found(self.target(schema["$ref"])))
        return all(self._are_values_of(one, depth + 1) for one in parts)


def _listed(schema: Mapping[str, Any], key: str) -> list[Any]:
    written = schema.get(key)
    return written if isinstance(written, list) else []
