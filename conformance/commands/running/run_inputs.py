"""What the flags of a run mean for a contract: credentials, examples, headers, a rate."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.clauses import derive
from spec import Contract, ContractError
from spec.model.near_names import did_you_mean
from spec.reading.document_text import read_file
from spec.text.http_tokens import is_token

if TYPE_CHECKING:
    from conformance.http.credentials import Credentials
    from conformance.http.exchange import Headers
    from conformance.http.target import Target
    from conformance.run.session.run_options import RunOptions

__all__ = [
    "Shard",
    "given_headers",
    "refuse_unknown_clauses",
    "run_options",
]


class Shard(click.ParamType[tuple[int, int]]):
    """`I/N` on a command line: the I-th of N parts."""

    name = "shard"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """The two numbers; I is from 1 to N."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", str(value).strip())
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            self.fail(f"{value!r}: write it as 1/4, the first of four parts", param, ctx)
        return int(found[1]), int(found[2])


def refuse_unknown_clauses(contract: Contract, options: RunOptions) -> None:
    """Refuse a clause that the selected operations do not have: nothing would be asked.

    Raises:
        click.UsageError: with the clauses that are near.
    """
    known = {clause.id for clause in derive(contract)} if options.clauses else set[str]()
    for name in options.clauses - known:
        listed = "`conformance clauses` lists them"
        hint = did_you_mean(name, sorted(known), listed, most=3, cutoff=0.5)
        raise click.UsageError(f"--clause {name!r} is not a clause of the contract; {hint}")


def run_options(
    contract: Contract, given: Mapping[str, Any], target: Target, left: Callable[[], float]
) -> RunOptions:
    """What the flags mean for a contract; `left` are the seconds until the run has to end.

    Raises click.UsageError.
    """
    from conformance.run.session.run_options import RunOptions

    headers, credentials = given_headers(contract, given, target, left)
    return RunOptions(
        credentials=credentials,
        examples=_examples(contract, given["examples"]),
        headers=headers,
        include=given["include"],
        exclude=given["exclude"],
        harmless=given["harmless"],
        allow_writes=given["allow_writes"],
        max_billable=given["max_billable"],
        max_examples=given["max_examples"],
        min_observed=given["min_observed"],
        time_budget=given["time_budget"],
        max_response_time=given["max_response_time"],
        max_consistency_time=given["max_consistency_time"],
        rate=_rate(given["rate"]),
        seed=given["seed"],
        clauses=frozenset(given["clauses"]),
        shard=given["shard"] or (1, 1),
        keep_exchanges=any(one.shows_exchanges for one in given["reports"]),
    )


def given_headers(
    contract: Contract,
    given: Mapping[str, Any],
    target: Target,
    left: Callable[[], float] = lambda: math.inf,
) -> tuple[Headers, Credentials]:
    """The headers of every request among the flags, and the credentials.

    Raises:
        click.UsageError: a header or a credential that cannot be sent, or fetched.
    """
    from conformance.http.credentials import CredentialError
    from conformance.http.renewal import TokenError
    from conformance.run.credential_inputs import GivenCredentials, carried, credentials_of

    headers, own = carried(contract, tuple(_header_of(one) for one in given["headers"]))
    # What is given by the name of its scheme comes last, and wins.
    named = {**given, "credentials": (*own, *given["credentials"])}
    try:
        return headers, credentials_of(contract, GivenCredentials.of(named), target, left)
    except (CredentialError, TokenError) as error:
        raise click.UsageError(str(error)) from error


def _examples(contract: Contract, given: tuple[str, ...]) -> Mapping[str, Any]:
    found = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals:
            raise click.UsageError(f"--example {text}: write it as OPERATION=FILE")
        operation = contract.operation(name)
        if operation is None:
            raise click.UsageError(
                f"--example {text}: {name!r} is not an operation of the contract; name it as "
                "`POST /path` or by its operationId"
            )
        try:
            found[operation.id] = read_file(Path(path)).plain()
        except ContractError as error:
            raise click.UsageError(f"--example {name}: {error}") from error
    return found


def _header_of(text: str) -> tuple[str, str]:
    """Name and value of one `--header`.

    Raises:
        click.UsageError: no name that HTTP allows, or a value that a header cannot carry.
    """
    name, colon, value = text.partition(":")
    if not colon:
        # Nothing of it is shown: it may be the value alone.
        raise click.UsageError("--header: write it as 'Name: value'")
    if not is_token(name.strip()):
        raise click.UsageError(f"--header {name!r}: write it as 'Name: value'")
    # RFC 9110, section 5.5: these three would begin another line, or end the message.
    if any(letter in value for letter in "\r\n\x00"):
        raise click.UsageError(f"--header {name}: a header value cannot contain a line break")
    return name.strip(), value.strip()


def _rate(text: str | None) -> float:
    """Requests in a second; 0 has no limit."""
    if not text:
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/(s|m|h))?", text.strip())
    if not found or float(found[1]) == 0:
        raise click.UsageError(f"--rate {text}: write it as 5/s or 100/m")
    return float(found[1]) / {"s": 1, "m": 60, "h": 3600}[found[2] or "s"]
