"""Server URLs that lead elsewhere than intended (OpenAPI 3.0 sections 4.7.5 and 4.7.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.model.path_templates import TEMPLATE
from spec.model.pointers import join

__all__ = ["server_remarks"]

_NO_HOST = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[/?#:]|\Z)")
"""A scheme, and an authority that is empty: what a variable with an empty default leaves."""
_HOST_ALONE = re.compile(r"(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?:/.*)?")
"""What people write without a scheme: `api.example.com/v1`; a relative path may look so too."""


def server_remarks(pointer: str, server: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks on one Server Object."""
    url, variables = server.get("url"), server.get("variables")
    variables = variables if isinstance(variables, Mapping) else {}
    if isinstance(url, str):
        yield from _url(join(pointer, "url"), url, variables)
    for name, variable in variables.items():
        if isinstance(variable, Mapping):
            yield from _variable(join(pointer, "variables", name), name, variable, str(url))


def _url(pointer: str, url: str, variables: Mapping[str, Any]) -> Iterator[Remark]:
    filled = TEMPLATE.sub(lambda found: _default(variables.get(found[1]), found[0]), url)
    if not url:
        yield _remark(pointer, "the server URL is empty", "write `/`, or the URL of the server")
    elif "?" in url or "#" in url:
        yield _remark(
            pointer,
            f"the server URL {url!r} has a query or a fragment, and paths are appended to it",
            "declare the query as parameters of the operations",
        )
    elif _NO_HOST.match(filled):
        became, default = "", ""
        if filled != url:
            became = f": it becomes {filled!r}"
            default = ", or give the variable a default that is not empty"
        problem = f"the server URL {url!r} has no host{became}"
        yield _remark(pointer, problem, f"name the host{default}", level=Level.ERROR)
    elif "{" not in filled and not _has_port(filled):
        yield _remark(
            pointer,
            f"the port of the server URL {url!r} is no number",
            "write the number of the port, or a variable with one",
            level=Level.ERROR,
        )
    elif _HOST_ALONE.fullmatch(url):
        yield _remark(
            pointer,
            f"the server URL {url!r} has no scheme, so it is read as a relative path",
            f"write `https://{url}`",
        )


def _has_port(url: str) -> bool:
    """Whether the port of a URL, if it names one, is one."""
    try:
        # `port` is only asked for: it is read on access, and raises where it is no number.
        return urlsplit(url).port is not None or True
    except ValueError:
        return False


def _default(variable: Any, name: str) -> str:
    return str(variable.get("default", name)) if isinstance(variable, Mapping) else name


def _variable(pointer: str, name: str, variable: Mapping[str, Any], url: str) -> Iterator[Remark]:
    if name not in TEMPLATE.findall(url):
        yield _remark(
            pointer,
            f"the server variable {name!r} is not in the URL {url!r}",
            f"write `{{{name}}}` where it belongs, or remove it",
        )
    default, members = variable.get("default"), variable.get("enum")
    if isinstance(members, list) and members and default is not None and default not in members:
        yield _remark(
            join(pointer, "default"),
            f"the default {default!r} of the server variable {name!r} is not in its enum",
            f"add it, or write one of {', '.join(map(str, members[:10]))}",
            level=Level.ERROR,
        )


def _remark(pointer: str, what: str, remedy: str, *, level: Level | None = None) -> Remark:
    return Remark(
        code=FindingCode.SERVER_TEMPLATE, pointer=pointer, what=what, remedy=remedy, level=level
    )
