"""Credentials that recorded requests carry: whether there are any, and requests without them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote

from conformance.clauses.schema_nodes import root_node
from conformance.http.exchange import Request
from conformance.http.handed_out import SHORTEST
from conformance.http.masking import TOKEN
from conformance.traffic.exchanges import Seen
from spec import Contract
from spec.model.contract_model import Operation, Parameter, SecurityScheme
from spec.text.secrets import is_secret_name, is_secret_parameter

__all__ = ["credentials_of", "has_credential", "plain_cookies", "without_credentials"]

_SCHEMES = frozenset({"basic", "bearer", "digest", "dpop", "negotiate", "token"})
"""Names of schemes, in lower case: one alone is no credential."""


def credentials_of(seen: Seen, names: Iterable[str]) -> Iterator[str]:
    """The credentials that the request carries, as an answer may repeat them.

    Args:
        seen: as it was recorded.
        names: further names of headers, cookies and query parameters that carry credentials.
    """
    secret = {name.lower() for name in names}
    _, _, query = seen.request.target.partition("?")
    pairs = [(name, unquote(value)) for name, value in _pairs(query, "&")]
    for name, value in seen.request.headers:
        if name.lower() == "cookie":
            pairs += _pairs(value, "; ")
        else:
            _, space, rest = value.partition(" ")
            pairs.append((name, rest if space and "authorization" in name.lower() else value))
    for name, value in pairs:
        known = name.lower() in secret or is_secret_parameter(name)
        known = known and value.lower() not in _SCHEMES
        if known and len(value) >= SHORTEST and TOKEN not in value:
            yield value


def _pairs(text: str, sign: str) -> list[tuple[str, str]]:
    parts = (pair.partition("=") for pair in text.split(sign))
    return [(name.strip(), value) for name, _, value in parts]


def plain_cookies(contract: Contract) -> frozenset[str]:
    """The cookies that a contract declares as a choice, a number or a boolean: no credentials."""
    schemes = {one.parameter for one in contract.security_schemes.values()}
    return frozenset(
        parameter.name
        for operation in contract.operations
        for parameter in operation.parameters
        if parameter.location == "cookie"
        and parameter.name not in schemes
        and not is_secret_parameter(parameter.name)
        and _is_plain(contract, parameter)
    )


def _is_plain(contract: Contract, parameter: Parameter) -> bool:
    node = root_node(contract, parameter.value_schema)
    if node is None:
        return False
    chosen = not node.keywords.keys().isdisjoint({"enum", "const"})
    return chosen or (
        node.typed and {"integer", "number", "boolean", "null"}.issuperset(node.types)
    )


def without_credentials(
    seen: Seen, names: Iterable[str], plain: Container[str] = frozenset()
) -> Seen:
    """The exchange with `$TOKEN` for every credential, so that none can reach a report.

    Args:
        seen: as it was recorded.
        names: further names of headers and query parameters that carry credentials.
        plain: names of cookies that carry none.
    """
    secret = {"cookie", *(name.lower() for name in names)}
    request = seen.request
    headers = tuple(
        (name, _hidden(value, plain) if name.lower() in secret or is_secret_name(name) else value)
        for name, value in request.headers
    )
    path, mark, query = request.target.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&"))
    shown = "&".join(
        f"{name}{sign}{TOKEN if name.lower() in secret or is_secret_parameter(name) else value}"
        for name, sign, value in pairs
    )
    return replace(seen, request=replace(request, headers=headers, target=f"{path}{mark}{shown}"))


def _hidden(value: str, plain: Container[str]) -> str:
    """The scheme of a credential, or the names of cookies, stay; nothing is no credential."""
    if not value.strip() or value.strip().lower() in _SCHEMES:
        return value
    if "=" in value and " " not in value.split("=")[0]:
        pairs = (one.partition("=") for one in value.split("; "))
        return "; ".join(f"{name}={text if name in plain else TOKEN}" for name, _, text in pairs)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {TOKEN}" if space else TOKEN


def has_credential(contract: Contract, operation: Operation, request: Request) -> bool:
    """Whether anything was sent where a scheme of the operation wants it."""
    names = {name for one in operation.security for name in one.schemes}
    schemes = (contract.security_schemes.get(name) for name in names)
    return any(_carries(request, one) for one in schemes if one is not None)


def _carries(request: Request, scheme: SecurityScheme) -> bool:
    if scheme.type == "apiKey" and scheme.location == "cookie":
        return f"{scheme.parameter}=" in (request.header("cookie") or "")
    if scheme.type == "apiKey" and scheme.location == "query":
        return f"{scheme.parameter}=" in request.target.partition("?")[2]
    return bool(request.header(scheme.parameter or "authorization"))
