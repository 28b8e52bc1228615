"""The good request: candidates for one that the deployment accepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.cases.draft_parameters import is_allowed, is_if_match, value_in, with_parameter
from conformance.cases.good_bodies import bodied, good_bodies
from conformance.http.credentials import Credentials, Placed
from conformance.http.request_drafts import NOTHING, Draft
from spec import Contract, Direction, UnsatisfiableError
from spec.contract.parameter_codecs import ParameterCodec, parameter_codec
from spec.model.contract_model import Operation, Parameter
from spec.text.media_types import is_json
from spec.text.styles import Absent, StyleError

__all__ = ["candidates", "fuller"]

_PLACES = frozenset({"path", "query", "querystring", "headers", "cookies", "body"})
"""The keys of an example that gives more than a body (`--example`)."""


def candidates(
    contract: Contract, operation: Operation, credentials: Credentials, given: Any = NOTHING
) -> Iterator[Draft]:
    """Good requests, the most promising first: the caller's, the examples, the plainest."""
    alternatives = credentials.alternatives(contract, operation)
    base = Draft(
        method=operation.method,
        path=operation.path,
        base=operation.base_paths[0],
        credential=next(iter(alternatives), Placed()),
    )
    parts = _example_parts(operation, given)
    shown = valid = base
    for parameter in operation.inputs:
        shown = _with(contract, operation, shown, parameter, parts)
        valid = _with(contract, operation, valid, parameter, parts, valid=True)
    yield from _with_body(contract, operation, shown, parts)
    if valid != shown:
        yield from _with_body(contract, operation, valid, parts)


def fuller(contract: Contract, operation: Operation, draft: Draft) -> Iterator[Draft]:
    """The draft with every optional parameter, and with each alone: one of them may be demanded."""
    optional = [one for one in operation.inputs if not one.required]
    single = [[one] for one in optional] if len(optional) > 1 else []
    for chosen in (optional, *single) if optional else ():
        grown = draft
        for parameter in chosen:
            way = parameter_codec(contract, operation, parameter)
            if not _is_sent(draft, parameter, way):
                grown = _first(contract, grown, parameter, way, _values(contract, parameter))
        if grown is not draft:
            yield grown


def _example_parts(operation: Operation, given: Any) -> Mapping[str, Any]:
    """The caller's example is a body, or `{path, query, querystring, headers, cookies, body}`."""
    if given is NOTHING:
        return {}
    if not isinstance(given, Mapping) or not given or not set(given) <= _PLACES:
        return {"body": given}
    if operation.request_body is None or "body" in given or _names_parameters(operation, given):
        return dict(given)
    return {"body": given}


def _names_parameters(operation: Operation, given: Mapping[str, Any]) -> bool:
    """Whether every name in it is a parameter of that place: it says nothing of the body then."""
    declared = {(_example_key(one), one.name) for one in operation.inputs}
    return all(
        isinstance(names, Mapping) and names and {(place, name) for name in names} <= declared
        for place, names in given.items()
    )


def _example_key(parameter: Parameter) -> str:
    return {"header": "headers", "cookie": "cookies"}.get(parameter.location, parameter.location)


def _with(
    contract: Contract,
    operation: Operation,
    draft: Draft,
    parameter: Parameter,
    parts: Mapping[str, Any],
    *,
    valid: bool = False,
) -> Draft:
    """The draft with the caller's value of the parameter, or one that is demanded.

    An example of the contract may break a `format`; what is `valid` keeps it.
    """
    given = parts.get(_example_key(parameter), {})
    way = parameter_codec(contract, operation, parameter)
    if isinstance(given, Mapping) and parameter.name in given:
        return with_parameter(draft, parameter, way, given[parameter.name])
    if not parameter.required:
        return draft
    values = list(_values(contract, parameter))
    if valid:
        values.sort(key=lambda one: not is_allowed(contract, parameter, one))
    return _first(contract, draft, parameter, way, values)


def _first(
    contract: Contract,
    draft: Draft,
    parameter: Parameter,
    way: ParameterCodec,
    values: Iterable[Any],
) -> Draft:
    """The draft with the first of the values of the parameter that can be written."""
    in_path, unwritten = parameter.location == "path", list[Draft]()
    for value in values:
        if unwritten and not is_allowed(contract, parameter, value):
            continue
        try:
            found = with_parameter(draft, parameter, way, value)
        except StyleError:
            continue
        # No path of the contract has an empty segment: what it asks for is another resource.
        written = found.segments[parameter.name] if in_path else _is_sent(found, parameter, way)
        if written:
            return found
        # Null, or an object without properties: nothing is sent, and something may be demanded.
        unwritten.append(draft if in_path else found)
    return unwritten[0] if unwritten else draft


def _is_sent(draft: Draft, parameter: Parameter, way: ParameterCodec) -> bool:
    return not isinstance(value_in(draft, parameter, way), Absent)


def _values(contract: Contract, parameter: Parameter) -> Iterator[Any]:
    if is_if_match(parameter) and is_allowed(contract, parameter, "*"):
        # Every version matches it (RFC 9110 section 13.1.1); the tag of an example is an old one.
        yield "*"
    content = parameter.content.examples if parameter.content else ()
    yield from (example.value for example in (*parameter.examples, *content))
    schema = parameter.value_schema
    if schema is None:
        yield "x"
        return
    try:
        yield contract.sample(schema, Direction.REQUEST)
    except UnsatisfiableError:
        yield "x"
    # A type that nobody knows, `int` perhaps: a digit is good as a number and as a text.
    yield "1"
    yield {"x": "1"}


def _with_body(
    contract: Contract, operation: Operation, base: Draft, parts: Mapping[str, Any]
) -> Iterator[Draft]:
    body = operation.request_body
    if body is None:
        yield base
        return
    # JSON first: of it most is known, and the cases of bodies are made of it.
    content = sorted(body.content, key=lambda one: not is_json(one.name))
    if "body" in parts and content:
        yield bodied(contract, base, content[0], parts["body"])
    for media_type in content:
        yield from good_bodies(contract, base, media_type)
    # Last, since a request without its optional body shows nothing of the body.
    if not body.required:
        yield base
