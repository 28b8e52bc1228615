"""Parameters on a draft: set, replaced, left out, in whatever style the contract has."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from conformance.clauses.value_paths import DROP
from conformance.http.request_drafts import Draft
from spec import Contract, Direction
from spec.model.contract_model import Operation, Parameter
from spec.text.styles import Absent, Codec, codec

__all__ = ["codec_of", "read_back", "with_parameter"]


def codec_of(contract: Contract, operation: Operation, parameter: Parameter) -> Codec:
    """How the parameter travels beside the others of its place."""
    beside = [one.name for one in operation.parameters if one.location == parameter.location]
    return codec(parameter, lambda schema: contract.standalone(schema, Direction.REQUEST), beside)


def with_parameter(draft: Draft, parameter: Parameter, way: Codec, value: Any) -> Draft:
    """The draft with exactly this value for the parameter; DROP leaves it out.

    Raises spec.text.styles.StyleError where the style cannot express the value.
    """
    pairs = () if value is DROP else way.encode(value)
    own = {parameter.name, *(name for name, _ in pairs)}
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


def read_back(way: Codec, value: Any) -> Any:
    """What a receiver makes of the value once it has travelled as text."""
    found = way.decode(way.encode(value))
    return DROP if found is Absent.ABSENT else found
