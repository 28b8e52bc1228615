"""What a contract promises of credentials: the one table that derivation, scopes and titles ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.clauses.schema_nodes import root_node
from conformance.http.credentials import BEARER_TYPES, is_bearer
from spec import Contract
from spec.model.contract_model import Operation, Parameter

__all__ = ["ASPECTS", "BAD", "OF_OTHERS", "Aspect", "aspects_of", "can_be_wrong"]

_When = Callable[[Contract, Operation], bool]


def _always(contract: Contract, operation: Operation) -> bool:
    return True


def _bearing(contract: Contract, operation: Operation) -> bool:
    return any(is_bearer(contract, name) for name in _schemes(operation))


def _has_named_scheme(contract: Contract, operation: Operation) -> bool:
    """Whether a scheme has a name that travels in Authorization: a key has none."""
    found = (contract.security_schemes.get(name) for name in _schemes(operation))
    return any(one is not None and one.type in ("http", *BEARER_TYPES) for one in found)


def _is_get(contract: Contract, operation: Operation) -> bool:
    return operation.method == "GET"


def can_be_wrong(contract: Contract, operation: Operation) -> bool:
    """Whether it has a body or a parameter that can deserve a refusal, whatever the credential."""
    wrong = any(_can_be_wrong(contract, one) for one in operation.inputs)
    return wrong or operation.request_body is not None


def _can_be_wrong(contract: Contract, parameter: Parameter) -> bool:
    if parameter.required and parameter.location != "path":
        return True
    node = root_node(contract, parameter.value_schema)
    return node is not None and not node.takes_text


def _has_alternatives(contract: Contract, operation: Operation) -> bool:
    return len(operation.security) > 1


def _tagged(contract: Contract, operation: Operation) -> bool:
    return bool(operation.tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One promise: its clause is `security.NAME`.

    `bad` says that it is a way in which a credential can be bad, `sent` what titles call a request
    that tries it, `when` which secured operations have it, and `unseen` why no request tested it
    and how it can be shown. `of_open` ones hold where one alternative asks for nothing, too.
    """

    name: str
    promise: str
    bad: bool = True
    sent: str = ""
    when: _When = _always
    unseen: str = ""
    of_open: bool = False


OF_OTHERS = "other-tag"
"""The aspect that is tried with the credential that was given for other operations."""
ASPECTS: tuple[Aspect, ...] = (
    Aspect(
        name="missing",
        promise="without a credential the answer is 401",
        sent="a request without a credential",
    ),
    Aspect(
        name="malformed",
        promise="a credential of no declared scheme is answered with 401",
        sent="a credential of no declared scheme",
    ),
    Aspect(
        name="wrong",
        promise="a well-formed credential that was never issued is answered with 401",
        sent="a credential that was never issued",
    ),
    Aspect(
        name="altered",
        promise="a valid credential with one character changed, recased or cut off is answered "
        "with 401",
        sent="an altered credential",
    ),
    Aspect(
        name="misplaced",
        promise="a valid credential in an undeclared place is answered with 401",
        sent="a credential in an undeclared place",
    ),
    Aspect(
        name="again",
        promise="after a good request, a request without a credential is still answered with 401",
        sent="a request without a credential after a good one",
    ),
    Aspect(
        name="challenge",
        promise="every 401 carries a challenge (RFC 9110 section 15.5.2)",
        bad=False,
    ),
    Aspect(
        name="order",
        promise="a credential is asked for before a body or a parameter is judged",
        sent="a bad body or parameter without a credential",
        bad=False,
        when=can_be_wrong,
    ),
    Aspect(name="secrecy", promise="no answer repeats the credential", bad=False),
    Aspect(
        name="expired",
        promise="an expired credential is answered with 401",
        sent="an expired credential",
        when=_bearing,
    ),
    Aspect(
        name="unsigned",
        promise="an unsigned JWT (alg: none) is answered with 401",
        sent="an unsigned token",
        when=_bearing,
    ),
    Aspect(
        name="forged",
        promise="a JWT signed with another key is answered with 401",
        sent="a token that another key signed",
        when=_bearing,
    ),
    Aspect(
        name="head",
        promise="HEAD asks for a credential as GET does",
        sent="HEAD without a credential",
        when=_is_get,
    ),
    Aspect(
        name=OF_OTHERS,
        promise="a token for some operations does not open the others",
        sent="a token that was given for other operations",
        bad=False,
        when=_tagged,
        unseen="only one token was given; give one for each tag: --token TAG=…",
    ),
    Aspect(
        name="foreign",
        promise="a credential of another system is refused",
        sent="a credential of another system",
        bad=False,
        unseen="no credential of another system was given: --foreign NAME=VALUE",
    ),
    Aspect(
        name="beside",
        promise="a valid credential is accepted although a credential of another system is sent "
        "with it",
        sent="a valid credential beside one of another system",
        bad=False,
        unseen="no credential of another system was given: --foreign NAME=VALUE",
    ),
    Aspect(
        name="alternatives",
        promise="each alternative of the security is enough by itself",
        sent="the credential of another alternative",
        bad=False,
        when=_has_alternatives,
        unseen="a credential was given for one alternative alone: --credential NAME=VALUE",
        of_open=True,
    ),
    Aspect(
        name="scheme-case",
        promise="the scheme's name is accepted in any case (RFC 9110 section 11.1)",
        sent="another case of the scheme's name",
        bad=False,
        when=_has_named_scheme,
    ),
)
BAD = frozenset(one.name for one in ASPECTS if one.bad)
"""The ways in which a credential can be bad."""


def aspects_of(contract: Contract, operation: Operation) -> Iterator[Aspect]:
    """The promises about the credentials of an operation; none if it knows no credential."""
    for one in ASPECTS:
        if (operation.secured or one.of_open) and one.when(contract, operation):
            yield one


def _schemes(operation: Operation) -> set[str]:
    return {name for one in operation.security for name in one.schemes}
