"""A secret within an encoded text is shown nowhere, wherever in it the secret begins."""

from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import html
import json
import lzma
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.cases.forged_tokens import forged_jwt, unsigned_jwt
from conformance.http.digit_codes import inner_codes
from conformance.http.masking import Secrets
from conformance.http.secret_index import SecretIndex

SECRET = "Key/of+the.House-2718281828"
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
OF_45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
OF_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
OF_36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def number(data: bytes, digits: str) -> str:
    left, written = int.from_bytes(data, "big"), ""
    while left:
        left, last = divmod(left, len(digits))
        written = digits[last] + written
    return written


def groups(data: bytes, size: int, count: int, digits: str, *, lowest_first: bool = False) -> str:
    written = ""
    for at in range(0, len(data), size):
        group = int.from_bytes(data[at : at + size].ljust(size, b"\0"), "big")
        places = [digits[group // len(digits) ** power % len(digits)] for power in range(count)]
        written += "".join(places if lowest_first else reversed(places))
    return written


def dumped(data: bytes, group: int, bar: str = "") -> str:
    def lines() -> Iterator[str]:
        for at in range(0, len(data), 16):
            row = data[at : at + 16]
            shown = "".join(chr(one) if 32 <= one < 127 else "." for one in row)
            yield f"{at:08x}: {row.hex(' ', group):<47}  {bar}{shown}{bar}"

    return "\n".join(lines())


def by_characters(data: bytes) -> str:
    rows = (
        f"{at:07o} " + "".join(f"   {chr(one)}" for one in data[at : at + 16])
        for at in range(0, len(data), 16)
    )
    return "\n".join(rows)


def in_64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def each(pattern: str, text: str) -> str:
    return "".join(pattern % ord(one) for one in text)


ENCODED: Mapping[str, Callable[[bytes], str]] = {
    "base64": in_64,
    "base64 backwards": lambda data: in_64(data)[::-1],
    "base64 turned": lambda data: codecs.encode(in_64(data), "rot13"),
    "base32": lambda data: base64.b32encode(data).decode(),
    "base32, lower case": lambda data: base64.b32encode(data).decode().lower(),
    "base32 with the digits of hex": lambda data: base64.b32hexencode(data).decode(),
    "base64 of bzip2": lambda data: base64.b64encode(bz2.compress(data)).decode(),
    "base64 of xz": lambda data: base64.b64encode(lzma.compress(data)).decode(),
    "base32 of gzip": lambda data: base64.b32encode(gzip.compress(data)).decode(),
    "base32 of base64": lambda data: base64.b32encode(base64.b64encode(data)).decode(),
    "base36": lambda data: number(data, OF_36),
    "base45": lambda data: groups(data, 2, 3, OF_45, lowest_first=True),
    "base58": lambda data: number(data, OF_58),
    "base85": lambda data: base64.b85encode(data).decode(),
    "base85 of Adobe": lambda data: base64.a85encode(data).decode(),
    "base85 of ZeroMQ": lambda data: groups(data, 4, 5, Z85),
    "a decimal number": lambda data: number(data, "0123456789"),
    "bits": lambda data: "".join(f"{one:08b}" for one in data),
    "rot47": lambda data: "".join(chr(33 + (one + 14) % 94) for one in data),
    "xxd": lambda data: dumped(data, 2),
    "hexdump": lambda data: dumped(data, 1, "|"),
    "od": by_characters,
    "UTF-7": lambda data: f"+{in_64(data.decode().encode('utf-16-be')).rstrip('=')}-",
    "base64 in escapes": lambda data: each(r"\u%04x", in_64(data)),
    "base64 in percents": lambda data: each("%%%02X", in_64(data)),
    "base64 in entities": lambda data: each("&#x%x;", in_64(data)),
    "backwards in escapes": lambda data: each(r"\u%04x", data.decode()[::-1]),
    "CSS": lambda data: each(r"\%x ", data.decode()),
    "CSS with zeros": lambda data: each(r"\%06x", data.decode()),
    "character data": lambda data: "".join(f"<![CDATA[{chr(one)}]]>" for one in data),
    "tags": lambda data: "".join(chr(0xE0000 + one) for one in data),
    "selectors": lambda data: "".join(chr(0xE0100 - 16 + one) for one in data),
}
WRAPPED: Mapping[str, Callable[[str], str]] = {
    "alone": str,
    "in JSON": lambda text: json.dumps({"error": f"bad {text} here", "n": 1}, ensure_ascii=False),
    "in lines": lambda text: f"Error: {text}\nsecond line",
}


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("before", range(6))
def test_a_secret_in_an_encoded_text_is_hidden(encoding: str, wrapped: str, before: int) -> None:
    """Its middle is shown nowhere, whatever stands before and after it."""
    code = ENCODED[encoding](b"around"[:before] + SECRET.encode() + b"after")
    text = WRAPPED[wrapped](code)
    third = code[len(code) // 3 : -(len(code) // 3)]
    middle = json.dumps(third, ensure_ascii=False)[1:-1] if wrapped == "in JSON" else third

    hidden = Secrets(given=(SECRET,)).mask(text)

    assert "$TOKEN" in hidden
    assert middle not in hidden


@pytest.mark.parametrize(
    "place", ["/v1/users/{}", "see https://a.example/u/{}/rows", "text/{}; q=1"]
)
@pytest.mark.parametrize(
    "encoding", [one for one in ENCODED if one.startswith("base") or one in ("bits", "UTF-7")]
)
def test_a_secret_in_a_segment_of_a_path_is_hidden(encoding: str, place: str) -> None:
    """The segments before it are letters of the same alphabet, but none of the encoding."""
    code = ENCODED[encoding](SECRET.encode())

    hidden = Secrets(given=(SECRET,)).mask(place.format(code))

    assert "$TOKEN" in hidden
    assert code[len(code) // 3 : -(len(code) // 3)] not in hidden


@pytest.mark.parametrize("encoding", ENCODED)
def test_another_encoded_text_is_shown(encoding: str) -> None:
    """It is evidence."""
    text = ENCODED[encoding](b"The lamp-42/is on, and has been since 1879.".replace(b" ", b"_"))

    assert Secrets(given=(SECRET,)).mask(text) == text


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES512"])
def test_what_all_tokens_of_an_algorithm_have_in_common_is_no_secret(algorithm: str) -> None:
    """A forged token stands in a curl line as it was sent: with half of it hidden it is another."""

    def token(signature: str, **claims: Any) -> str:
        parts = ({"alg": algorithm, "typ": "JWT"}, claims)
        texts = (json.dumps(one, separators=(",", ":")).encode() for one in parts)
        encoded = (base64.urlsafe_b64encode(one).decode().rstrip("=") for one in texts)
        return ".".join((*encoded, signature))

    own = token("0Iz4NCfjgMAGOxAcaJQ65PACV5nqxUgzWNev9bNcZcM", sub="u1", role="admin", exp=17959)
    header, payload, signature = own.split(".")
    secrets = Secrets((own,))

    for forged in (token("mJRpRpwtayM2wthgBF6W91Yl", sub="0000"), forged_jwt(), unsigned_jwt()):
        assert secrets.hide(f"Authorization: Bearer {forged}") == f"Authorization: Bearer {forged}"
    assert secrets.hide(f"Bearer {own}") == "Bearer $TOKEN"
    assert payload[:40] not in secrets.hide(f"{header}.{payload}")
    assert signature not in secrets.hide(f"sent: {payload}.{signature}")


@pytest.mark.parametrize("secret", ["kX9-aQ", "zq7w-9Jx4k", SECRET])
def test_no_code_of_a_secret_is_a_word(secret: str) -> None:
    """What every text with the secret must contain is long enough to tell it."""
    assert min(map(len, inner_codes(secret))) >= 6
    assert html.unescape(secret) not in inner_codes(secret)


def of_text(encode: Callable[[bytes], str]) -> Callable[[str], str]:
    return lambda text: encode(text.encode())


WRITTEN: Mapping[str, Callable[[str], str]] = {
    **{name: of_text(encode) for name, encode in ENCODED.items()},
    "plain": str,
    "recased": str.swapcase,
    "its beginning": lambda text: text[: len(text) * 2 // 3],
    "its end": lambda text: text[-(len(text) * 2 // 3) :],
    "spaced": " ".join,
    "in lines": "\n".join,
    "in events": lambda text: "\n".join(f"data: {one}" for one in (text[:5], text[5:])),
    "in octets": lambda text: text.encode().hex(":"),
    "as numbers": lambda text: str(list(text.encode())),
    "in percents": lambda text: each("%%%02x", text.encode().decode("latin-1")),
    "wide": lambda text: "".join(
        chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text
    ),
}
OTHERS = (
    "hunter2",
    "abc",
    "correct horse battery staple",
    "p\u00e4ssw\u00f6rd-\u20ac-1",
    "0123456789" * 20,
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_one_look_for_all_secrets_finds_what_a_look_for_each_finds(data: st.DataObject) -> None:
    """In whatever encoding, cut anywhere, and beside or within other ones."""
    texts = st.text(max_size=8) | st.sampled_from([" ", "\n", '", "', "sk-proj-", "\\"])
    secrets = data.draw(st.lists(st.sampled_from((SECRET, *OTHERS)), min_size=1, unique=True))
    text = data.draw(texts)
    for _ in range(data.draw(st.integers(1, 3))):
        name, secret = (data.draw(st.sampled_from(one)) for one in ([*WRITTEN], (SECRET, *OTHERS)))
        text += WRITTEN[name](secret)[: data.draw(st.integers(4, 400))] + data.draw(texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SecretIndex, "may_say", lambda index, text: set(secrets))
        one_by_one = settled(Secrets(given=tuple(secrets)), text)

    assert settled(Secrets(given=tuple(secrets)), text) == one_by_one


def settled(secrets: Secrets, text: str) -> str:
    """What is left of a text; how many marks stand one after another says nothing."""
    while (shown := secrets.hide(text)) != text:
        text = shown
    return re.sub(r"(\$TOKEN)+", "$TOKEN", text)
