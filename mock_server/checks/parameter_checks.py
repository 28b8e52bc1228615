"""Parameters of an operation: decoded by their style, judged by their schema, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.checks.large_values import explained
from mock_server.checks.path_splits import splits
from mock_server.checks.query_string_checks import QueryStringCheck, compile_query_string
from mock_server.model.definitions import definition
from mock_server.model.problems import Breach
from mock_server.model.request import Request
from spec import Contract, Direction, Operation, Parameter, Schema, Violation
from spec.text.pairs import (
    Pairs,
    is_well_formed,
    split_cookies,
    split_query,
)
from spec.text.styles import (
    Absent,
    Codec,
    StyleError,
    codec,
)

__all__ = ["ParameterCheck", "compile_parameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ParameterCheck:
    codec: Codec
    place: str
    name: str
    required: bool
    is_valid: Callable[[Any], bool]
    violations: Callable[[Any], Sequence[Violation]]

    def check(self, pairs: Pairs, values: dict[str, Any]) -> Iterable[Breach]:
        try:
            value = self.codec.decode(pairs)
        except StyleError as error:
            return [self._breach("style", str(error))]
        if isinstance(value, Absent):
            is_missing = self.required and value is Absent.ABSENT
            return [self._breach("required", "is missing")] if is_missing else ()
        # Kept before it is judged: an answer may quote what was sent, however wrong it is.
        values[self.name.lower() if self.place == "header" else self.name] = value
        if not self._is_readable(pairs):
            return [self._breach("encoding", "is not percent-encoded UTF-8")]
        if self.is_valid(value):
            return ()
        return [
            self._breach(v.keyword, v.message, v.pointer) for v in explained(value, self.violations)
        ]

    def _is_readable(self, pairs: Pairs) -> bool:
        # Header fields are not percent-encoded, and in a cookie a lone `%` is usual.
        if self.place not in ("path", "query"):
            return True
        return all(is_well_formed(raw) for name, raw in pairs if name == self.name)

    def _breach(self, keyword: str, message: str, pointer: str = "") -> Breach:
        return Breach(
            place=self.place, name=self.name, keyword=keyword, message=message, pointer=pointer
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCheck:
    """The checks of an operation's parameters by the place where they travel."""

    by_place: Mapping[str, tuple[_ParameterCheck, ...]]
    template: str
    query_string: QueryStringCheck | None = None

    def check(self, request: Request) -> list[Breach]:
        """Everything that is wrong with the parameters; what could be decoded is kept."""
        breaches: list[Breach] = []
        for place in self.by_place:
            found = self._checked(request, place)
            if found and place == "path":
                found = self._of_another_split(request, found)
            breaches.extend(found)
        if self.query_string is not None:
            breaches.extend(self.query_string.check(request.query_string))
        return breaches

    def _checked(self, request: Request, place: str) -> list[Breach]:
        pairs, values = _PAIRS[place](request), request.decoded(place)
        return [breach for one in self.by_place[place] for breach in one.check(pairs, values)]

    def _of_another_split(self, request: Request, breaches: list[Breach]) -> list[Breach]:
        """Nothing, where the path divides in another way that breaks nothing."""
        first = request.path_parameters
        for other in splits(self.template, first):
            request.path_parameters = other
            if not self._checked(request, "path"):
                return []
        # As it was: the refusal speaks of the way that the router took, and answers quote its
        # values.
        request.path_parameters = first
        self._checked(request, "path")
        return breaches


def compile_parameters(
    operation: Operation, in_path: Collection[str], contract: Contract
) -> ParameterCheck | None:
    """The checks of an operation's parameters; None where it has none.

    `in_path` are the names in its path: a path parameter that is not among them can never be
    sent, so that it is not asked for.
    """
    sent = [
        one
        for one in operation.parameters
        if not (one.location == "path" and one.name not in in_path)
    ]
    places: dict[str, None] = dict.fromkeys(one.location for one in sent)
    checks = {
        place: tuple(
            _compiled(one, [other.name for other in sent if other.location == place], contract)
            for one in sent
            if one.location == place
        )
        for place in places
    }
    whole = operation.query_string
    if not checks and whole is None:
        return None
    return ParameterCheck(
        by_place=checks,
        template=operation.path,
        query_string=(
            compile_query_string(whole, whole.content, contract)
            if whole and whole.content
            else None
        ),
    )


def _compiled(parameter: Parameter, siblings: list[str], contract: Contract) -> _ParameterCheck:
    schema = parameter.value_schema
    schema = definition(schema, contract) if schema else None

    def resolve(one: Schema) -> Any:
        return contract.standalone(definition(one, contract), Direction.REQUEST)

    def violations(value: Any) -> Sequence[Violation]:
        return contract.violations(schema, Direction.REQUEST, value) if schema else ()

    return _ParameterCheck(
        codec=codec(parameter, resolve, siblings, reads_json=True),
        place=parameter.location,
        name=parameter.name,
        required=parameter.required,
        is_valid=(
            contract.validator(schema, Direction.REQUEST).is_valid
            if schema
            else lambda _value: True
        ),
        violations=violations,
    )


def _path_pairs(request: Request) -> Pairs:
    return tuple(request.path_parameters.items())


def _query_pairs(request: Request) -> Pairs:
    return split_query(request.query_string.decode("utf-8", "replace"))


def _header_pairs(request: Request) -> Pairs:
    return [(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.fields.items()]


def _cookie_pairs(request: Request) -> Pairs:
    return split_cookies(request.fields.get(b"cookie", b"").decode("utf-8", "replace"))


_PAIRS: Mapping[str, Callable[[Request], Pairs]] = {
    "path": _path_pairs,
    "query": _query_pairs,
    "header": _header_pairs,
    "cookie": _cookie_pairs,
}
