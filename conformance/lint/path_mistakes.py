"""Paths that are no path templates: a query, the parameters of a framework, unclosed braces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract
from spec.model.path_templates import template_names
from spec.model.pointers import join

__all__ = ["path_remarks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """A way in which people write a path; `remedy` is a template for the groups of `pattern`."""

    pattern: re.Pattern[str]
    what: str
    remedy: str
    level: Level = Level.ERROR


_STYLES = (
    _Style(
        pattern=re.compile(r"(?P<path>[^?{}]*(?:\{[^{}]*\}[^?{}]*)*)\?(?P<rest>.*)"),
        what="a path has no query",
        remedy="write `{path}`, and each name behind the `?` as a parameter `in: query`",
    ),
    _Style(
        pattern=re.compile(r"(?P<path>[^#{}]*(?:\{[^{}]*\}[^#{}]*)*)#.*"),
        what="a path has no fragment, since clients do not send it",
        remedy="write `{path}`; several operations of one path need a difference that is sent",
    ),
    _Style(
        pattern=re.compile(r".*/:(?P<name>\w+)\??(?=/|\Z|\().*"),
        what="`:{name}` is taken literally",
        remedy="write the parameter in braces: `{{{name}}}`",
        level=Level.WARNING,
    ),
    _Style(
        pattern=re.compile(r".*<(?:\w+:)?(?P<name>\w+)>.*"),
        what="`<{name}>` is taken literally",
        remedy="write the parameter in braces: `{{{name}}}`",
    ),
    _Style(
        pattern=re.compile(r".*\{\{(?P<name>[^{}]*)\}\}.*"),
        what="the braces of `{{{{{name}}}}}` are doubled",
        remedy="write `{{{name}}}`",
    ),
    _Style(
        pattern=re.compile(r".*\$\{(?P<name>[^{}]+)\}.*"),
        what="the `$` before `{{{name}}}` is part of the path",
        remedy="write `{{{name}}}`",
        level=Level.WARNING,
    ),
    _Style(
        pattern=re.compile(r".*\{\}.*"),
        what="the braces are empty",
        remedy="name the parameter: `{{id}}`",
    ),
    _Style(
        pattern=re.compile(r"(?:[^{}]|\{[^{}]+\})*+[{}].*"),
        what="a brace is not closed or not opened",
        remedy="write each parameter as `{{name}}`",
    ),
    _Style(
        pattern=re.compile(r"(?:[^\s\"\\^`|<>{}]|\{[^{}]+\})*+[\s\"\\^`|<>].*"),
        what="the path has a character that no URL has",
        remedy="remove it, or write it percent-encoded (RFC 3986, section 2.1)",
    ),
    _Style(
        pattern=re.compile(r".*/\*+(?=/|\Z).*"),
        what="`*` is taken literally",
        remedy="name the parameter: `{{rest}}`; it holds one segment",
        level=Level.WARNING,
    ),
    _Style(
        pattern=re.compile(r".*//.*"),
        what="the path has an empty segment",
        remedy="write one slash",
        level=Level.WARNING,
    ),
)
"""The first that matches a path is reported. Possessive quantifiers pass over a name as a whole."""


def path_remarks(contract: Contract) -> Iterator[Remark]:
    """The remarks on every key of `paths`, each at the line of the path."""
    paths = contract.document.get("paths")
    for path in paths if isinstance(paths, Mapping) else ():
        if path.startswith("/"):
            yield from _style(path)
            yield from _repeated(path)


def _style(path: str) -> Iterator[Remark]:
    for style in _STYLES:
        found = style.pattern.fullmatch(path)
        if found is None:
            continue
        groups = found.groupdict()
        yield Remark(
            code=FindingCode.PATH_TEMPLATE,
            pointer=join("#/paths", path),
            what=f"{path!r}: {style.what.format(**groups)}",
            remedy=style.remedy.format(**groups),
            level=style.level,
            explains=join("#/paths", path),
            many=f"paths are no path templates: {style.what.format(**dict.fromkeys(groups, '…'))}",
        )
        return


def _repeated(path: str) -> Iterator[Remark]:
    names = template_names(path)
    for name in dict.fromkeys(one for one in names if names.count(one) > 1):
        yield Remark(
            code=FindingCode.PATH_TEMPLATE,
            pointer=join("#/paths", path),
            what=f"{path!r} names {{{name}}} twice, and a parameter has one value",
            remedy="give each its own name",
        )
