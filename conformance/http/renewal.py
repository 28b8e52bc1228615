"""Credentials that are fetched, and fetched again when they end."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from conformance.http.exchange import Request
from conformance.http.header_values import unsendable

__all__ = ["Fetched", "Renewable", "Renewals", "TokenError"]

MARGIN = 10.0
"""Seconds before its end in which a credential is fetched again; at most a fifth of its life."""
IN_VAIN = 2
"""So often an operation that refuses every credential has a new one fetched."""


class TokenError(ValueError):
    """A credential that could not be fetched: by which option, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A credential, and when it expires in seconds since 1970; 0 if unknown."""

    token: str
    expires: float = 0.0


class Renewable:
    """A credential that `fetch` gives, the first time at once.

    `issued` is the first one: every request is made with it, and carries `current` in its place
    when it is sent. `secrets` are what it is fetched with. `accepted` says that one of them was
    accepted: a credential that never was is not at its end.

    Raises:
        TokenError: it cannot be fetched.
    """

    own = True
    """Whether what is fetched is the caller's own secret, which no answer may repeat."""

    def __init__(
        self, option: str, fetch: Callable[[], Fetched], secrets: Sequence[str] = ()
    ) -> None:
        self.option, self._fetch, self.secrets = option, fetch, tuple(secrets)
        self.issued = self.current = ""
        self.accepted, self._due = False, 0.0
        self.take(fetch())
        self.issued = self.current

    def take(self, fetched: Fetched) -> None:
        """Use another one from now on. Raises TokenError for what cannot be sent."""
        if problem := unsendable(fetched.token):
            raise TokenError(f"{self.option}: what was fetched {problem}")
        ends, now = fetched.expires or _expiry(fetched.token), time.time()
        # The same again, or one that has ended: asking at every request would bring no other.
        useful = ends > now and fetched.token != self.current
        self._due = ends - min(MARGIN, (ends - now) / 5) if useful else 0.0
        self.current = fetched.token

    @property
    def due(self) -> bool:
        """Whether it ends soon."""
        return bool(self._due) and time.time() >= self._due

    async def renew(self) -> None:
        """Fetch another one. Raises TokenError."""
        self.take(await asyncio.to_thread(self._fetch))

    def spellings(self) -> Mapping[str, str]:
        """The first credential as requests carry it, and what is there now."""
        pairs = {
            self.issued: self.current,
            quote(self.issued, safe=""): quote(self.current, safe=""),
        }
        # HTTP Basic carries `user:password` in base64 only (RFC 7617 section 2).
        if ":" in self.issued:
            pairs[_basic(self.issued)] = _basic(self.current)
        return pairs


class Renewals:
    """The renewable credentials of a run. `learn` is called with each new credential.

    `problem` says why one could not be fetched again; nothing is fetched after that.
    """

    def __init__(self, renewables: Sequence[Renewable], learn: Callable[[str], None]) -> None:
        self._all, self._learn = tuple[Renewable, ...](renewables), learn
        self._lock, self._vain = asyncio.Lock(), Counter[str]()
        self.problem, self.times = "", 0

    def add(self, one: Renewable) -> None:
        """Renew one more from now on."""
        self._all = (*self._all, one)

    async def carried(self, request: Request) -> Request:
        """The request with the credentials of now in the place of the first ones."""
        for one in self._all:
            if one.due and not self.problem and _swapped(request, one) is not None:
                async with self._lock:
                    # Another task may have fetched it while this one waited for the lock.
                    if one.due:
                        await self._renew(one)
            request = _swapped(request, one) or request
        return request

    def note(self, request: Request) -> None:
        """Remember that the credentials of a request were accepted."""
        for one in self._all:
            if not one.accepted and _swapped(request, one) is not None:
                one.accepted = True

    async def renewed(self, operation: str, request: Request, sent: Request) -> bool:
        """Whether there are other credentials for a request that was answered with 401.

        `sent` is the request as it travelled.
        """
        new = False
        for one in self._all:
            if _swapped(request, one) is None or self.problem:
                continue
            async with self._lock:
                if _swapped(request, one) == sent and one.accepted:
                    if self._vain[operation] >= IN_VAIN:
                        continue
                    self._vain[operation] += 1
                    await self._renew(one)
                new = new or _swapped(request, one) != sent
        return new

    def fruitful(self, operation: str) -> None:
        """Remember that a new credential was accepted where the one before was not."""
        self._vain[operation] = 0

    async def _renew(self, one: Renewable) -> None:
        try:
            await one.renew()
        except TokenError as error:
            self.problem = f"the credential could not be fetched again: {error}"
            return
        self.times += 1
        if one.own:
            self._learn(one.current)


def _swapped(request: Request, one: Renewable) -> Request | None:
    """The request with the credential of now; None where it does not carry the first one."""
    spellings = one.spellings()
    headers = tuple(
        (name, _refreshed_header(name, value, spellings)) for name, value in request.headers
    )
    path, mark, query = request.target.partition("?")
    pairs = [_pair(pair, spellings) for pair in query.split("&")]
    target = f"{path}{mark}{'&'.join(pairs)}"
    changed = replace(request, headers=headers, target=target)
    if changed != request:
        return changed
    # The first credential may still be the one of now.
    return changed if one.issued == one.current and _carries(request, spellings) else None


def _carries(request: Request, spellings: Mapping[str, str]) -> bool:
    # Put something else in its place: what changes by that had it.
    other = dict.fromkeys(spellings, "\0")
    values = any(_refreshed_header(name, value, other) != value for name, value in request.headers)
    query = request.target.partition("?")[2]
    return values or any(_pair(pair, other) != pair for pair in query.split("&"))


def _refreshed_header(name: str, value: str, spellings: Mapping[str, str]) -> str:
    """A header whose value, or what follows its scheme, is exactly the credential."""
    if name.lower() == "cookie":
        return "; ".join(_pair(pair, spellings) for pair in value.split("; "))
    if value in spellings:
        return spellings[value]
    scheme, space, rest = value.partition(" ")
    return f"{scheme} {spellings[rest]}" if space and rest in spellings else value


def _pair(pair: str, spellings: Mapping[str, str]) -> str:
    name, sign, value = pair.partition("=")
    return f"{name}{sign}{spellings[value]}" if value in spellings else pair


def _basic(pair: str) -> str:
    return base64.b64encode(pair.encode()).decode()


def _expiry(token: str) -> float:
    """When a JWT says that it ends (RFC 7519 section 4.1.4); 0 for what is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return 0.0
    try:
        # JWTs leave out base64's padding (RFC 7515 section 2), which the decoder wants.
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        ends = claims["exp"]
    except (ValueError, binascii.Error, LookupError, TypeError, RecursionError):
        return 0.0
    # Some write milliseconds: what would end in the year 33658 is taken for no time at all.
    usable = isinstance(ends, (int, float)) and not isinstance(ends, bool) and 0 < ends < 1e12
    return float(ends) if usable else 0.0
