"""The settings of a mock: frozen, and constant while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["AuthMode", "AuthPolicy", "Settings"]

AuthMode: TypeAlias = Literal["any", "token", "jwt", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPolicy:
    """Which credentials are good.

    `any` takes every well-formed credential of a declared scheme, `token` these tokens alone,
    `jwt` a bearer token that `secret` signed and whose `exp` has not passed, `off` needs none.
    """

    mode: AuthMode = "any"
    tokens: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)

    @classmethod
    def parse(cls, values: Sequence[str], *, secret: str = "") -> AuthPolicy:
        """Read what `--auth` was given: `any`, `off`, `jwt`, or `token=T` any number of times.

        Raises ValueError with a text for the user.
        """
        tokens = tuple(value.removeprefix("token=") for value in values if _is_token(value))
        modes = {value for value in values if not _is_token(value)}
        if unknown := sorted(modes - {"any", "off", "jwt"}):
            raise ValueError(f"'{unknown[0]}' is not one of any, off, jwt and token=TOKEN")
        if "" in tokens:
            raise ValueError("token= has no token; write token=TOKEN")
        if len(modes) + bool(tokens) > 1:
            raise ValueError("any, off, jwt and token=TOKEN exclude one another; give one of them")
        if "jwt" in modes and not secret:
            raise ValueError("jwt needs the secret that signs the tokens; give it as --jwt-secret")
        if secret and "jwt" not in modes:
            raise ValueError("--jwt-secret is used by --auth jwt alone; give both or neither")
        if tokens:
            return cls(mode="token", tokens=tokens)
        return cls(
            mode="off" if "off" in modes else "jwt" if "jwt" in modes else "any", secret=secret
        )


def _is_token(value: str) -> bool:
    return value.startswith("token=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the mock serves.

    `seed` varies generated values; None, and 0, give the plainest. With `dynamic` every answer is
    generated, whatever examples there are. `max_body` is in
    bytes, and holds for a body after decompression too. `stream_pace` and `max_wait` (what
    `Prefer: wait` may ask for) are in seconds. What is under `/__mock/` answers the machine it
    runs on, and every client that sends `admin_token`; `health` answers every client.
    `allow_page_scenarios`
    lets a page of another origin play scenarios for the keys that it sends itself. With `stateful`
    what requests did shows in later answers. `journal_size` is how many requests are recorded.
    """

    auth: AuthPolicy = field(default_factory=AuthPolicy)
    seed: int | None = None
    dynamic: bool = False
    max_body: int = 10 * 1024 * 1024
    stream_pace: float = 0.02
    max_wait: float = 60.0
    admin_token: str | None = field(default=None, repr=False)
    journal: bool = True
    journal_size: int = 1000
    allow_page_scenarios: bool = False
    stateful: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a token that everybody has."""
        if self.admin_token == "":
            raise ValueError("the token is empty, and would let everybody in; give one, or none")
