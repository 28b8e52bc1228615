"""Ways to alter a right secret, each as a function and as what a shell makes of `$TOKEN`.

A report keeps the name of the way, and never the altered secret: that tells most of the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ALTERATIONS", "Alteration", "alteration_of"]

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Those of base64 in URLs (RFC 4648 section 5), in their order."""
_FAR = r"tr 'A-Za-fg-z0-9\-_' 'g-z0-9\-_A-Za-f'"
"""`_other` as a filter of a shell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """`of` makes the altered secret; `shell` does in bash or zsh, of the variable `$TOKEN`.

    Of a secret that does not fit, the shell would make another one.
    """

    name: str
    label: str
    of: Callable[[str], str]
    shell: str
    fits: Callable[[str], bool] = str.isascii


def _other(letter: str) -> str:
    """Another character, far away: base64's last one may have bits that mean nothing."""
    # 32 changes the highest of six bits, which the last character of base64 always uses.
    at = _ALPHABET.find(letter)
    return _ALPHABET[at ^ 32] if at >= 0 else "x" if letter != "x" else "y"


ALTERATIONS = (
    Alteration(
        name="last",
        label="its last character changed",
        of=lambda secret: secret[:-1] + _other(secret[-1]),
        shell=f'${{TOKEN%?}}$(printf %s "${{TOKEN: -1}}" | {_FAR})',
        fits=lambda secret: secret[-1:] in _ALPHABET,
    ),
    Alteration(
        name="first",
        label="its first character changed",
        of=lambda secret: _other(secret[0]) + secret[1:],
        shell=f'$(printf %s "${{TOKEN:0:1}}" | {_FAR})${{TOKEN#?}}',
        fits=lambda secret: secret[:1] in _ALPHABET,
    ),
    Alteration(
        name="case",
        label="its case changed",
        of=str.swapcase,
        shell='$(printf %s "$TOKEN" | tr a-zA-Z A-Za-z)',
    ),
    Alteration(
        name="cut",
        label="its last character cut off",
        of=lambda secret: secret[:-1],
        shell="${TOKEN%?}",
    ),
    Alteration(
        name="half",
        label="half of it",
        of=lambda secret: secret[: len(secret) // 2],
        shell="${TOKEN:0:$((${#TOKEN} / 2))}",
    ),
    Alteration(
        name="longer",
        label="something after it",
        of=lambda secret: f"{secret}x",
        shell="${TOKEN}x",
    ),
    Alteration(
        name="unsigned",
        label="without its signature",
        of=lambda secret: secret.rpartition(".")[0] + ".",
        shell="${TOKEN%.*}.",
        fits=lambda secret: "." in secret,
    ),
)
"""Of a JWT alone the last: another secret has no signature."""


def alteration_of(value: str, secret: str) -> Alteration | None:
    """The way in which a value is an altered secret; None where it is none of these."""
    ways = (one for one in ALTERATIONS if secret and one.fits(secret))
    return next((one for one in ways if one.of(secret) == value), None)
