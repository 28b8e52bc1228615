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
_SIGNATURE = 'printf %s "${TOKEN##*.}"'
"""Writes the last part of a JWT in a shell."""
_FEW = 8
"""Characters that are left of a signature: a prefix, as a careless comparison takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """`of` makes the altered secret; `shell` does in bash or zsh, of the variable `$TOKEN`.

    Of a secret that does not fit, the shell would make another one. `of_jwts` says whether it is
    made of JWTs alone, or of other secrets alone; None where it is made of all.
    """

    name: str
    label: str
    of: Callable[[str], str]
    shell: str
    fits: Callable[[str], bool] = str.isascii
    of_jwts: bool | None = None


def _other(letter: str) -> str:
    """Another character, far away: base64's last one may have bits that mean nothing."""
    # 32 changes the highest of six bits, which the last character of base64 always uses.
    at = _ALPHABET.find(letter)
    return _ALPHABET[at ^ 32] if at >= 0 else "x" if letter != "x" else "y"


def _signature(change: Callable[[str], str]) -> Callable[[str], str]:
    """A change of a JWT's signature: of a changed header or claims, no reader gets as far."""

    def changed(token: str) -> str:
        content, dot, signature = token.rpartition(".")
        return content + dot + change(signature)

    return changed


def _is_signed(token: str) -> bool:
    signature = token.rpartition(".")[2]
    return token.isascii() and "." in token and signature[:1] in _ALPHABET and bool(signature)


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
        of_jwts=False,
    ),
    Alteration(
        name="case",
        label="its case changed",
        of=str.swapcase,
        shell='$(printf %s "$TOKEN" | tr a-zA-Z A-Za-z)',
        of_jwts=False,
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
        of_jwts=False,
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
        of_jwts=True,
    ),
    Alteration(
        name="signature-first",
        label="the first character of its signature changed",
        of=_signature(lambda signature: _other(signature[0]) + signature[1:]),
        shell=f"${{TOKEN%.*}}.$({_SIGNATURE} | cut -c1 | {_FAR})$({_SIGNATURE} | cut -c2-)",
        fits=_is_signed,
        of_jwts=True,
    ),
    Alteration(
        name="signature-case",
        label="the case of its signature changed",
        of=_signature(str.swapcase),
        shell=f"${{TOKEN%.*}}.$({_SIGNATURE} | tr a-zA-Z A-Za-z)",
        fits=_is_signed,
        of_jwts=True,
    ),
    Alteration(
        name="signature-short",
        label="the first characters of its signature alone",
        of=_signature(lambda signature: signature[:_FEW]),
        shell=f"${{TOKEN%.*}}.$({_SIGNATURE} | cut -c1-{_FEW})",
        fits=_is_signed,
        of_jwts=True,
    ),
)


def alteration_of(value: str, secret: str) -> Alteration | None:
    """The way in which a value is an altered secret; None where it is none of these."""
    ways = (one for one in ALTERATIONS if secret and one.fits(secret))
    return next((one for one in ways if one.of(secret) == value), None)
