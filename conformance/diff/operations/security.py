"""Which credentials are enough: alternatives, schemes, scopes, added and taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.diff.model.witness import Witness
from conformance.messages.writing import request_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, SecurityRequirement, SecurityScheme, SpecError
from spec.model.pointers import join

__all__ = ["security_changes"]

_TOKENS: Mapping[str, str] = {"bearer": "Bearer $TOKEN", "basic": "Basic $CREDENTIALS"}
_FLOW_URLS = ("authorizationUrl", "deviceAuthorizationUrl", "tokenUrl")


@dataclass(frozen=True, slots=True)
class _Demand:
    """One scheme of an alternative, by what it asks for; its name in the contract is nothing.

    `kind` says what is to be sent and where; `sources` are the ways in which OAuth gives it out.
    """

    name: str
    kind: tuple[str, ...]
    sources: frozenset[tuple[str, ...]]
    scopes: frozenset[str]

    def met_by(self, held: _Demand) -> bool:
        """Whether a client that holds the other can satisfy this."""
        # Any way in which OLD gives a credential out may be the one that the client uses.
        return (
            self.kind == held.kind and held.sources <= self.sources and self.scopes <= held.scopes
        )


Alternative: TypeAlias = tuple[_Demand, ...]


def security_changes(matched: Matched) -> Iterator[Change]:
    """Every difference in the credentials that are enough for the operation."""
    old = _alternatives(matched.old, matched.before.security)
    new = _alternatives(matched.new, matched.after.security)
    for alternative, requirement in old:
        if not any(_is_enough(alternative, other) for other, _ in new):
            yield _refused(matched, alternative, requirement, [one for one, _ in new])
    for alternative, requirement in new:
        if not any(_is_enough(alternative, other) for other, _ in old):
            yield _accepted(matched, alternative, requirement)


def _is_enough(held: Alternative, asked: Alternative) -> bool:
    return all(any(demand.met_by(one) for one in held) for demand in asked)


def _alternatives(
    contract: Contract, security: tuple[SecurityRequirement, ...]
) -> list[tuple[Alternative, SecurityRequirement | None]]:
    # Without a requirement anybody may call: one alternative, which demands nothing.
    if not security:
        return [((), None)]
    return [(_alternative(contract, one), one) for one in security]


def _alternative(contract: Contract, requirement: SecurityRequirement) -> Alternative:
    return tuple(
        _demand(contract, name, contract.security_schemes.get(name), scopes)
        for name, scopes in requirement.schemes.items()
    )


def _demand(
    contract: Contract, name: str, scheme: SecurityScheme | None, scopes: tuple[str, ...]
) -> _Demand:
    asked = frozenset(scopes)
    if scheme is None:
        return _Demand(name, ("undeclared", name), frozenset(), asked)
    raw = _raw(contract, scheme.pointer)
    if scheme.type == "apiKey":
        parameter = scheme.parameter
        # RFC 9110, 5.1: the names of header fields are case-insensitive.
        sent_as = parameter.lower() if scheme.location == "header" else parameter
        return _Demand(name, ("apiKey", scheme.location, sent_as), frozenset(), asked)
    if scheme.type == "openIdConnect":
        kind = ("openIdConnect", str(raw.get("openIdConnectUrl", "")))
        return _Demand(name, kind, frozenset(), asked)
    return _Demand(name, (scheme.type, scheme.scheme), _flows(raw), asked)


def _flows(raw: Mapping[str, Any]) -> frozenset[tuple[str, ...]]:
    flows = raw.get("flows")
    if not isinstance(flows, Mapping):
        return frozenset()
    metadata = [("metadata", str(url)) for key in ("oauth2MetadataUrl",) if (url := raw.get(key))]
    return frozenset(metadata) | frozenset(
        (name, *(str(flow.get(url, "")) for url in _FLOW_URLS))
        for name, flow in flows.items()
        if isinstance(flow, Mapping)
    )


def _raw(contract: Contract, pointer: str) -> Mapping[str, Any]:
    try:
        found = contract.find(pointer)
    except KeyError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _refused(
    matched: Matched,
    held: Alternative,
    requirement: SecurityRequirement | None,
    asked: list[Alternative],
) -> Change:
    what = (
        "a request without a credential"
        if not held
        else f"the credential {_alternative_in_words(held)}"
    )
    wanted = " or ".join(_alternative_in_words(alternative) for alternative in asked)
    old = f"accepts {_alternative_in_words(held)}"
    new = f"asks for {wanted}"
    place = matched.new.place(_security_pointer(matched))
    return Change(
        code=FindingCode.CREDENTIAL_REFUSED,
        operation=matched.id,
        part=f"security {_alternative_in_words(held)}",
        what=f"{what} is no longer enough for {matched.id}",
        old=old,
        new=new,
        origin=requirement.pointer if requirement else "",
        place=place,
        show=lambda: _witness(matched, held, old, new),
    )


def _accepted(
    matched: Matched, alternative: Alternative, requirement: SecurityRequirement | None
) -> Change:
    dropped = not alternative
    said = _alternative_in_words(alternative)
    return Change(
        code=FindingCode.SECURITY_DROPPED if dropped else FindingCode.CREDENTIAL_ACCEPTED,
        operation=matched.id,
        part=f"security {said}",
        what=f"{matched.id} no longer needs a credential"
        if dropped
        else f"{matched.id} also takes {said}",
        old="asks for more",
        new=f"accepts {said}",
        origin=requirement.pointer if requirement else "",
        place=matched.new.place(requirement.pointer if requirement else _security_pointer(matched)),
    )


def _security_pointer(matched: Matched) -> str:
    first = next(iter(matched.after.security), None)
    return first.pointer if first else join(matched.after.pointer, "security")


def _alternative_in_words(alternative: Alternative) -> str:
    return " and ".join(_scheme_in_words(demand) for demand in alternative) or "no credential"


def _scheme_in_words(demand: _Demand) -> str:
    kind = " ".join(part for part in demand.kind if part)
    scopes = f" with {', '.join(sorted(demand.scopes))}" if demand.scopes else ""
    return f"{demand.name} ({kind}){scopes}"


def _witness(matched: Matched, held: Alternative, old: str, new: str) -> Witness | None:
    """OLD's request with all that OLD asks for, which is less than what NEW asks for."""
    carried = tuple(_carried(demand) for demand in held)
    try:
        request = request_of(matched.old, replace(matched.plain(), credential=carried))
    except SpecError:
        return None
    return Witness(operation=matched.id, request=request, old=old, new=f"refuses it: {new}")


def _carried(demand: _Demand) -> tuple[str, str, str]:
    """Where the credential is in a request, its name there, and what stands for it."""
    if demand.kind[0] == "apiKey":
        _, location, name = demand.kind
        return location, name, "$KEY"
    scheme = demand.kind[1] if demand.kind[0] == "http" else "bearer"
    return "header", "Authorization", _TOKENS.get(scheme, f"{scheme} $CREDENTIALS")
