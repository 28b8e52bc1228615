"""`info.version` against the kind of change (Semantic Versioning 2.0.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conformance.diff.model.change import Change
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Finding, Level
from spec import Contract

__all__ = ["version_changes", "version_findings"]

_SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+)(?:[-+].*)?)?")
_YEARS = 1900
"""A version that begins with such a number is a date, and promises nothing."""


def version_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """A version that went back."""
    was, now = _numbers(old.version), _numbers(new.version)
    if was and now and now < was:
        yield _change(old, new, FindingCode.VERSION_DECREASED, "the version is lower than before")


def version_findings(old: Contract, new: Contract, found: Iterable[Finding]) -> Iterator[Change]:
    """What the version should have said of the changes that were found.

    A break wants another major version (below 1.0.0, another minor one), anything else that
    changed another version at all, unless the version is a major one alone (`v1`). Versions that
    are no semantic ones are left alone.
    """
    was, now = _numbers(old.version), _numbers(new.version)
    if was is None or now is None or now < was:
        return
    levels = {one.level for one in found}
    # Below 1.0.0 the minor number says what the major one says later.
    if Level.ERROR in levels and now[: 1 if was[0] else 2] == was[: 1 if was[0] else 2]:
        part = "major" if was[0] else "minor"
        yield _change(
            old,
            new,
            FindingCode.VERSION_NOT_MAJOR,
            f"a client can break, and the {part} version stays",
        )
    elif levels and now == was and "." in new.version:
        what = "the contract changed, and the version stays"
        yield _change(old, new, FindingCode.VERSION_NOT_RAISED, what)


def _numbers(version: str) -> tuple[int, int, int] | None:
    found = _SEMVER.fullmatch(version.strip())
    if found is None:
        return None
    major, minor, patch = (int(part or 0) for part in found.groups())
    return None if major >= _YEARS else (major, minor, patch)


def _change(old: Contract, new: Contract, code: FindingCode, what: str) -> Change:
    return Change(
        code=code,
        operation="",
        part="info version",
        what=f"{what}: {old.version} → {new.version}",
        old=f"version {old.version}",
        new=f"version {new.version}",
        origin="#/info/version",
        place=new.place("#/info/version"),
    )
