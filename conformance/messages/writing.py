"""Calls and answers as they would travel, in the styles and media types of their contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from conformance.http.exchange import Answer, Headers, Request
from conformance.messages.request_values import RequestValues
from conformance.messages.sequence_bodies import is_sequence, written
from spec import Contract, Direction, MediaType
from spec.contract.parameter_codecs import parameter_codec
from spec.model.contract_model import Header
from spec.text.forms import form_codec, is_form
from spec.text.json_values import StyleError
from spec.text.media_types import concrete, is_json
from spec.text.pairs import join_cookies, join_query
from spec.text.styles import Codec, codec

__all__ = ["answer_of", "header_codec", "request_of"]

BOUNDARY = "witness-boundary"
"""Always the same, so that two runs write the same witness."""


def request_of(contract: Contract, call: RequestValues) -> Request:
    """The call as it would travel, in the styles and media types of its own contract.

    Raises:
        StyleError: a style cannot express a value, or a credential has no place in a request.
    """
    pairs: dict[str, list[tuple[str, str]]] = {"query": [], "header": [], "cookie": []}
    pairs["querystring"] = []
    path = call.operation.path
    for parameter in call.operation.inputs:
        place = (parameter.location, parameter.name)
        if place not in call.values:
            continue
        way = parameter_codec(contract, call.operation, parameter)
        encoded = way.encode(call.values[place])
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", encoded[0][1] if encoded else "")
        else:
            pairs[parameter.location].extend(encoded)
    for location, name, value in call.credential:
        if location not in pairs:
            raise StyleError(f"no request has a place that is called {location!r}")
        # `$TOKEN` is left to the shell, which fills it in.
        pairs[location].append((name, value if location != "query" else quote(value, safe="$")))
    whole = [raw for _, raw in pairs["querystring"]]
    query = "&".join([*whole, *filter(None, [join_query(pairs["query"])])])
    headers: Headers = tuple(pairs["header"])
    if pairs["cookie"]:
        headers = (*headers, ("Cookie", join_cookies(pairs["cookie"])))
    target = f"{call.base_path}{path}" + (f"?{query}" if query else "")
    request = Request(method=call.operation.method, target=target, headers=headers)
    if call.media_type is None:
        return request
    content_type, body = _written_body(contract, call.media_type, call.body, Direction.REQUEST)
    return replace(request, headers=(*headers, ("Content-Type", content_type)), body=body)


def answer_of(
    contract: Contract,
    status: int,
    media_type: MediaType | None = None,
    body: Any = None,
    headers: Iterable[tuple[Header, Any]] = (),
) -> Answer:
    """An answer as it would travel. Raises StyleError as `request_of` does."""
    fields: list[tuple[str, str]] = []
    for header, value in headers:
        fields.extend(header_codec(contract, header).encode(value))
    if media_type is None:
        return Answer(status=status, headers=tuple(fields))
    content_type, data = _written_body(contract, media_type, body, Direction.RESPONSE)
    return Answer(status=status, headers=(*fields, ("Content-Type", content_type)), body=data)


def _written_body(
    contract: Contract, media_type: MediaType, value: Any, direction: Direction
) -> tuple[str, bytes]:
    name = concrete(media_type.name)
    if is_form(name) and isinstance(value, Mapping):
        form = form_codec(media_type, lambda schema: contract.standalone(schema, direction))
        return form.encode(value, BOUNDARY)
    if is_sequence(media_type):
        return name, written(media_type, value)
    if isinstance(value, str) and not is_json(name):
        return name, value.encode()
    return name, json.dumps(value, ensure_ascii=False).encode()


def header_codec(contract: Contract, header: Header) -> Codec:
    """How a header of an answer travels."""
    return codec(header, lambda schema: contract.standalone(schema, Direction.RESPONSE))
