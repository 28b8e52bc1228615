"""The caller's credentials: which one an operation gets, and where it travels."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from conformance.http.exchange import Headers
from conformance.http.header_values import unsendable
from conformance.http.renewal import Renewable
from spec import Contract
from spec.model.contract_model import Operation, SecurityRequirement, SecurityScheme

__all__ = [
    "BEARER_TYPES",
    "CredentialError",
    "Credentials",
    "Foreign",
    "Placed",
    "is_bearer",
    "place",
]

BEARER_TYPES = ("oauth2", "openIdConnect")
"""Types of security schemes whose token travels as a bearer token (RFC 6750 section 2.1)."""


def is_bearer(contract: Contract, scheme: str) -> bool:
    """Whether the credential of a scheme travels as `Authorization: Bearer`."""
    found = contract.security_schemes.get(scheme)
    return found is not None and (
        found.type in BEARER_TYPES or (found.type == "http" and found.scheme == "bearer")
    )


class CredentialError(ValueError):
    """A credential that cannot be sent: which, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A credential where a request carries it. `schemes` are the requirement's, by name."""

    headers: Headers = ()
    query: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    schemes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __or__(self, other: Placed) -> Placed:
        """Both together, for a requirement with several schemes.

        One token that serves two schemes is one line: a header that is no list comes once
        (RFC 9110 section 5.3).
        """
        return Placed(
            headers=tuple(dict.fromkeys(self.headers + other.headers)),
            query=self.query + other.query,
            cookies=self.cookies + other.cookies,
            schemes=self.schemes + other.schemes,
            secrets=self.secrets + other.secrets,
        )

    def travels_as(self, other: Placed) -> bool:
        """Whether a request with it is the same as one with the other."""
        return (self.headers, self.query, self.cookies) == (
            other.headers,
            other.query,
            other.cookies,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A credential that is good elsewhere, where a request carries it; `name` is the caller's."""

    name: str
    placed: Placed

    def fits_beside(self, own: Placed) -> bool:
        """Whether both can stand in one request: no header, cookie or field is needed twice."""
        mine, other = _slots(self.placed), _slots(own)
        return bool(mine) and mine.isdisjoint(other)


def _slots(placed: Placed) -> set[tuple[str, str]]:
    slots = {("header", name.lower()) for name, _ in placed.headers}
    slots |= {("query", name) for name, _ in placed.query}
    return slots | {("cookie", name) for name, _ in placed.cookies}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What was given on the command line.

    `token` serves every scheme that takes one; `by_tag` is for the operations of a tag, or for
    one operation; `by_scheme` wins over both. `foreign` are good elsewhere and must be refused
    here. `renewable` are those of the others that can be fetched again.
    """

    token: str = field(default="", repr=False)
    by_tag: Mapping[str, str] = field(default_factory=dict, repr=False)
    by_scheme: Mapping[str, str] = field(default_factory=dict, repr=False)
    expired: str = field(default="", repr=False)
    foreign: tuple[Foreign, ...] = field(default=(), repr=False)
    renewable: tuple[Renewable, ...] = field(default=(), repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must not be shown, the longest first."""
        every = [self.token, self.expired, *self.by_tag.values(), *self.by_scheme.values()]
        # Of `user:password` the password alone may be repeated as well.
        every += [value.partition(":")[2] for value in self.by_scheme.values()]
        every += [secret for one in self.foreign for secret in one.placed.secrets]
        every += [secret for one in self.renewable for secret in one.secrets]
        # The longest first: a secret that is part of another one must not leave the rest of it.
        return tuple(sorted({one for one in every if one}, key=len, reverse=True))

    @property
    def tokens(self) -> Mapping[str, str]:
        """What each token was given for, by the token: a tag, an operation, or "" for all."""
        found = dict[str, str]()
        for name, token in (("", self.token), *self.by_tag.items()):
            if token:
                found.setdefault(token, name)
        return found

    @property
    def fixed(self) -> set[str]:
        """Those that are given once and for all, and not fetched again when they end."""
        given = {self.token, *self.by_tag.values(), *self.by_scheme.values()}
        return given - {"", *(one.issued for one in self.renewable)}

    @property
    def variables(self) -> Mapping[str, str]:
        """Variables of a command line for what is no good credential, by the secret."""
        foreign = (secret for one in self.foreign for secret in one.placed.secrets)
        found = dict.fromkeys(foreign, "FOREIGN_TOKEN")
        return {**found, self.expired: "EXPIRED_TOKEN"} if self.expired else found

    def without(self, ended: Collection[str]) -> Credentials:
        """What is left where some of the secrets are accepted no more."""

        def left(given: Mapping[str, str]) -> Mapping[str, str]:
            # An empty one keeps its place: a wider one was not given for it.
            return {name: "" if one in ended else one for name, one in given.items()}

        return replace(
            self,
            token="" if self.token in ended else self.token,
            by_tag=left(self.by_tag),
            by_scheme=left(self.by_scheme),
        )

    def has_own(self, operation: Operation) -> bool:
        """Whether a token was given for the operation itself, which it may use up."""
        return not self.by_tag.keys().isdisjoint({operation.id, operation.operation_id or ""})

    def value(self, contract: Contract, operation: Operation, scheme: str) -> str:
        """The secret for one scheme of an operation; "" where none was given."""
        if scheme in self.by_scheme:
            return self.by_scheme[scheme]
        found = contract.security_schemes.get(scheme)
        takes_token = is_bearer(contract, scheme) or (found is not None and found.type == "apiKey")
        if not takes_token:
            return ""
        # From the narrowest to the widest, so that an operation's own token wins over its tag's.
        names = (operation.id, operation.operation_id or "", *operation.tags)
        return next((self.by_tag[name] for name in names if name in self.by_tag), self.token)

    def alternatives(self, contract: Contract, operation: Operation) -> tuple[Placed, ...]:
        """The alternatives of an operation's security that the given credentials fulfil.

        Last are those that take the general token for an API key: it may be none.
        """
        found = (self._fulfilled(contract, operation, one) for one in operation.security)
        fulfilled = [one for one in found if one is not None]
        return tuple(sorted(fulfilled, key=lambda one: self._taken_for_keys(contract, one)))

    def further_alternatives(
        self, contract: Contract, operation: Operation, used: Placed
    ) -> tuple[Placed, ...]:
        """The other alternatives that were given, each of which is enough by itself.

        Left out are those that nothing was given for: the general token may be no API key, and a
        client's certificate travels with each request.
        """
        alternatives = self.alternatives(contract, operation)
        return tuple(
            one
            for one in alternatives
            if not self._taken_for_keys(contract, one)
            and (_slots(one) or not one.schemes)
            and not one.travels_as(used)
        )

    def _taken_for_keys(self, contract: Contract, placed: Placed) -> int:
        schemes = [contract.security_schemes[name] for name in placed.schemes]
        return sum(one.type == "apiKey" and one.name not in self.by_scheme for one in schemes)

    def _fulfilled(
        self, contract: Contract, operation: Operation, requirement: SecurityRequirement
    ) -> Placed | None:
        placed = Placed()
        for name in requirement.schemes:
            scheme = contract.security_schemes.get(name)
            value = self.value(contract, operation, name)
            if scheme is None or (not value and scheme.type != "mutualTLS"):
                return None
            one = place(scheme, value)
            if one is None:
                return None
            placed = placed | one
        return placed

    def check(self) -> None:
        """Raise CredentialError where a secret could not stand in a header."""
        named = {"--token": self.token, "--expired-token": self.expired}
        named |= {f"--token {tag}=…": value for tag, value in self.by_tag.items()}
        named |= {f"--credential {name}=…": value for name, value in self.by_scheme.items()}
        for one in self.foreign:
            named |= {f"--foreign {one.name}=…": value for value in one.placed.secrets}
        for flag, value in named.items():
            if problem := unsendable(value):
                raise CredentialError(f"{flag}: the credential {problem}; check how it was copied")


_USER_AND_PASSWORD = re.compile(r"[^=,:]*:.*", re.DOTALL)
"""`user:password`, and not the parameters of a Digest credential: these have `=` before a colon."""


def place(scheme: SecurityScheme, value: str) -> Placed | None:
    """The credential where its scheme wants it; None for a scheme that cannot be fulfilled so.

    HTTP Basic takes `user:password`, or what is already base64 of that (RFC 7617). HTTP Digest
    takes what stands after the scheme's name (RFC 7616 section 3.4): a `user:password` would need
    the server's challenge to each request, which is not spoken here.
    """
    names, secrets = (scheme.name,), (value,)
    if scheme.type == "mutualTLS":
        return Placed(schemes=names)
    if scheme.type == "apiKey":
        pair = ((scheme.parameter, value),)
        if scheme.location == "query":
            return Placed(query=pair, schemes=names, secrets=secrets)
        if scheme.location == "cookie":
            return Placed(cookies=pair, schemes=names, secrets=secrets)
        return Placed(headers=pair, schemes=names, secrets=secrets)
    if scheme.type in BEARER_TYPES:
        return Placed(
            headers=(("Authorization", f"Bearer {value}"),), schemes=names, secrets=secrets
        )
    if scheme.type == "http" and scheme.scheme == "basic":
        # Base64 has no colon: with one it is not encoded yet.
        sent = base64.b64encode(value.encode()).decode() if ":" in value else value
        return Placed(
            headers=(("Authorization", f"Basic {sent}"),), schemes=names, secrets=(value, sent)
        )
    needs_challenge = scheme.scheme == "digest" and _USER_AND_PASSWORD.fullmatch(value)
    if scheme.type == "http" and scheme.scheme and not needs_challenge:
        name = "Bearer" if scheme.scheme == "bearer" else scheme.scheme.title()
        return Placed(
            headers=(("Authorization", f"{name} {value}"),), schemes=names, secrets=secrets
        )
    return None
