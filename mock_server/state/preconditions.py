"""Entity tags, and requests that depend on them (RFC 9110 section 13)."""

from __future__ import annotations

from mock_server.model.entity_tags import names_any_tag
from mock_server.model.header_lines import HeaderLines
from mock_server.model.problems import Problem, Refused
from mock_server.state.outlines import success_response
from mock_server.state.places import Asked
from mock_server.state.resources import Resource

__all__ = ["check_precondition", "is_unchanged", "tag_lines"]


def tag_lines(documented: HeaderLines, version: int) -> HeaderLines:
    """The `ETag` of a version, where the contract's own answer has one."""
    return tuple((name, _tag(version)) for name, _ in documented if name == b"etag")


def check_precondition(asked: Asked, version: int | None) -> None:
    """Refuse a change of what is not as the client thinks it is; `version` None is not there.

    Only things whose contract documents an `ETag` can be asked so. Raises Refused: 412.
    """
    fields = asked.request.fields
    wanted, unwanted = fields.get(b"if-match"), fields.get(b"if-none-match")
    if (wanted is None and unwanted is None) or not _has_tags(asked.resource):
        return
    tags = () if version is None else (_tag(version),)
    is_as_wanted = wanted is None or names_any_tag(wanted, tags, is_strong=True)
    if not is_as_wanted or (unwanted is not None and names_any_tag(unwanted, tags)):
        now = "does not exist" if version is None else f"is {_tag(version).decode()} now"
        detail = f"{asked.place.path[:200]} {now}; read it again"
        raise Refused(Problem.of("precondition-failed", detail))


def is_unchanged(asked: Asked, version: int) -> bool:
    """Whether the client has this version already."""
    unwanted = asked.request.fields.get(b"if-none-match")
    if unwanted is None or not _has_tags(asked.resource):
        return False
    return names_any_tag(unwanted, (_tag(version),))


def _has_tags(resource: Resource) -> bool:
    response = success_response(resource.reading) if resource.reading else None
    return response is not None and any(one.name.lower() == "etag" for one in response.headers)


def _tag(version: int) -> bytes:
    return b'"%d"' % version
