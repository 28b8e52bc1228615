"""The parts of a form or multipart body: which media type each has, and which headers.

What OpenAPI says of a part (Encoding Object) is asserted by no schema. Who sends a part in a media
type that is no longer named may be refused, so it is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.diff.inclusion.applicable_schemas import Position
from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Direction, MediaType
from spec.model.pointers import join
from spec.text.media_types import parse

__all__ = ["part_changes"]


def part_changes(
    matched: Matched, old: MediaType, new: MediaType, part: str, direction: Direction
) -> Iterator[Change]:
    """Every difference in what is said of the parts that both contracts declare."""
    was, now = _parts(matched.old, old, direction), _parts(matched.new, new, direction)
    for name in was:
        if name in now:
            yield from _media_types(matched, new, part, name, (was[name], now[name]), direction)
            yield from _headers(matched, (old, new), part, name, direction)


def _parts(contract: Contract, media_type: MediaType, direction: Direction) -> dict[str, str]:
    """The media types of each part, as they are written or by default."""
    if media_type.schema is None:
        return {}
    whole = contract.standalone(media_type.schema, direction)
    here = Position.of(whole, [whole])
    return {
        name: str(_encoding(media_type, name).get("contentType") or _default(here.at(name)))
        for name in here.names()
    }


def _encoding(media_type: MediaType, name: str) -> Mapping[str, Any]:
    found = media_type.encoding.get(name)
    return found if isinstance(found, Mapping) else {}


def _default(position: Position) -> str:
    """The media type of a part that nothing is said of (OpenAPI 3.0.4, 4.8.15.1; 3.1.1)."""
    kinds = {kind for found in position.values("type") for kind in _as_list(found)} - {"null"}
    if kinds == {"array"}:
        return _default(position.at(0))
    if kinds == {"object"}:
        return "application/json"
    # What `format: binary` of 3.0 becomes in 3.1.
    is_binary = "application/octet-stream" in position.values("contentMediaType")
    encoded = position.values("contentEncoding") or "binary" in position.values("format")
    return "application/octet-stream" if encoded or is_binary or not kinds else "text/plain"


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _media_types(
    matched: Matched,
    new: MediaType,
    part: str,
    name: str,
    written: tuple[str, str],
    direction: Direction,
) -> Iterator[Change]:
    was, now = ([one.strip().lower() for one in text.split(",")] for text in written)
    # What is sent has to be among what is read: in a response NEW sends.
    sent, read = (was, now) if direction is Direction.REQUEST else (now, was)
    if set(was) == set(now):
        return
    lost = [one for one in sent if not any(_covers(other, one) for other in read)]
    what = f"the part `{name}` of {matched.id} is "
    what += f"no longer read as {', '.join(lost)}" if lost else "read as more media types"
    if direction is Direction.RESPONSE and lost:
        what = f"the part `{name}` of {matched.id} may now be {', '.join(lost)}"
    yield Change(
        code=FindingCode.PART_MEDIA_TYPE_CHANGED if lost else FindingCode.PART_MEDIA_TYPE_WIDENED,
        operation=matched.id,
        part=f"{part} part {name}",
        what=what,
        old=written[0],
        new=written[1],
        origin=join(new.pointer, "encoding", name),
        place=matched.new.place(join(new.pointer, "encoding", name)),
    )


def _covers(one: str, other: str) -> bool:
    first, second = parse(one), parse(other)
    return first is not None and second is not None and first.covers(second)


def _headers(
    matched: Matched,
    types: tuple[MediaType, MediaType],
    part: str,
    name: str,
    direction: Direction,
) -> Iterator[Change]:
    was, now = (_declared(one, name) for one in types)
    for header in {**was, **now}:
        if was.get(header) == now.get(header):
            continue
        asked, had = _required(now.get(header)), _required(was.get(header))
        tight = (asked and not had) if direction is Direction.REQUEST else (had and not asked)
        yield Change(
            code=FindingCode.PART_HEADER_CHANGED
            if tight or (header in was)
            else FindingCode.PART_HEADER_ADDED,
            operation=matched.id,
            part=f"{part} part {name} header {header}",
            what=f"the header {header} of the part `{name}` of {matched.id} "
            + ("must now be sent" if asked and not had else "is described otherwise"),
            old=_header_demand(was.get(header)),
            new=_header_demand(now.get(header)),
            place=matched.new.place(types[1].pointer),
        )


def _declared(media_type: MediaType, name: str) -> dict[str, Any]:
    headers = _encoding(media_type, name).get("headers")
    return {
        str(key).lower(): value
        for key, value in (headers if isinstance(headers, Mapping) else {}).items()
        # The part's media type is `contentType`'s to say (Encoding Object, `headers`).
        if str(key).lower() != "content-type"
    }


def _required(header: Any) -> bool:
    return isinstance(header, Mapping) and header.get("required") is True


def _header_demand(header: Any) -> str:
    if header is None:
        return "no such header"
    return "required" if _required(header) else "optional"
