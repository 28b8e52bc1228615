"""Security requirements that no request can satisfy, and schemes that no client knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract, SecurityScheme
from spec.model.contract_model import SecurityRequirement
from spec.model.near_names import did_you_mean
from spec.model.pointers import join

__all__ = ["credential_remarks"]

_REGISTERED = frozenset(
    {"basic", "bearer", "concealed", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate"}
    | {"oauth", "privatetoken", "scram-sha-1", "scram-sha-256", "vapid"}
)
"""The authentication schemes of the IANA registry (RFC 9110, section 16.4.1)."""
_SCOPED = frozenset({"oauth2", "openIdConnect"})


def credential_remarks(contract: Contract) -> Iterator[Remark]:
    """The remarks on security schemes and on what the operations require of them."""
    for name, scheme in contract.security_schemes.items():
        yield from _unregistered(name, scheme)
    requirements = {one.pointer: one for o in contract.operations for one in o.security}
    for requirement in requirements.values():
        yield from _conflicts(contract, requirement)
        for name, scopes in requirement.schemes.items():
            yield from _scopes(contract, requirement, name, scopes)


def _unregistered(name: str, scheme: SecurityScheme) -> Iterator[Remark]:
    if scheme.type != "http" or not scheme.scheme or scheme.scheme in _REGISTERED:
        return
    other = "write `bearer` or `basic`, or describe the header with `type: apiKey`"
    yield Remark(
        code=FindingCode.UNREGISTERED_AUTH_SCHEME,
        pointer=join(scheme.pointer, "scheme"),
        what=f"the security scheme {name!r} is of the unregistered HTTP scheme {scheme.scheme!r}",
        remedy=did_you_mean(scheme.scheme, _REGISTERED, other, quoted=repr),
    )


def _conflicts(contract: Contract, requirement: SecurityRequirement) -> Iterator[Remark]:
    """Schemes that are all required and travel in the same place."""
    together: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in requirement.schemes:
        scheme = contract.security_schemes.get(name)
        if scheme is not None and (place := _place_of(scheme)):
            together[place][_credential(scheme)].append(name)
    for place, credentials in together.items():
        if len(credentials) < 2:
            continue
        names = [name for alike in credentials.values() for name in alike]
        yield Remark(
            code=FindingCode.CONFLICTING_CREDENTIALS,
            pointer=requirement.pointer,
            what=f"{' and '.join(map(repr, names))} are required together, but each needs {place} "
            "for itself",
            remedy="for one or the other, write them as two items of `security`, each with its `-`",
        )


def _place_of(scheme: SecurityScheme) -> str:
    """Where a credential travels; "" where that is not a part of a request that holds one value."""
    if scheme.type in _SCOPED or scheme.type == "http":
        return "the header authorization"
    if scheme.type == "apiKey" and scheme.location == "header":
        return f"the header {scheme.parameter.lower()}"
    if scheme.type == "apiKey" and scheme.location in ("query", "cookie"):
        kind = "query parameter" if scheme.location == "query" else "cookie"
        return f"the {kind} {scheme.parameter}"
    return ""


def _credential(scheme: SecurityScheme) -> str:
    """What is sent there: one bearer token may satisfy several schemes at once."""
    if scheme.type in _SCOPED or (scheme.type == "http" and scheme.scheme == "bearer"):
        return "bearer"
    return scheme.scheme if scheme.type == "http" else f"key {scheme.name}"


def _scopes(
    contract: Contract, requirement: SecurityRequirement, name: str, scopes: tuple[str, ...]
) -> Iterator[Remark]:
    scheme = contract.security_schemes.get(name)
    if scheme is None or not scopes:
        return
    pointer = join(requirement.pointer, name)
    if scheme.type not in _SCOPED:
        # OpenAPI 3.1 lets the list name roles there; in 3.0 it MUST be empty.
        if contract.openapi.startswith("3.0"):
            yield Remark(
                code=FindingCode.INVALID_OPENAPI,
                pointer=pointer,
                what=f"{name!r} is of type {scheme.type}, which has no scopes in OpenAPI 3.0",
                remedy=f"write `{name}: []`",
            )
        return
    for scope in scopes if scheme.type == "oauth2" else ():
        if scope in scheme.scopes:
            continue
        declare = "declare it under `flows` of the scheme"
        yield Remark(
            code=FindingCode.UNDECLARED_SCOPE,
            pointer=pointer,
            what=f"the scope {scope!r} is not declared by the security scheme {name!r}",
            remedy=did_you_mean(scope, scheme.scopes, declare, quoted=repr),
            level=Level.WARNING,
        )
