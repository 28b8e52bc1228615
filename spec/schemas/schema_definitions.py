"""The schemas of a contract by name, each of them once, however many others refer to it.

Where nothing in a schema, or in what it refers to, depends on the direction of a message, one
definition serves both; else there is one for each.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from spec.model.contract_model import Direction
from spec.model.pointers import join
from spec.schemas.combining import Combinations, asked
from spec.schemas.dialect import Translator
from spec.schemas.dynamic_scopes import pointer_of
from spec.schemas.translated import (
    DIALECT,
    JsonSchema,
    Standalone,
    named_schema,
    plain_name,
    references,
)

__all__ = ["Definitions"]

_KEPT = 20_000
"""How many parts the self-contained schemas that are kept may have in all."""


@dataclass(slots=True, kw_only=True)
class Definitions:
    """Names the schemas of one document, and makes self-contained ones of them.

    A schema's pointer is here its entry in the translator's `scopes`.
    """

    translator: Translator
    combinations: Combinations
    _differs: dict[str, bool] = field(default_factory=dict)
    _below: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _names: dict[tuple[str, Direction | None], str] = field(default_factory=dict)
    _pointers: dict[str, str] = field(default_factory=dict)
    _taken: Counter[str] = field(default_factory=Counter)
    _schemas: dict[str, JsonSchema] = field(default_factory=dict)
    _standalone: OrderedDict[tuple[str, Direction], Standalone] = field(default_factory=OrderedDict)
    _kept: int = 0

    def add(self, pointers: Iterable[str]) -> None:
        """Learn what the schemas at these pointers, and all below them, refer to."""
        users: dict[str, list[str]] = {}
        pending = [one for one in pointers if one not in self._below]
        added: list[str] = []
        while pending:
            pointer = pending.pop()
            if pointer in self._below:
                continue
            self._differs[pointer] = self.translator.differs(pointer)
            part = self.translator.part(pointer, Direction.RESPONSE)
            self._below[pointer] = below = tuple(dict.fromkeys(references(part)))
            added.append(pointer)
            for target in below:
                users.setdefault(target, []).append(pointer)
                pending.append(target)
        # What refers to a definition that differs, differs as well; each is marked once.
        marked = [one for one in (*added, *users) if self._differs[one]]
        while marked:
            for user in users.get(marked.pop(), ()):
                if not self._differs[user]:
                    self._differs[user] = True
                    marked.append(user)

    def name(self, pointer: str, direction: Direction) -> str:
        """The name of the definition for a schema and a direction."""
        if pointer not in self._below:
            self.add([pointer])
        side = direction if self._differs[pointer] else None
        name = self._names.get((pointer, side))
        if name is None:
            base = plain_name(pointer)
            if side is Direction.REQUEST:
                base += ".request"
            self._taken[base] += 1
            number = self._taken[base]
            name = base if number == 1 else f"{base}_{number}"
            self._names[(pointer, side)], self._pointers[name] = name, pointer_of(pointer)
        return name

    def schema(self, pointer: str, direction: Direction) -> JsonSchema:
        """The definition itself; its references are `#/$defs/NAME`."""
        name = self.name(pointer, direction)
        if name not in self._schemas:
            part = self.combinations.bounded(pointer, self.translator.part(pointer, direction))
            self._schemas[name] = named_schema(part, lambda one: self.name(one, direction))
        return self._schemas[name]

    def replace(self, name: str, schema: JsonSchema) -> None:
        """Put another schema in the place of one that cannot be compiled."""
        self._schemas[name] = schema

    def closure(self, pointers: Iterable[str]) -> list[str]:
        """The pointers and all that they refer to, each once."""
        pending = list(pointers)
        self.add(pending)
        seen: dict[str, None] = {}
        while pending:
            current = pending.pop()
            if current not in seen:
                seen[current] = None
                pending.extend(reversed(self._below[current]))
        return list(seen)

    def unseen(
        self, pointers: Iterable[str], direction: Direction, seen: set[str]
    ) -> Iterator[str]:
        """The pointers and all that they refer to, but for definitions that were `seen`."""
        pending = list(pointers)
        while pending:
            current = pending.pop()
            name = self.name(current, direction)
            if name not in seen:
                seen.add(name)
                yield current
                pending.extend(self._below[current])

    def standalone(self, pointer: str, direction: Direction) -> Standalone:
        """The schema at a pointer with everything that it refers to; the parts are shared."""
        key = (pointer, direction)
        found = self._standalone.get(key)
        if found is None:
            closure = self.closure([pointer])
            found = self._standalone[key] = self._assembled(pointer, direction, closure)
            self._kept += len(found.origins)
            # What a self-contained schema holds grows with all that it refers to, times the schemas
            # that are asked for.
            while self._kept > _KEPT and len(self._standalone) > 1:
                self._kept -= len(self._standalone.popitem(last=False)[1].origins)
        else:
            self._standalone.move_to_end(key)
        return found

    def alone(self, pointer: str, direction: Direction) -> Standalone:
        """The schema at a pointer with what is said of the same value; all else is left open.

        Its size is that of the schema, whatever its properties and items refer to.
        """
        near: dict[str, None] = {}
        waiting = [pointer]
        while waiting:
            current = waiting.pop()
            if current not in near:
                near[current] = None
                waiting.extend(asked(self.translator.part(current, direction)))
        return self._assembled(pointer, direction, list(near), opened=True)

    def _assembled(
        self,
        pointer: str,
        direction: Direction,
        closure: Sequence[str],
        *,
        opened: bool = False,
    ) -> Standalone:
        below = [one for one in closure if one != pointer]
        own = self.schema(pointer, direction)
        # What refers back to the schema needs a name for it; the root itself has none.
        if any(pointer in self._below[one] for one in (pointer, *below)):
            below.insert(0, pointer)
            own = {"$ref": f"#/$defs/{self.name(pointer, direction)}"}
        schema: dict[str, Any] = {"$schema": DIALECT}
        schema.update(own if isinstance(own, dict) else {} if own else {"not": {}})
        named = {self.name(one, direction): one for one in below}
        if named:
            schema["$defs"] = {name: self.schema(one, direction) for name, one in named.items()}
        # What is left open must still be there, since a reference to nothing does not compile.
        if opened:
            schema["$defs"] = {
                **{self.name(t, direction): True for one in closure for t in self._below[one]},
                **schema.get("$defs", {}),
            }
        origins = {name: pointer_of(one) for name, one in named.items()}
        return Standalone(schema=schema, origins={"": pointer_of(pointer), **origins})

    def origin(self, name: str, path: Iterable[str | int]) -> str:
        """The contract's pointer for a path into a definition."""
        return join(self._pointers[name], *path)
