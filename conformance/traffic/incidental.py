"""Clauses that ordinary exchanges happen to show as held; none is judged broken here.

A run sends a request of its own for each of them. In traffic they come by chance: a query parameter
that the contract does not know, a property that one request has and another one lacks, a good
request after a refused one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.cases.edge_values import USUAL
from conformance.clauses.ids import body_prefix, clause_id, node_clause
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import expand, get
from conformance.http.exchange import Request
from conformance.judgement.json_answers import read_json
from conformance.traffic.exchanges import Seen
from spec import Contract
from spec.model.contract_model import Operation, Schema
from spec.text.media_types import is_json, parse
from spec.text.pairs import BROKEN_ESCAPE

__all__ = ["Incidental"]

_AGAIN = 3
"""Successes of one request after which it is steady."""
_MOST_REQUESTS = 10_000
"""Different requests of one operation that are counted: a recording may have any number."""
_CONDITIONAL = frozenset(
    {"if-none-match", "if-match", "if-modified-since", "if-unmodified-since", "range", "expect"}
)
_OVERSIZED = 16_384
"""Characters of a header that servers may refuse for their number."""
_SPELLED = re.compile(rb"\\[u/]|\n")
"""What JSON texts have that were not written by the usual serialiser: escapes, lines."""


@dataclass(slots=True)
class _History:
    """What was seen of one operation. `presence` has a clause with whether it was sent."""

    succeeded: bool = False
    refused: bool = False
    presence: set[tuple[str, bool]] = field(default_factory=set)
    requests: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Incidental:
    """Looks at exchanges in their order. `clauses` are the ids that the contract has."""

    contract: Contract
    clauses: Collection[str]
    _of: dict[str, _History] = field(default_factory=dict)

    def shown(
        self, operation: Operation, seen: Seen, *, good: bool, has_credential: bool
    ) -> Iterator[str]:
        """The clauses that an exchange shows to be held.

        Args:
            operation: what it means.
            seen: the exchange.
            good: whether the contract allows the request.
            has_credential: whether anything stands where a credential is wanted.
        """
        history = self._of.setdefault(operation.id, _History())
        found = list(self._any(operation, seen))
        if operation.secured and seen.answer.status == 401:
            history.refused = True
            found += _unauthorized(
                seen.request,
                history,
                has_credential=has_credential,
                only_http=self._only_http(operation),
            )
        elif seen.answer.success and good:
            found += self._accepted(operation, seen, history)
        elif 400 <= seen.answer.status < 500 and not good:
            history.refused = True
        for local in found:
            if (clause := clause_id(operation.id, local)) in self.clauses:
                yield clause

    def undeclared_method(self, operation: Operation, seen: Seen) -> Iterator[str]:
        """The same for a method that the path of an operation does not declare."""
        beside = {one.method for one in self.contract.operations if one.path == operation.path}
        allowed = {name.strip() for name in (seen.answer.header("allow") or "").split(",")}
        found = []
        if seen.answer.status in (404, 405):
            found.append("methods.undeclared")
        if seen.answer.status == 405 and beside <= allowed and seen.request.method not in allowed:
            found.append("methods.allow")
        for one in self.contract.operations:
            for local in found if one.path == operation.path else ():
                if (clause := clause_id(one.id, local)) in self.clauses:
                    yield clause

    def _only_http(self, operation: Operation) -> bool:
        """Whether all its credentials have a scheme before them, as `Authorization` has it."""
        schemes = self.contract.security_schemes
        names = {name for one in operation.security for name in one.schemes}
        return all(name in schemes and schemes[name].type == "http" for name in names)

    def _any(self, operation: Operation, seen: Seen) -> Iterator[str]:
        """What an answer of any kind shows, as long as the server has not failed."""
        if seen.answer.status >= 500:
            return
        names = {name.lower() for name, _ in seen.request.headers}
        if names & _CONDITIONAL:
            yield "http.conditional"
        if BROKEN_ESCAPE.search(seen.request.target):
            yield "http.escapes"
        if any(len(value) >= _OVERSIZED for _, value in seen.request.headers):
            yield "http.headers"
        if _is_impossible(operation, seen.request):
            yield "accept.other"
        if seen.request.body and seen.body_known and "content-type" not in names:
            yield "media.absent"

    def _accepted(self, operation: Operation, seen: Seen, history: _History) -> Iterator[str]:
        yield from _of_accepted(operation, seen.request)
        if history.refused:
            yield "steady.after-bad"
        history.succeeded = True
        if seen.body_known:
            yield from self._repeated(seen.request, history)
            yield from self._of_body(operation, seen.request, history)

    def _repeated(self, request: Request, history: _History) -> Iterator[str]:
        # The hash alone: keeping the bodies would hold the whole recording.
        key = hash((request.target, request.body, request.header("content-type")))
        if key in history.requests or len(history.requests) < _MOST_REQUESTS:
            history.requests[key] += 1
        if history.requests[key] >= _AGAIN:
            yield "steady.repeated"

    def _of_body(self, operation: Operation, request: Request, history: _History) -> Iterator[str]:
        """Properties that may be left out, unknown ones, and texts of other scripts."""
        sent = parse(request.header("content-type"))
        declared = operation.request_content
        media_type = next((one for one in declared if sent and one.name == sent.essence), None)
        if media_type is None or media_type.schema is None or not is_json(media_type.name):
            return
        body = read_json(request.body or b"")
        if body.problem:
            return
        prefix = body_prefix(media_type.name)
        places = nodes(self.contract, media_type.schema)
        for node in places:
            for path in expand(body.value, node.steps):
                for keyword in _shown_by(node, get(body.value, path), places):
                    yield node_clause(prefix, node.name, keyword)
            clause = node_clause(prefix, node.name, "optional")
            history.presence |= {(clause, one) for one in _presence(body.value, node)}
            if {(clause, True), (clause, False)} <= history.presence:
                yield clause


def _unauthorized(
    request: Request, history: _History, *, has_credential: bool, only_http: bool
) -> Iterator[str]:
    if not has_credential and history.succeeded:
        yield "security.again"
    sent = (request.header("authorization") or "").strip()
    if sent and " " not in sent and only_http:
        yield "security.malformed"  # a scheme without a credential, or none of a scheme


def _of_accepted(operation: Operation, request: Request) -> Iterator[str]:
    """What the form of a request shows that was accepted."""
    _, _, query = request.target.partition("?")
    known = {one.name for one in operation.parameters if one.location == "query"}
    plain = operation.query_string is None and not any(
        # The members of an object may have names of their own (`deepObject`, `form`).
        one.location == "query" and _may_be_object(one.value_schema)
        for one in operation.parameters
    )
    sent = {pair.partition("=")[0] for pair in query.split("&") if pair}
    if plain and sent - known:
        yield "http.query"
    media = request.header("content-type") or ""
    if media and (media != media.lower() or "charset" in media.lower()):
        yield "media.spelling"
    if re.search(r"[\w.+-]/\*", request.header("accept") or ""):
        yield "accept.range"
    if re.fullmatch(r"[a-z]+ .+", request.header("authorization") or ""):
        yield "security.scheme-case"
    if (request.header("transfer-encoding") or "").lower() == "chunked":
        yield "body.syntax.transfer"
    if is_json(media) and _SPELLED.search(request.body or b""):
        yield "body.syntax.spelling"


def _may_be_object(schema: Schema | None) -> bool:
    value = schema.value if schema else {}
    return not isinstance(value, dict) or value.get("type") in (None, "object")


def _is_impossible(operation: Operation, request: Request) -> bool:
    """Whether `Accept` names no range, and nothing that the operation can answer."""
    accepted = request.header("accept") or ""
    names = {text.partition(";")[0].strip().lower() for text in accepted.split(",")}
    documented = {one.name for each in operation.responses for one in each.content}
    return bool(accepted) and not any("*" in name or name in documented for name in names)


def _shown_by(node: SchemaNode, value: Any, places: Collection[SchemaNode]) -> Iterator[str]:
    if value is None:
        yield "nullable"
    yield from _free(value)
    if isinstance(value, dict):
        known = {
            str(name)
            for one in places
            if one.steps == node.steps
            for name in one.keywords.get("properties", ())
        }
        if value.keys() - known:
            yield "unknown"


def _free(value: Any) -> Iterator[str]:
    """The kinds of values that nothing forbids, where the value is one of them."""
    if isinstance(value, str):
        if not value.isascii():
            yield "free"
        if not value:
            yield "empty"
        if len(value) >= USUAL[0]:
            yield "long"
    elif isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            yield "small"
        if value >= 2**31 - 1:
            yield "large"


def _presence(value: Any, node: SchemaNode) -> Iterator[bool]:
    """Whether the property that a node is was sent, at each object that could have it."""
    if not node.steps or not isinstance(node.steps[-1], str):
        return
    for path in expand(value, node.steps[:-1]):
        parent = get(value, path)
        if isinstance(parent, dict):
            yield node.steps[-1] in parent
