"""A secret stands in no report: in no spelling, in no format."""

from __future__ import annotations

import asyncio
import base64
import binascii
import gzip
import json
import random
import re
import string
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from conformance.cases.altered_secrets import altered_secrets
from conformance.clauses.secret_names import contract_secrets
from conformance.http.exchange import Answer, Request
from conformance.http.inner_texts import packed_texts
from conformance.http.masking import ALTERED, SECRET, Secrets
from conformance.http.redaction import Redactor
from conformance.http.target import parse_target
from conformance.report.formats.destinations import FORMATS, Destination, write
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run
from tests.conformance.kit.targets import speaking

pytestmark = pytest.mark.slow

HANDED_OUT = "lk-4f9a/c7d81e6b3+50"
TOKEN = "Key/of+the.House-2718281828"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "another case": str.upper,
    "percent": lambda text: quote(text, safe=""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent everywhere": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of Basic": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"a{text}".encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "hex, upper case": lambda text: text.encode().hex().upper(),
    "JSON escapes": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "escaped slashes": lambda text: text.replace("/", "\\/"),
    "JavaScript escapes": lambda text: "".join(f"\\u{{{ord(one):x}}}" for one in text),
    "octal": lambda text: "".join(f"\\{ord(one):03o}" for one in text),
    "mail": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "base64 in lines": lambda text: "\n".join(
        re.findall(".{1,20}", base64.b64encode(text.encode()).decode())
    ),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "octets": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "octets of UTF-16": lambda text: text.encode("utf-16-be").hex(" "),
    "octets, cut off": lambda text: text.encode().hex(" ")[:50],
    "base64, cut off": lambda text: base64.b64encode(text.encode()).decode()[:23],
    "a list of octets": lambda text: json.dumps(list(text.encode())),
    "UTF-16 read as UTF-8": lambda text: text.encode("utf-16-le").decode(),
    "spaced": " ".join,
    "in two lines": lambda text: f"{text[:9]}\n{text[9:]}",
    "unseen letters": "\u200b".join,
    "backwards": lambda text: text[::-1],
    "wide letters": lambda text: "".join(chr(ord(one) + 0xFEE0) for one in text),
    "HTML": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "the first half": lambda text: text[: len(text) // 2 + 1],
    "cut off": lambda text: text[:9] + "…",
    "JSON within JSON": lambda text: json.dumps(json.dumps({"t": text})),
    "uuencoded": lambda text: f"begin 644 x\n{binascii.b2a_uu(text.encode()).decode()}`\nend",
    "uuencoded in JSON": lambda text: json.dumps(SPELLINGS["uuencoded"](text))[1:-1],
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(text.encode())).decode(),
    "deflate in base64": lambda text: base64.b64encode(
        zlib.compress(text.encode(), wbits=-15)
    ).decode(),
    "zlib in hex": lambda text: zlib.compress(text.encode()).hex(),
    "base64 in hex": lambda text: base64.b64encode(text.encode()).hex(),
    "hex in base64": lambda text: base64.b64encode(text.encode().hex().encode()).decode(),
    "base64 of escapes": lambda text: base64.b64encode(quote(text, safe="").encode()).decode(),
    "base64 backwards": lambda text: base64.b64encode(text.encode()).decode()[::-1],
    "a list of letters": lambda text: json.dumps(list(text)),
    "a list of parts": lambda text: json.dumps(re.findall(".{1,7}", text)),
    "with dashes": "-".join,
    "with tags": "<wbr>".join,
    "with colours": "\x1b[0m".join,
    "bold letters": lambda text: "".join(
        chr(0x1D41A + ord(one) - 97) if one.islower() else one for one in text
    ),
    "character codes": lambda text: " ".join(str(octet) for octet in text.encode()),
    "codes of PL/SQL": lambda text: "||".join(f"CHR({octet})" for octet in text.encode()),
    "binary": lambda text: " ".join(f"{octet:08b}" for octet in text.encode()),
    "long escapes": lambda text: "".join(f"\\U{ord(one):08x}" for one in text),
}
WHOLE = ("plain", "another case", "percent twice", "base64", "hex", "JSON escapes", "HTML", "mail")
"""Spellings that are sent through a whole run: what hides the others is the same function."""
CONTRACT = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
paths:
  /lamps:
    get:
      security: [{key: []}]
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {note: {type: integer}, pin: {format: password}}}
        '401': {description: who}
"""


ALTERATIONS: dict[str, Callable[[str], str]] = {
    "another end": lambda text: f"{text[:-1]}~",
    "another beginning": lambda text: f"~{text[1:]}",
    "another case": str.swapcase,
    "cut off": lambda text: text[:-1],
    "half": lambda text: text[: len(text) // 2],
    "longer": lambda text: f"{text}x",
}
PLACES: dict[str, Callable[[str], Request]] = {
    "Authorization": lambda text: asking(headers=(("Authorization", f"Bearer {text}"),)),
    "header": lambda text: asking(headers=(("X-Key", text),)),
    "cookie": lambda text: asking(headers=(("Cookie", f"theme=dark; sid={text}"),)),
    "query": lambda text: asking(target=f"/lamps?page=2&key={quote(text, safe='')}"),
}


def asking(target: str = "/lamps", headers: tuple[tuple[str, str], ...] = ()) -> Request:
    return Request(method="GET", target=target, headers=headers)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("alteration", ALTERATIONS)
@pytest.mark.parametrize("token", ["zq7w", "zq7w-9Jx4k", TOKEN])
def test_an_altered_credential_is_shown_nowhere(token: str, alteration: str, place: str) -> None:
    """What differs from the right one by a letter tells most of it, however short it is."""
    altered = ALTERATIONS[alteration](token)
    redactor = Redactor(parse_target("http://a.test"), Secrets(given=(token,)))
    request = PLACES[place](altered)

    for shown in (repr(redactor.request(request)), redactor.curl(request)):
        assert altered not in shown
        assert quote(altered, safe="") not in shown
        assert ALTERED in shown


@pytest.mark.parametrize("token", ["t", "test", "token", "secret"])
def test_a_short_credential_hides_no_ordinary_words(token: str) -> None:
    """`true` begins as `test` does; a request that is hidden cannot be sent again."""
    redactor = Redactor(parse_target("http://a.test"), Secrets(given=(token,)))
    target = "/lamps?on=true&off=false&n=7&sort=asc"

    assert redactor.request(asking(target)).url == f"http://a.test{target}"


@pytest.mark.parametrize("token", ["token-of-lamps-7", "tests_key_of_staging", "secret.7f3a9c11"])
def test_the_first_word_of_a_credential_may_end_a_sentence(token: str) -> None:
    """Nothing was cut off there; what is cut off within the next word, or any other, is hidden."""
    secrets, word = Secrets(given=(token,)), re.split("[-_.]", token)[0]
    sentence = f"give --expired-{word}"

    assert secrets.hide(sentence) == sentence
    assert secrets.hide(f'{{"note": "a {word}…') == f'{{"note": "a {word}…'
    for cut in (
        token,
        token[: len(word) + 2],
        f"{token[: len(word) + 2]}…",
        token[: len(word) - 1],
    ):
        assert secrets.hide(f"x {cut}").startswith("x $TOKEN")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_secret_is_left(spelling: str) -> None:
    """Neither as it is, nor within another text."""
    secret = SPELLINGS[spelling](TOKEN)

    hidden = Secrets(given=(TOKEN,)).hide(f'before "{secret}')

    assert secret not in hidden
    assert "$TOKEN" in hidden


@pytest.mark.parametrize("spelling", ["percent", "JSON escapes", "base64 of escapes", "hex"])
def test_a_password_of_any_letters_is_hidden(spelling: str) -> None:
    """A Basic credential may have other letters than those of ASCII (RFC 7617 section 2.1)."""
    password = "Schlüssel-zum-Häuschen-31415"
    spelt = SPELLINGS[spelling](password)

    assert spelt not in Secrets(given=(password,)).hide(f"note: {spelt}")


@pytest.mark.parametrize("indent", [None, 2])
def test_a_secret_that_is_one_property_hides_no_other(indent: int | None) -> None:
    """The rest of the value is evidence."""
    text = json.dumps([{"name": "desk", "key": TOKEN}, {"name": "floor"}], indent=indent)

    assert Secrets(given=(TOKEN,)).hide(text) == text.replace(TOKEN, "$TOKEN")


@pytest.mark.parametrize("indent", [None, 2])
def test_a_secret_in_the_properties_of_one_value_is_not_shown(indent: int | None) -> None:
    """Each has a part of it that tells little."""
    parts = {f"part{at}": TOKEN[at : at + 7] for at in range(0, len(TOKEN), 7)}

    assert Secrets(given=(TOKEN,)).hide(json.dumps(parts, indent=indent)) == "$TOKEN"


@pytest.mark.parametrize("spelling", WHOLE)
def test_the_text_around_a_secret_stays(spelling: str) -> None:
    """What was found letter by letter is all that goes."""
    hidden = Secrets(given=(TOKEN,)).hide(f'before "{SPELLINGS[spelling](TOKEN)}" after')

    assert hidden == 'before "$TOKEN" after'


@pytest.mark.parametrize("size", [1, 5, 14])
@pytest.mark.parametrize(
    "event",
    [
        'data: {"delta": "PART"}\n\n',
        "data: PART\n\n",
        'data: {"n": "x", "d": "PART"}\n\n',
        '{"d": ["PART"]}\n',
    ],
)
def test_a_secret_that_is_spread_over_events_is_not_shown(event: str, size: int) -> None:
    """Whoever reads all of them reads it."""
    parts = [TOKEN[at : at + size] for at in range(0, len(TOKEN), size)]
    stream = "".join(event.replace("PART", part) for part in parts)

    assert Secrets(given=(TOKEN,)).mask(stream) == "$TOKEN"
    assert Secrets(given=("another-1-key-of-it",)).mask(stream) == stream


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_an_answer_in_another_encoding_of_unicode_hides_its_keys(encoding: str) -> None:
    answer = Answer(status=200, body=json.dumps({"apiKey": HANDED_OUT, "n": 1}).encode(encoding))
    shown = Redactor(parse_target("http://a.test")).response(answer)

    assert shown is not None
    assert shown.body is not None
    assert shown.body.lstrip("\ufeff") == '{"apiKey": "$SECRET", "n": 1}'


def test_a_thousand_headers_are_counted() -> None:
    """They would stand in the archive of a run as often as it has requests."""
    cookies = tuple(("Set-Cookie", f"c{number}=v") for number in range(1_000))
    shown = Redactor(parse_target("http://a.test")).response(Answer(status=200, headers=cookies))

    assert shown is not None
    assert len(shown.headers) == 101
    assert shown.headers[-1] == ("…", "900 more headers")


def test_ordinary_text_is_left_alone() -> None:
    """A word that a token happens to begin with is a word."""
    text = "conformance of the gate, 100% \\n and a+b/c"

    assert Secrets(given=("conformance-gate",)).hide(text) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"apiKey": "SAID"}',
        '{"refresh_token":"SAID","a":1}',
        '{"inner": "{\\"clientSecret\\": \\"SAID\\"}"}',
        "access_token=SAID&x=1",
        "<password>SAID</password>",
        "<password kind='x'><![CDATA[SAID]]></password>",
        '<entry name="apiKey">SAID</entry>',
        '<input type="hidden" name="password" value="SAID">',
        "{'apiKey': 'SAID'}",
        "&quot;apiKey&quot;: &quot;SAID&quot;",
        "%7B%22apiKey%22%3A%22SAID%22%7D",
        '{"apiKeys": ["SAID"]}',
        '{"password": ["SAID"]}',
        '{"secret": {"value": "SAID"}}',
        '{"name": "API_KEY", "value": "SAID"}',
        "name,api_key\nme,SAID\n",
        '--b\r\nContent-Disposition: form-data; name="apiKey"\r\n\r\nSAID\r\n--b--',
        "https://a.test/cb#access_token=SAID&x",
        "postgres://me:SAID@db.test/x",
        "Authorization: Bearer SAID",
        '{"passwd": "SAID',
        "https://b.test/x?X-Amz-Date=1&X-Amz-Signature=SAID&a=1",
        '{"url": "https://b.test/x?a=1\\u0026X-Goog-Signature=SAID\\u0026b=2"}',
        "https://b.test/x?sv=2020&sig=SAID&se=2026",
        '<a href="https://b.test/?a=1&amp;sig=SAID&amp;b=2">',
        "next=https%3A%2F%2Fb.test%2F%3Fsig%3DSAID%26b",
        "api_key: SAID",
        '{"notes": "db:\\napi_key: SAID\\nuser: joe"}',
        "token = 'SAID'",
        "Server=h;User Id=sa;Password=SAID;Encrypt=1",
        '{"pem": "-----BEGIN RSA PRIVATE KEY-----SAID-----END RSA PRIVATE KEY-----"}',
    ],
)
def test_what_telling_names_carry_is_masked(text: str) -> None:
    """In JSON, within a string, in a form, in XML, and where the text was cut."""
    said = text.replace("SAID", "said-4f9a2c7d81e6")

    assert Secrets().mask(said) == text.replace("SAID", "$SECRET")


@pytest.mark.parametrize(
    "name", ["totalTokens", "nextPageToken", "monkey", "keyboard", "maskedKey", "sig", "key"]
)
def test_other_names_are_shown(name: str) -> None:
    """A cursor is no credential."""
    text = f'{{"{name}": "value"}}'

    assert Secrets().mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "password: must have at least 8 characters",
        "body.api_key: field required",
        "line 1, column 5: token: 12",
        "session: closed",
        "/items?page=2&cursor=abc123456",
        '{"design": "assign=3&x=2", "keyboard": "qwerty1"}',
        "Testcase 81 of 828, 4590452 in 36",
    ],
)
def test_ordinary_texts_are_shown(text: str) -> None:
    """What a server says of a credential is none."""
    assert Secrets(given=("718281828459045236",)).mask(text) == text


def test_what_headers_hand_out_is_shown_nowhere() -> None:
    """A session of Set-Cookie, which another answer repeats; a cookie that is a word is shown."""
    redactor = Redactor(parse_target("http://a.test"))
    cookies = ("sid=0f9a8b7c6d5e4f3a; Path=/", "theme=dark-and-quiet")
    headers = tuple(("Set-Cookie", one) for one in cookies)

    redactor.learn(asking(), Answer(status=200, headers=(*headers, ("X-Api-Key", HANDED_OUT))))

    shown = redactor.text(f"0f9a8b7c6d5e4f3a {HANDED_OUT} dark-and-quiet")
    assert shown == "$SECRET $SECRET dark-and-quiet"


def test_a_flag_under_the_name_of_a_credential_is_shown() -> None:
    """`Access-Control-Allow-Credentials: true` tells only that there may be some."""
    headers = (("Access-Control-Allow-Credentials", "true"),)

    shown = Redactor(parse_target("http://a.test")).response(Answer(status=200, headers=headers))

    assert shown is not None
    assert shown.headers == headers


@pytest.mark.parametrize("spelling", WHOLE)
def test_no_format_shows_a_secret(spelling: str, tmp_path: Path) -> None:
    """Neither the caller's, nor one that an answer hands out under a telling or a marked name."""
    repeated, handed_on = SPELLINGS[spelling](TOKEN), SPELLINGS[spelling](HANDED_OUT)

    def telling(asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"note": repeated}
        note = [repeated, handed_on]
        return 200, {"note": note, "apiKey": HANDED_OUT, "pin": "pin-81726354"}

    report = run(contract_of(tmp_path, CONTRACT), Application(telling), TOKEN, max_examples=0)
    for name in FORMATS:
        write(Destination(format=name, path=tmp_path / name), report)
    written = "\n".join((tmp_path / name).read_text("utf-8") for name in FORMATS)

    assert report.findings
    for secret in (TOKEN, repeated.strip('"'), HANDED_OUT, handed_on.strip('"'), "pin-81726354"):
        assert secret not in written


def test_an_exchange_shows_nothing_that_a_later_answer_hands_out(tmp_path: Path) -> None:
    """It is redacted when it is kept, and what a key is may be known only then."""
    asked_before = list[Asked]()

    def telling(asked: Asked) -> tuple[int, Any]:
        asked_before.append(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"note": f"not {HANDED_OUT}"}
        return 200, {"apiKey" if len(asked_before) > 9 else "text": HANDED_OUT}

    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(telling),
        TOKEN,
        max_examples=0,
        keep_exchanges=True,
    )
    write(Destination(format="har", path=tmp_path / "har"), report)

    assert len(report.exchanges) == len(asked_before)
    assert HANDED_OUT not in (tmp_path / "har").read_text("utf-8")


QUOTED = "tok-SECRET-4711-abcdef"
"""A credential that may be the name of a header."""
EXAMPLES = "              examples: {one: {value: {note: 1}}}\n"
LAMPS = CONTRACT.replace("        '401'", f"{EXAMPLES}        '401'")


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({f"X-{QUOTED}": "v"}, id="the name of a header"),
        pytest.param({"Set-Cookie": f"{QUOTED}=1; Path=/{QUOTED}"}, id="a cookie's name and path"),
        pytest.param({"Content-Encoding": QUOTED}, id="an encoding that nobody reads"),
        pytest.param({"Content-Type": f"application/{QUOTED}"}, id="a content type"),
        pytest.param({"Allow": QUOTED, "ETag": f'"{QUOTED}"'}, id="other headers"),
        pytest.param({}, id="the name of a property"),
    ],
)
def test_what_quotes_a_server_shows_no_secret(where: Mapping[str, str], tmp_path: Path) -> None:
    """Neither a sentence of a finding, nor why a clause is unobserved, nor a name."""

    async def telling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"note": 1} if where else {QUOTED: {QUOTED: 1}, "note": {QUOTED: []}})
        fields = {"Content-Type": "application/json", **where, "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n{body}".encode())
        await writer.drain()

    contract = contract_of(tmp_path, LAMPS)
    with speaking(telling) as url:
        report = run(contract, url, QUOTED, max_examples=0)
    for name in FORMATS:
        write(Destination(format=name, path=tmp_path / name), report)

    assert report.findings
    assert not [n for n in FORMATS if QUOTED.lower() in (tmp_path / n).read_text("utf-8").lower()]


def test_a_mark_is_not_taken_for_a_secret_that_begins_like_it() -> None:
    """`token-…` begins as `$TOKEN` ends; what is hidden already stays as it is."""
    secrets = Secrets(given=("token-for-everything", "secret-of-another"))

    for text in ("/x?token=$TOKEN", "Bearer $ALTERED_TOKEN", "$SECRET"):
        assert secrets.hide(text) == text
    assert secrets.hide("token-for-everything") == "$TOKEN"


def test_a_long_token_is_hidden() -> None:
    """In several pieces, as those of identity providers are: whole, cut, and encoded."""
    letters, length = string.ascii_letters + string.digits, 600
    token = "eyJ" + "".join(random.Random(length).choices(letters, k=length))
    secrets, encoded = Secrets(given=(token,)), base64.b64encode(b"x:" + token.encode()).decode()
    escaped = "".join(f"%{ord(one):02X}" for one in token)

    for text in (token, encoded, token.upper(), escaped, token[: length // 3], token[:40]):
        hidden = secrets.hide(f"Bearer {text}")
        assert "$TOKEN" in hidden
        assert not any(text[at : at + 9] in hidden for at in range(len(text) - 9))


@pytest.mark.parametrize("shortest", [(1, 6, 1), (6, 1, 6)], ids=["words last", "words first"])
def test_a_short_secret_stays_in_sentences_alone(shortest: tuple[int, ...]) -> None:
    """What is shown of a text is remembered for each kind of text by itself."""
    secrets = Secrets(given=("stop",))

    shown = [secrets.hide("Age: stop", shortest=one) for one in shortest]

    assert shown == [f"Age: {'stop' if one > 1 else '$TOKEN'}" for one in shortest]


def test_what_was_shown_before_it_was_known_is_hidden_after() -> None:
    """Short texts are remembered; a secret that comes later, fetched or handed out, counts."""
    secrets = Secrets(given=("first-secret-1",))
    texts = ("Bearer second-secret-2", "key third-secret-3")
    assert [secrets.hide(text) for text in texts] == list(texts)

    secrets.add("second-secret-2")
    secrets.learn('{"apiKey": "third-secret-3"}', str)

    assert [secrets.hide(text) for text in texts] == ["Bearer $TOKEN", "key $SECRET"]


@pytest.mark.parametrize("recorded", [False, True])
def test_what_a_request_has_stored_is_not_handed_out_by_who_reads_it_back(recorded: bool) -> None:
    """Else a plain word of the kit is hidden wherever it stands; recorded ones are somebody's."""
    redactor = Redactor(parse_target("http://127.0.0.1"), recorded=recorded)
    stored = b'{"password": "string"}'
    redactor.learn(Request(method="POST", target="/accounts", body=stored), Answer(status=201))
    redactor.learn(Request(method="GET", target="/accounts"), Answer(status=200, body=stored))

    assert (
        redactor.text('{"name": "string"}') == f'{{"name": "{SECRET if recorded else "string"}"}}'
    )


def test_a_word_of_the_contract_is_no_secret(tmp_path: Path) -> None:
    """Else its path is hidden, wherever it stands."""
    text = "paths: {/presets: {get: {responses: {'200': {description: ok}}}}}"
    secrets = contract_secrets(contract_of(tmp_path, text))

    secrets.learn('[{"password": "presets"}, {"password": "hunters"}]', str)

    assert secrets.hide("/presets?by=hunters") == f"/presets?by={SECRET}"


def test_a_run_with_a_long_token_ends(tmp_path: Path) -> None:
    """Its token stands in every request, and in an answer that repeats the header."""
    token = "eyJ" + "a1b2c3d4" * 200

    def repeating(asked: Asked) -> tuple[int, Any]:
        good = asked.headers.get("authorization") == f"Bearer {token}"
        return (200, {"note": token}) if good else (401, None)

    report = run(contract_of(tmp_path, CONTRACT), Application(repeating), token, max_examples=0)

    assert report.requests > 10
    assert not any("could not be tested" in one for one in report.remarks)
    assert token[:200] not in str(report)


def test_what_is_packed_many_times_over_is_read_in_part() -> None:
    """A deployment can answer with few octets that hold thousands of texts, each packed again."""

    def packed(text: str) -> str:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        return base64.b64encode(squeeze.compress(text.encode()) + squeeze.flush()).decode()

    text = "A" * 40
    for _ in range(3):
        text = " ".join([packed(text)] * 800)[:30_000]

    assert sum(len(told) for _, told in packed_texts(text)) < 1 << 25


@pytest.mark.parametrize("claims", ["eyJzdWIiOiJtZSJ9", "eyJzdWIiOiJ5b3UifQ"])
def test_of_a_jwt_the_signature_is_altered(claims: str) -> None:
    """With another header or other claims it cannot be read, and no signature is looked at."""
    token = f"eyJhbGciOiJIUzI1NiJ9.{claims}.dQw4w9WgXcQdQw4w9WgXcQ"
    altered = dict(altered_secrets(token))

    assert {value.rpartition(".")[0] for value in altered.values()} == {token.rpartition(".")[0]}
    assert [value.rpartition(".")[2] for value in altered.values()] == [
        "dQw4w9WgXcQdQw4w9WgXcw",
        "dQw4w9WgXcQdQw4w9WgXc",
        "dQw4w9WgXcQdQw4w9WgXcQx",
        "",
        "9Qw4w9WgXcQdQw4w9WgXcQ",
        "DqW4W9wGxCqDqW4W9wGxCq",
        "dQw4w9Wg",
    ]
