"""What the given credentials mean for a contract: one statement for every way to start a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from conformance.http.credentials import (
    BEARER_TYPES,
    CredentialError,
    Credentials,
    Foreign,
    Placed,
    place,
)
from conformance.http.exchange import Headers
from conformance.http.renewal import Renewable
from spec import Contract
from spec.model.contract_model import SecurityScheme
from spec.model.near_names import did_you_mean
from spec.text.http_tokens import is_token

if TYPE_CHECKING:
    from conformance.http.target import Target

__all__ = ["GivenCredentials", "carried", "credentials_of", "scopes_of"]

CLIENT = "client_credentials:"
"""What a `--credential` of an OAuth 2 scheme begins with where a client asks for the token."""
_ALIKE = 0.75
"""How much what stands before `=` is like a tag, from 0 to 1, where it is one that is misspelt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCredentials:
    """The credentials as they were given, each text as the option of that name has it."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    token_commands: tuple[str, ...] = field(default=(), repr=False)
    credentials: tuple[str, ...] = field(default=(), repr=False)
    expired_token: str = field(default="", repr=False)
    foreign: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Those among the options of a command."""
        given = {one.name: options[one.name] for one in fields(cls) if options[one.name]}
        return cls(**given)


def credentials_of(
    contract: Contract,
    given: GivenCredentials,
    target: Target,
    left: Callable[[], float] = lambda: math.inf,
) -> Credentials:
    """What `--token`, `--credential` and their like mean; what can be fetched is fetched now.

    `left` tells the seconds that may be taken for it, now and whenever it is fetched again.

    Raises:
        CredentialError: a credential that cannot be sent, or that nothing can be made of.
        TokenError: one that cannot be fetched.
    """
    credentials = _Inputs(contract, target, left).read(given)
    credentials.check()
    return credentials


def carried(contract: Contract, headers: Headers) -> tuple[Headers, tuple[str, ...]]:
    """The headers that carry no credential, and the others as `--credential` would have them.

    A credential in a header of every request would be there where a request is to have none. Where
    no operation of the contract asks for a credential, there is no such request.
    """
    if not any(one.security for one in contract.operations):
        return headers, ()
    rest, given = list[tuple[str, str]](), list[str]()
    for name, value in headers:
        found = [
            f"{scheme.name}={value}"
            for scheme in contract.security_schemes.values()
            if _carries(scheme, name, value)
        ]
        given += found
        rest += [] if found else [(name, value)]
    return tuple(rest), tuple(given)


def _carries(scheme: SecurityScheme, name: str, value: str) -> bool:
    if scheme.type == "apiKey":
        return scheme.location == "header" and scheme.parameter.lower() == name.lower()
    said = scheme.scheme if scheme.type == "http" else "bearer"
    begins = bool(said) and value.lower().startswith(f"{said.lower()} ")
    return scheme.type in (*BEARER_TYPES, "http") and name.lower() == "authorization" and begins


def scopes_of(contract: Contract) -> set[str]:
    """What a credential can be given for: the tags and operations of the contract."""
    operations = contract.operations
    names = {name for one in operations for name in (one.id, one.operation_id or one.id)}
    return names | {tag for one in operations for tag in one.tags}


@dataclass(slots=True)
class _Inputs:
    """The credentials read so far."""

    contract: Contract
    target: Target
    left: Callable[[], float]
    token: str = ""
    by_tag: dict[str, str] = field(default_factory=dict)
    by_scheme: dict[str, str] = field(default_factory=dict)
    renewable: list[Renewable] = field(default_factory=list)

    def read(self, given: GivenCredentials) -> Credentials:
        for text in given.tokens:
            self._give(*self._scoped(text))
        for text in given.credentials:
            self._credential(text)
        for text in given.token_commands:
            self._command(text)
        return Credentials(
            token=self.token,
            by_tag=self.by_tag,
            by_scheme=self.by_scheme,
            expired=_bare(given.expired_token),
            foreign=tuple(self._foreign(text) for text in given.foreign),
            renewable=tuple(self.renewable),
        )

    def _scoped(self, text: str) -> tuple[str, str]:
        """`TAG=REST`, where TAG is a tag or an operation of the contract; else "" and the whole."""
        scope, equals, rest = text.partition("=")
        # A token may have `=` in it: only a known name before it is a scope.
        return (scope, rest) if equals and scope in scopes_of(self.contract) else ("", text)

    def _give(self, scope: str, text: str) -> None:
        if not scope:
            self._refuse_misspelt(*text.partition("=")[::2])
        if (self.by_tag.get(scope) if scope else self.token) not in ("", None, _bare(text)):
            whose = f"for {scope}" if scope else "without a TAG"
            raise CredentialError(f"--token: two were given {whose}; give one for each: TAG=TOKEN")
        if scope:
            self.by_tag[scope] = _bare(text)
        else:
            self.token = _bare(text)

    def _refuse_misspelt(self, name: str, rest: str) -> None:
        """Refuse what looks like the name of a scope: it would be sent as a part of the token."""
        if not rest.strip("="):
            return
        if name in self.contract.security_schemes:
            what = f"{name} is a security scheme; give it as --credential {name}=…"
        else:
            what = did_you_mean(name, scopes_of(self.contract), "", cutoff=_ALIKE)
        if what:
            raise CredentialError(f"--token {name}=…: there is no such tag or operation; {what}")

    def _credential(self, text: str) -> None:
        name, equals, value = text.partition("=")
        scheme = self.contract.security_schemes.get(name)
        if not equals or scheme is None:
            known = ", ".join(self.contract.security_schemes) or "none"
            raise CredentialError(
                f"--credential{_named(name, value)}: write it as SCHEME=VALUE, where SCHEME is a "
                f"security scheme of the contract ({known})"
            )
        # Fetched now: a wrong secret is reported before anything is sent.
        if scheme.type == "oauth2" and value.startswith(CLIENT):
            value = self._fetched(self._client(scheme, value.removeprefix(CLIENT)))
        self.by_scheme[name] = _of_scheme(scheme, value)

    def _client(self, scheme: SecurityScheme, pair: str) -> Renewable:
        from conformance.http.token_sources import ClientCredentials, token_endpoint

        option = f"--credential {scheme.name}={CLIENT}…"
        client, colon, secret = pair.partition(":")
        if not (client and colon and secret):
            raise CredentialError(f"{option}: write it as {CLIENT}ID:SECRET")
        if not scheme.token_url:
            raise CredentialError(
                f"{option}: the scheme has no flow clientCredentials with a tokenUrl; fetch the "
                "token with --token-command"
            )
        operations = self.contract.operations
        wanted = [one for each in operations for need in each.security
                  for one in need.schemes.get(scheme.name, ())]  # fmt: skip
        base = operations[0].base_paths[0] if operations else ""
        fetch = ClientCredentials(
            option=option,
            url=token_endpoint(self.target, base, scheme.token_url),
            client=client,
            secret=secret,
            scopes=tuple(dict.fromkeys(wanted)),
            target=self.target,
            left=self.left,
        )
        return Renewable(option, fetch, (secret,))

    def _command(self, text: str) -> None:
        from conformance.http.token_sources import TokenCommand

        scope, command = self._scoped(text)
        name, _, rest = text.partition("=")
        scheme = name if not scope and name in self.contract.security_schemes else ""
        command = rest if scheme else command
        taken = self.by_scheme if scheme else self.by_tag if scope else {"": self.token}
        if taken.get(scheme or scope):
            raise CredentialError(
                "--token-command: a token was also given for the same operations; give only one "
                "of them"
            )
        option = f"--token-command {scheme or scope}=…" if scheme or scope else "--token-command"
        fetch = TokenCommand(option=option, command=command, left=self.left)
        value = self._fetched(Renewable(option, fetch))
        if scheme:
            self.by_scheme[scheme] = value
        elif scope:
            self.by_tag[scope] = value
        else:
            self.token = value

    def _fetched(self, made: Renewable) -> str:
        self.renewable.append(made)
        return made.issued

    def _foreign(self, text: str) -> Foreign:
        """`NAME=VALUE`; NAME is a scheme of the contract, a header, `cookie:X` or `query:X`."""
        name, equals, value = text.partition("=")
        scheme = self.contract.security_schemes.get(name)
        if equals and value and scheme is not None:
            placed = place(scheme, _of_scheme(scheme, value))
            if placed is None:
                raise CredentialError(f"--foreign {name}=…: {scheme.type} cannot be sent")
            return Foreign(name=name, placed=placed)
        kind, colon, bare = name.partition(":")
        place_of, bare = (kind, bare) if colon else ("header", name)
        if not (_named(name, value) and is_token(bare)) or place_of not in _PLACES:
            known = ", ".join(self.contract.security_schemes) or "none"
            raise CredentialError(
                f"--foreign{_named(name, value)}: write it as NAME=VALUE, where NAME is a security "
                f"scheme of the contract ({known}), a header, cookie:NAME or query:NAME"
            )
        return Foreign(name=name, placed=_PLACES[place_of](bare, value))


def _named(name: str, value: str) -> str:
    """The name as an error shows it; "" where it may be a secret for which no name was given."""
    # Base64 ends with the sign that stands between a name and its value.
    return f" {name}=…" if value.strip("=") else ""


def _in_header(name: str, value: str) -> Placed:
    bare = value.partition(" ")[2].strip()
    return Placed(headers=((name, value),), secrets=(value, bare) if bare else (value,))


def _in_query(name: str, value: str) -> Placed:
    return Placed(query=((name, value),), secrets=(value,))


def _in_cookie(name: str, value: str) -> Placed:
    return Placed(cookies=((name, value),), secrets=(value,))


_PLACES = {"header": _in_header, "query": _in_query, "cookie": _in_cookie}


def _of_scheme(scheme: SecurityScheme, value: str) -> str:
    """The credential as the kit sends it: an API key is sent as it is, whatever it begins with."""
    if scheme.type == "apiKey":
        return value
    return _bare(value, scheme.scheme if scheme.type == "http" else "bearer")


def _bare(value: str, scheme: str = "bearer") -> str:
    """The credential without the scheme that people copy with it: the kit writes that itself."""
    first, space, rest = value.strip().partition(" ")
    return rest.strip() if space and first.lower() == scheme.lower() else value
