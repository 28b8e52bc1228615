"""The URI by which other documents refer to a contract (OpenAPI 3.2 section 4.1.2, `$self`)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.diff.model.change import Change
from conformance.report.codes.finding_code import FindingCode
from spec import Contract

__all__ = ["uri_changes"]


def uri_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """A `$self` that changed or went: no request shows it, since clients do not read it."""
    was, now = (contract.document.get("$self") for contract in (old, new))
    if was is None or was == now:
        return
    yield Change(
        code=FindingCode.SELF_CHANGED,
        operation="",
        part="$self",
        what=f"the document is no longer {was}",
        old=f"$self: {was}",
        new=f"$self: {now}" if now is not None else "no `$self`",
        origin="#/$self",
        place=new.place("#/$self"),
    )
