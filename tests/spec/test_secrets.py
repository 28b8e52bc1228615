"""Names of credentials, and what is shown in the place of their values."""

from __future__ import annotations

import time
from typing import Any

import pytest

from spec.text.secrets import MASK, is_secret_name, masked, masked_header, masked_text, masked_urls

SECRET = ["token", "accessToken", "refresh_token", "API_KEY", "apiKey", "X-API-Key", "password"]
SECRET += ["clientSecret", "JWT", "userPassword", "private-key", "SERVICE_KEY", "apikey"]
OPEN = ["max_tokens", "tokenType", "promptTokens", "key", "keys", "monkey", "secretary", "", "id"]
OPEN += ["primaryKey", "foreign_key", "objectKey", "passwordPolicy"]


@pytest.mark.parametrize("name", SECRET)
def test_a_name_of_a_credential(name: str) -> None:
    """However it is spelt, the last word decides."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", OPEN)
def test_a_name_that_only_looks_like_one(name: str) -> None:
    """Counts, kinds and keys of other things are shown."""
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"token": "abc", "n": 1}, {"token": MASK, "n": 1}),
        ({"a": [{"apiKey": "abc"}]}, {"a": [{"apiKey": MASK}]}),
        ({"secret": {"value": "abc", "set": True}}, {"secret": {"value": MASK, "set": True}}),
        ({"password": None, "pin": 1234}, {"password": None, "pin": MASK}),
        (["abc"], ["abc"]),
        ({"next": "https://h/x?token=abc&n=1"}, {"next": f"https://h/x?token={MASK}&n=1"}),
    ],
)
def test_values_are_masked_by_the_names_above_them(value: Any, shown: Any) -> None:
    """Everything else stays as it is."""
    assert masked(value) == shown


@pytest.mark.parametrize("text", ["a." * 20_000 + " x://y", "-a" * 20_000 + "=x://y"])
def test_no_text_takes_the_square_of_its_time(text: str) -> None:
    """A body of one word after the other has many beginnings of a URL, and none of them is one."""
    begun = time.process_time()
    assert masked_text(text) == text
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc", f"Bearer {MASK}"),
        ("authorization", "abc", MASK),
        ("Cookie", "a=b; c=d", MASK),
        ("X-Api-Key", "abc def", MASK),
        ("Content-Type", "text/plain", "text/plain"),
        ("Access-Control-Allow-Credentials", "true", "true"),
    ],
)
def test_headers(name: str, value: str, shown: str) -> None:
    """Of a credential only the scheme is shown."""
    assert masked_header(name, value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see http://bob:s3cret@host:1/a?b=c now", f"see http://{MASK}@host:1/a?b=c now"),
        ("https://h/x?page=2&api_key=abc", f"https://h/x?page=2&api_key={MASK}"),
        (
            "https://h/x?X-Amz-Signature=ab#token=cd",
            f"https://h/x?X-Amz-Signature={MASK}#token={MASK}",
        ),
        ("redis://:s3cret@host/0", f"redis://{MASK}@host/0"),
        ("mail bob@host, key=value, a://b", "mail bob@host, key=value, a://b"),
    ],
)
def test_credentials_in_urls(text: str, shown: str) -> None:
    """User, password and telling parameters go; the rest of the text and of the URL stays."""
    assert masked_urls(text) == shown
