"""HTTP Archives of any size and origin, and of any age, are read as they come."""

from __future__ import annotations

import base64
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.http.exchange import Answer, Request
from conformance.traffic.exchanges import Seen
from conformance.traffic.har import CutHarError, HarError, read_har
from conformance.traffic.long_strings import CUT, ShortStrings
from conformance.traffic.recorded_credentials import credentials_of, without_credentials
from tests.conformance.traffic.recorded import archive, entry


def read(folder: Path, text: str) -> list[Any]:
    """The exchanges of an archive's text."""
    file = folder / "a.har"
    file.write_text(text, "utf-8")
    return list(read_har(file))


def test_an_exchange(tmp_path: Path) -> None:
    """Method, target, headers, both bodies, times and origin."""
    (seen,) = read(tmp_path, archive(entry("POST", "/lamps?a=1", 201, {"a": 1}, body={"b": 2})))

    assert (seen.request.method, seen.request.target) == ("POST", "/v1/lamps?a=1")
    assert (seen.request.body, seen.answer.body) == (b'{"b": 2}', b'{"a": 1}')
    assert (seen.origin, seen.answer.seconds) == ("https://api.example", 0.0125)
    assert seen.answer.started == pytest.approx(1767323045.678)


@pytest.mark.parametrize(("written", "told"), [("get", "GET"), ("brew", "brew"), ("BREW", "BREW")])
def test_a_method_is_told_by_case_but_for_those_of_http(
    tmp_path: Path, written: str, told: str
) -> None:
    """`additionalOperations` may have `brew`; some write `get` for GET."""
    (seen,) = read(tmp_path, archive(entry(written, "/pots", 200, {})))

    assert seen.request.method == told


def test_bodies_in_base64(tmp_path: Path) -> None:
    """As browsers write what is no text."""
    one = entry("GET", "/lamps", 200, "x")
    one["response"]["content"] |= {"text": base64.b64encode(b"\x89PNG").decode(), "size": 4}
    one["response"]["content"]["encoding"] = "base64"
    (seen,) = read(tmp_path, archive(one))

    assert (seen.answer.body, seen.answer_known) == (b"\x89PNG", True)


def test_bytes_that_were_cut(tmp_path: Path) -> None:
    """Base64 has no room for a mark: fewer bytes than the size says are not the whole body."""
    one = entry("GET", "/lamps", 200, "x")
    one["response"]["content"] |= {"text": base64.b64encode(b"\x89PNG").decode(), "size": 5}
    one["response"]["content"]["encoding"] = "base64"
    (seen,) = read(tmp_path, archive(one))

    assert not seen.answer_known


def test_forms_as_parameters(tmp_path: Path) -> None:
    """Firefox and some proxies write the fields, and no text."""
    one = entry("POST", "/lamps", 201)
    one["request"]["postData"] = {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "a b", "value": "1&2"}],
    }
    (seen,) = read(tmp_path, archive(one))

    assert seen.request.body == b"a+b=1%262"


@pytest.mark.parametrize(
    "change",
    [
        {"content": {"size": 900}},
        {"content": {"size": 900, "text": ""}},
        {"content": None},
    ],
)
def test_a_body_that_was_left_out_is_not_known(tmp_path: Path, change: dict[str, Any]) -> None:
    """It is no empty body: nothing can be said of it."""
    one = entry("GET", "/lamps", 200, [])
    one["response"] |= change
    (seen,) = read(tmp_path, archive(one))

    assert (seen.answer.body, seen.answer_known) == (b"", False)


def test_a_request_whose_body_was_left_out_is_not_known(tmp_path: Path) -> None:
    """Content-Length tells that there was one."""
    (seen,) = read(
        tmp_path, archive(entry("POST", "/lamps", 201, headers={"Content-Length": "20"}))
    )

    assert (seen.request.body, seen.body_known) == (None, False)


def test_what_is_no_exchange_is_passed_over(tmp_path: Path) -> None:
    """Blocked requests, sockets, data URLs, HTTP/2's own fields, and what lacks everything."""
    blocked, socket = entry("GET", "/a", 0), entry("GET", "/b", 101)
    socket["request"]["url"] = "wss://api.example/b"
    good = entry("GET", "/c", 200, headers={":authority": "api.example", "accept": "*/*"})
    found = read(tmp_path, archive(blocked, socket, {}, {"request": 1, "response": None}, good))

    assert [seen.request.target for seen in found] == ["/v1/c"]
    assert found[0].request.headers == (("accept", "*/*"),)


def test_a_cut_archive_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """A browser that was closed while it wrote."""
    file = tmp_path / "a.har"
    text = archive(entry("GET", "/a", 200), entry("GET", "/b", 200), entry("GET", "/c", 200))
    file.write_text(text[:-200], "utf-8")
    exchanges = read_har(file)

    assert [next(exchanges).request.target for _ in range(2)] == ["/v1/a", "/v1/b"]
    with pytest.raises(CutHarError, match="ends after 2 entries"):
        next(exchanges)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no HTTP Archive"),
        ("{}", "has no entries"),
        ("[1]", "has no entries"),
        ("<html>", r"is no HTTP Archive \(HAR\): lexical error: .*; save one in"),
        ('{"log": {"entries": 5}}', "has no entries"),
        ("\x00", "is no HTTP Archive"),
        ("1" * 5000, "is no HTTP Archive"),
        ('{"log": {"entries": [' + '{"request":' * 20_000, "is nested more than 500 levels deep"),
    ],
    ids=["empty", "object", "list", "page", "no list", "binary", "digits", "deep"],
)
def test_what_is_no_archive(tmp_path: Path, text: str, why: str) -> None:
    """One sentence names the file and what is wrong."""
    with pytest.raises(HarError, match=rf"a\.har {why}"):
        read(tmp_path, text)


@pytest.mark.slow
def test_a_large_archive_takes_no_more_memory_than_its_largest_entry(tmp_path: Path) -> None:
    """Sixty-four entries of a megabyte are read in the memory of a few."""
    file = tmp_path / "a.har"
    one = json.dumps(entry("GET", "/a", 200, "x" * 1_000_000, media="text/plain"))
    with file.open("w") as opened:
        opened.write('{"log": {"entries": [')
        opened.write(",".join([one] * 64))
        opened.write("]}}")
    tracemalloc.start()
    count = sum(1 for _ in read_har(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 64
    assert peak < 12_000_000


def test_a_long_body_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out while it is read, with its entry and those beside it unharmed."""
    monkeypatch.setattr("conformance.traffic.har.LONGEST", 100_000)
    file = tmp_path / "a.har"
    long = json.dumps([{"name": 'é"\\', "n": 1}] * 150_000)
    texts = ["[1]", long, "[2]"]
    with file.open("w") as opened:
        opened.write(archive(*(entry("GET", "/a", 200, text) for text in texts)))
    tracemalloc.start()
    found = list(read_har(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [one.answer_known for one in found] == [True, False, True]
    assert [one.answer.body for one in found] == [b"[1]", b"", b"[2]"]
    assert len(long) > 3_500_000
    assert peak < 2_000_000


JSON = st.recursive(
    st.text(st.sampled_from('a"\\/é€😀\n…'), max_size=60) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(value=JSON, size=st.integers(1, 9), longest=st.integers(5, 40), plain=st.booleans())
def test_only_long_strings_are_cut(value: Any, size: int, longest: int, plain: bool) -> None:
    """Whatever the pieces, what is left is the same JSON, but for the ends of long strings."""

    class Pieces(io.BytesIO):
        def read(self, most: int | None = -1) -> bytes:
            return super().read(size)

    reader = ShortStrings(Pieces(json.dumps(value, ensure_ascii=plain).encode()), longest)
    text = b"".join(iter(lambda: reader.read(64), b""))

    assert same(json.loads(text), value, longest)


def same(shown: Any, value: Any, longest: int) -> bool:
    """Whether a value is another one, but for cut strings."""
    if isinstance(value, str) and shown != value:
        head = shown.removesuffix(CUT).encode("utf-8", "replace").decode().rstrip("?\ufffd")
        return shown.endswith(CUT) and value.startswith(head) and len(json.dumps(value)) > longest
    if isinstance(value, list):
        return len(shown) == len(value) and all(map(same, shown, value, [longest] * len(value)))
    if isinstance(value, dict):
        return shown.keys() == value.keys() and all(
            same(shown[k], value[k], longest) for k in value
        )
    return bool(shown == value)


def test_credentials_do_not_go_further(tmp_path: Path) -> None:
    """Headers and parameters that carry them have `$TOKEN`; what stands around stays."""
    headers = {
        "Authorization": "Bearer abc.def.ghi",
        "Cookie": "session=s3cr3t; theme=dark",
        "X-Lamp-Key": "k3y",
        "accept": "text/html",
    }
    (seen,) = read(
        tmp_path, archive(entry("GET", "/lamps?access_token=t0ken&a=1", 200, headers=headers))
    )
    request = without_credentials(seen, ["X-Lamp-Key"]).request

    assert dict(request.headers) == {
        "Authorization": "Bearer $TOKEN",
        "Cookie": "session=$TOKEN; theme=$TOKEN",
        "X-Lamp-Key": "$TOKEN",
        "accept": "text/html",
    }
    assert request.target == "/v1/lamps?access_token=$TOKEN&a=1"


def test_each_cookie_is_a_credential_of_its_own() -> None:
    """An answer repeats the value of one of them, and not the whole line."""
    cookies = ("Cookie", "theme=dark; lamp-session=s3cr3t-of-a-lamp; sid=0123456789")
    seen = Seen(
        request=Request(method="GET", target="/lamps", headers=(cookies,)),
        answer=Answer(status=200),
    )

    assert list(credentials_of(seen, ["lamp-session"])) == ["s3cr3t-of-a-lamp"]


def test_the_name_of_a_scheme_is_no_credential() -> None:
    """A client that has lost its token sends the scheme alone; every other request has it too."""
    sent = (("Authorization", "Bearer"),)
    seen = Seen(
        request=Request(method="GET", target="/lamps", headers=sent), answer=Answer(status=401)
    )

    assert list(credentials_of(seen, [])) == []
