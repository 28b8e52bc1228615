"""`contract-waivers.yaml`: the file of accepted findings, read and written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

from conformance.report.fingerprint import is_fingerprint
from conformance.report.waivers import Waiver
from spec.model.errors import ContractError, EmptyFileError, Place
from spec.reading.document_text import read_file, read_text
from spec.reading.nodes import Node

__all__ = ["WaiverError", "as_yaml", "extended", "read_waivers", "renewed"]

_KEYS = ("fingerprint", "reason", "owner", "expires")
_OPTIONAL = ("code", "finding")
_HEAD = """\
# Findings that are accepted until a date. `conformance waive REPORT` adds to this file; an entry
# that has expired fails the gate, and one that no finding needs any more is reported.
"""


class WaiverError(ValueError):
    """A waiver file that cannot be used: where, what, and what to do."""

    def __init__(self, place: Place, what: str, remedy: str) -> None:
        super().__init__(place, what, remedy)
        self.place, self.what, self.remedy = place, what, remedy

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.remedy}"


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file.

    Raises:
        WaiverError: the file cannot be read, or an entry lacks something.
    """
    try:
        return _waivers(read_file(path))
    except EmptyFileError:
        return ()
    except ContractError as error:
        place = error.place or Place(file=str(path), line=0)
        raise WaiverError(place, error.what, error.remedy or "correct the file") from None


def _waivers(root: Node) -> tuple[Waiver, ...]:
    if root.value is None:
        return ()
    entries = root.child("waivers")
    if not isinstance(root.value, dict) or entries is None:
        raise WaiverError(root.place, "`waivers` is missing", "begin the file with `waivers:`")
    if entries.value is None:
        return ()
    if not isinstance(entries.value, list):
        raise WaiverError(
            entries.place, "`waivers` is not a list", "write `- fingerprint: …` below it"
        )
    waivers = tuple(_waiver(entry) for entry in entries.value)
    _check_repetition(waivers)
    return waivers


def _waiver(entry: Node) -> Waiver:
    if not isinstance(entry.value, dict):
        raise WaiverError(entry.place, "a waiver is a mapping", f"give it {', '.join(_KEYS)}")
    facts = {key: _required_text(entry, key) for key in _KEYS}
    unknown = sorted(entry.value.keys() - {*_KEYS, *_OPTIONAL})
    if unknown:
        known = ", ".join((*_KEYS, *_OPTIONAL))
        raise WaiverError(entry.place, f"a waiver has no key {unknown[0]!r}", f"it has {known}")
    if not is_fingerprint(facts["fingerprint"]):
        raise _bad(entry, "fingerprint", "the sixteen hexadecimal digits of a report, in quotes")
    try:
        expires = date.fromisoformat(facts["expires"])
    except ValueError:
        raise _bad(entry, "expires", "a date such as 2027-01-31") from None
    return Waiver(
        fingerprint=facts["fingerprint"],
        reason=facts["reason"],
        owner=facts["owner"],
        expires=expires,
        finding=str(entry.plain().get("finding", "")),
        code=str(entry.plain().get("code", "")),
        place=entry.place,
    )


def _required_text(entry: Node, key: str) -> str:
    found = entry.child(key)
    if found is None:
        raise WaiverError(entry.place, f"a waiver lacks `{key}`", f"give it {', '.join(_KEYS)}")
    if not isinstance(found.value, str) or not found.value.strip():
        raise _bad(entry, key, "a text; put it in quotes")
    return found.value.strip()


def _bad(entry: Node, key: str, wanted: str) -> WaiverError:
    found = entry.child(key)
    got = None if found is None else found.plain()
    return WaiverError(entry.place_of([key]), f"`{key}` is {got!r}", f"write {wanted}")


def _check_repetition(waivers: tuple[Waiver, ...]) -> None:
    seen: dict[str, Waiver] = {}
    for waiver in waivers:
        first = seen.setdefault(waiver.fingerprint, waiver)
        if first is not waiver and waiver.place is not None:
            what = f"{waiver.fingerprint} is waived twice, first at {first.place}"
            raise WaiverError(waiver.place, what, "remove one of them")


def as_yaml(waivers: Iterable[Waiver]) -> str:
    """The file's text. Fingerprints stand in quotes: some look like numbers."""
    return f"{_HEAD}{_dumped({'waivers': [_facts(one) for one in waivers]})}"


def _facts(waiver: Waiver) -> dict[str, Any]:
    return {
        "fingerprint": _Quoted(waiver.fingerprint),
        **({"code": waiver.code} if waiver.code else {}),
        **({"finding": waiver.finding} if waiver.finding else {}),
        "reason": waiver.reason,
        "owner": waiver.owner,
        "expires": _Quoted(waiver.expires.isoformat()),
    }


def _dumped(value: dict[str, Any]) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


_LIST = re.compile(r"^waivers:[ \t]*(?:#.*)?\n(?:\s*(?:#.*)?\n)*(?P<indent> *)- ", re.MULTILINE)


def extended(text: str, added: Sequence[Waiver]) -> str | None:
    """A file's text with more entries at its end, so that what people wrote into it stays.

    None where the end of the list is not the end of the file, or it is not a list of lines.
    """
    found = _LIST.search(text)
    if found is None or re.search(r"\n[^\s#-]", text[found.end() :]):
        return None
    entries = as_yaml(added).partition("waivers:\n")[2]
    return f"{text.rstrip()}\n{indent(entries, found['indent'])}"


def renewed(text: str, given: Sequence[Waiver]) -> str | None:
    """A file's text with new values in the entries that it has of these waivers.

    Comments, and the order of the entries, stay. None where the entries are not written line by
    line.
    """
    lines = text.splitlines(keepends=True)
    new = {one.fingerprint: one for one in given}
    places = [(one.place, new.get(one.fingerprint)) for one in _waivers(read_text(text, ""))]
    end = len(lines)
    # From the end, so that the lines before stay where they are.
    for place, waiver in reversed(places):
        start = place.line - 1 if place else 0
        if waiver is not None:
            lines[start:end] = [_entry_with("".join(lines[start:end]), waiver)]
        end = start
    made = "".join(lines)
    try:
        found = {one.fingerprint: one for one in _waivers(read_text(made, ""))}
    except (ContractError, WaiverError):
        return None
    return made if all(_renews(found[name], one) for name, one in new.items()) else None


def _renews(found: Waiver, wanted: Waiver) -> bool:
    return (found.reason, found.owner, found.expires) == (
        wanted.reason.strip(),
        wanted.owner.strip(),
        wanted.expires,
    )


_VALUE = re.compile(
    r"""[ ]*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'#][^#]*?)?(?P<comment>[ \t]+\#.*)?""",
    re.VERBOSE,
)
"""What stands behind the colon of a key, on its line."""


def _entry_with(text: str, waiver: Waiver) -> str:
    """The lines of an entry with the values of a waiver."""
    for key, value in _facts(waiver).items():
        found = re.search(rf"^(?P<lead> *(?:- +)?){key}:(?P<rest>.*)\n?", text, re.MULTILINE)
        if found is None or key == "fingerprint":
            continue
        margin = " " * len(found["lead"])
        # A text of several lines goes on where a line is further in than its key.
        more = re.compile(rf"(?:{margin} +[^ #\n].*\n?)*").match(text, found.end())
        end = more.end() if more else found.end()
        behind = _VALUE.fullmatch(found["rest"]) if end == found.end() else None
        comment = (behind["comment"] or "") if behind else ""
        first, *others = _dumped({key: value}).splitlines()
        made = [f"{found['lead']}{first}{comment}", *(f"{margin}{one}" for one in others)]
        text = f"{text[: found.start()]}{chr(10).join(made)}\n{text[end:]}"
    return text


class _Quoted(str):
    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    pass


def _represent_quoted(dumper: yaml.SafeDumper, text: _Quoted) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_Dumper.add_representer(_Quoted, _represent_quoted)
