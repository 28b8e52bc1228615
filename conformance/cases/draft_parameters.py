"""Parameters on a draft: set, replaced, left out, in whatever style the contract has."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.value_paths import DROP
from conformance.http.request_drafts import Draft
from spec import Contract, Direction, UnsatisfiableError
from spec.contract.parameter_codecs import ParameterCodec
from spec.model.contract_model import Parameter, Schema
from spec.schemas.shapes import shape_of
from spec.text.query_strings import QueryStringCodec
from spec.text.styles import Absent, StyleError

__all__ = [
    "allows",
    "good_value",
    "is_allowed",
    "is_if_match",
    "is_left_empty",
    "pairs_of",
    "read_back",
    "stands_alone",
    "value_in",
    "with_parameter",
]


def with_parameter(draft: Draft, parameter: Parameter, way: ParameterCodec, value: Any) -> Draft:
    """The draft with exactly this value for the parameter; DROP leaves it out.

    Raises spec.text.styles.StyleError where the style cannot express the value.
    """
    pairs = () if value is DROP else way.encode(value)
    if parameter.location == "querystring":
        return draft.but(whole_query="".join(raw for _, raw in pairs))
    # An object's properties travel under names of their own: those of the old value go as well.
    own = {parameter.name, *(name for name, _ in (*pairs, *_sent(draft, parameter, way)))}
    if parameter.location == "path":
        text = pairs[0][1] if pairs else quote("", safe="")
        return draft.but(segments={**draft.segments, parameter.name: text})
    if parameter.location == "query":
        kept = tuple(pair for pair in draft.query if pair[0] not in own)
        return draft.but(query=(*kept, *pairs))
    if parameter.location == "cookie":
        kept = tuple(pair for pair in draft.cookies if pair[0] not in own)
        return draft.but(cookies=(*kept, *pairs))
    return draft.header(parameter.name, pairs[0][1] if pairs else None)


def read_back(way: ParameterCodec, value: Any) -> Any:
    """What a receiver makes of the value once it has travelled as text."""
    found = way.decode(way.encode(value))
    return DROP if isinstance(found, Absent) else found


def is_if_match(parameter: Parameter) -> bool:
    """Whether it says which version a change is about (RFC 9110 section 13.1.1)."""
    return parameter.location == "header" and parameter.name.lower() == "if-match"


def is_allowed(contract: Contract, parameter: Parameter, value: Any) -> bool:
    """Whether the contract allows a value in a request; any, where the parameter has no schema."""
    schema = parameter.value_schema
    return schema is None or not contract.violations(schema, Direction.REQUEST, value)


def is_left_empty(parameter: Parameter, value: Any) -> bool:
    """Whether the value is written as `name=`, which no server needs to take for an empty list.

    OpenAPI allows it by `allowEmptyValue` only (Parameter Object).
    """
    return parameter.location == "query" and not parameter.allow_empty and value in ([], {})


def _sent(draft: Draft, parameter: Parameter, way: ParameterCodec) -> tuple[tuple[str, str], ...]:
    """The pairs by which the draft sends the parameter now: an object's are of many names."""
    value = Absent.ABSENT if parameter.location == "path" else value_in(draft, parameter, way)
    try:
        return () if isinstance(value, Absent) else way.encode(value)
    except (StyleError, ValueError):
        return ()


def pairs_of(
    draft: Draft, parameter: Parameter, way: ParameterCodec
) -> tuple[tuple[str, str], ...]:
    """What the draft says under the names of a parameter of query, header or cookie."""
    own = {parameter.name, *(name for name, _ in _sent(draft, parameter, way))}
    if parameter.location == "header":
        name = parameter.name.lower()
        return tuple((name, text) for key, text in draft.headers if key.lower() == name)
    pairs = {"query": draft.query, "cookie": draft.cookies}.get(parameter.location, ())
    return tuple(pair for pair in pairs if pair[0] in own)


def value_in(draft: Draft, parameter: Parameter, way: ParameterCodec) -> Any:
    """What the draft sends for the parameter; a member of `Absent` where that is no value."""
    whole = (("", draft.whole_query),) if draft.whole_query else ()
    text = draft.segments.get(parameter.name)
    pairs = {
        "path": () if text is None else ((parameter.name, text),),
        "query": draft.query,
        "querystring": whole,
        "cookie": draft.cookies,
        "header": draft.headers,
    }
    found = pairs[parameter.location]
    if parameter.location == "header":
        found = tuple(
            (parameter.name, text) for name, text in found if name.lower() == parameter.name.lower()
        )
    try:
        return way.decode(found)
    except StyleError:
        return Absent.ABSENT


def good_value(builder: ValidValueBuilder, parameter: Parameter, schema: Schema) -> Any:
    """A valid example, or a value with every place of its schema in it; None without any."""
    content = parameter.content.examples if parameter.content else ()
    for example in (*parameter.examples, *content):
        # An example that breaks its own `format` may be refused by whom it was not written for.
        if builder.valid(schema, example.value):
            return example.value
    full = builder.full(schema)
    if full is not None and builder.valid(schema, full):
        return full
    try:
        return builder.plain(schema)
    except UnsatisfiableError:
        return None


def stands_alone(contract: Contract, parameter: Parameter) -> bool:
    """Whether an object's properties stand in the query or cookie by themselves.

    Then nothing else can be sent for it, whichever alternative is meant: under its own name it is
    an unknown parameter (OpenAPI 4.8.12, Style Values).
    """
    schema = parameter.value_schema
    spread = parameter.style == "deepObject" or (
        parameter.style == "form" and parameter.explode and parameter.content is None
    )
    if schema is None or not spread:
        return False
    return shape_of(contract.standalone(schema, Direction.REQUEST)).types - {"null"} == {"object"}


def allows(
    contract: Contract, schema: Schema, way: ParameterCodec, pairs: tuple[tuple[str, str], ...]
) -> bool:
    """Whether a receiver may read a good value in the pairs, in one of the ways to read text.

    One text may be a string, what it says as JSON, or a list of one, as the schema has it; one in
    which the style delimits several elements is no list of one. An escaped dot is the same as a
    plain one (RFC 3986 section 6.2.2.2), which divides the elements of a label.
    """
    if _allows(contract, schema, way, pairs):
        return True
    plain = tuple((name, value.replace("%2E", ".")) for name, value in pairs)
    try:
        return plain != pairs and _allows(contract, schema, way, plain)
    except (StyleError, ValueError):
        return False


def _allows(
    contract: Contract, schema: Schema, way: ParameterCodec, pairs: tuple[tuple[str, str], ...]
) -> bool:
    arrived = way.decode(pairs)
    if isinstance(arrived, Absent):
        return True
    readings = [arrived]
    if isinstance(way, QueryStringCodec):
        return not contract.violations(schema, Direction.REQUEST, arrived)
    if len(pairs) == 1 and not isinstance(arrived, dict):
        text = unquote(pairs[0][1])
        readings.append(text)
        if not (isinstance(arrived, list) and len(arrived) > 1):
            readings += [[text], [arrived]]
    return any(not contract.violations(schema, Direction.REQUEST, reading) for reading in readings)
