"""What waivers take out, what is wrong with them, and how a bad file is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.report.findings import Finding, Level
from conformance.report.waivers import (
    Waiver,
    WaiverError,
    apply,
    as_yaml,
    read_waivers,
)

FINDING = Finding(code="server-error", level=Level.ERROR, title="It fails", fingerprint="0" * 16)
WAIVER = Waiver(
    fingerprint="0" * 16, reason="Known", owner="a@example.com", expires=date(2027, 1, 31)
)


def test_waived_through_the_last_day() -> None:
    """On its last day a waiver still counts."""
    result = apply([FINDING], (WAIVER,), date(2027, 1, 31))

    assert result.findings == ()
    assert result.waived == ((FINDING, WAIVER),)


def test_expired() -> None:
    """A day later the finding is back, and the waiver fails by itself."""
    result = apply([FINDING], (WAIVER,), date(2027, 2, 1))

    assert [one.code for one in result.findings] == ["server-error", "waiver-expired"]
    assert result.findings[1].level is Level.ERROR


def test_unused() -> None:
    """A waiver that nothing needs is a warning, where everything was looked at."""
    whole = apply([], (WAIVER,), date(2027, 1, 1))
    part = apply([], (WAIVER,), date(2027, 1, 1), whole=False)

    assert [(one.code, one.level) for one in whole.findings] == [("waiver-unused", Level.WARNING)]
    assert part.findings == ()


def test_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Fingerprints that look like numbers, and reasons with any character, survive."""
    file = tmp_path / "waivers.yaml"
    written = (
        replace(WAIVER, fingerprint="1234567890123456", reason="a: b # c\n'é\""),
        replace(WAIVER, fingerprint="12345678901e3456", finding="x: y"),
    )
    file.write_text(as_yaml(written), "utf-8")

    read = tuple(replace(one, place=None) for one in read_waivers(file))

    assert read == written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "1: `waivers` is missing; begin the file with `waivers:`"),
        ("waivers: x", "1: `waivers` is no list; write `- fingerprint: …` below it"),
        ("waivers:\n  - 5", "2: a waiver is a mapping; give it fingerprint, reason, owner"),
        ("waivers:\n  - {fingerprint: '0000000000000000'}", "2: a waiver lacks `reason`"),
        (
            "waivers:\n  - fingerprint: 1234567890123456\n    reason: r\n    owner: o\n    "
            "expires: 2027-01-31",
            "2: `fingerprint` is 1234567890123456; write a text; put it in quotes",
        ),
        (
            "waivers:\n  - fingerprint: 'abc'\n    reason: r\n    owner: o\n"
            "    expires: 2027-01-31",
            "2: `fingerprint` is 'abc'; write the sixteen hexadecimal digits",
        ),
        (
            "waivers:\n  - fingerprint: '0000000000000000'\n    reason: r\n    owner: o\n"
            "    expires: soon",
            "5: `expires` is 'soon'; write a day such as 2027-01-31",
        ),
        (
            "waivers:\n  - {fingerprint: '0000000000000000', reason: r, owner: o,"
            " expires: '2027-01-31', until: x}",
            "2: a waiver has no 'until'",
        ),
        (
            "waivers:\n"
            + "  - {fingerprint: '0000000000000000', reason: r, owner: o, expires: '2027-01-31'}\n"
            * 2,
            "3: 0000000000000000 is waived twice, first at",
        ),
        ("waivers: [", "waivers.yaml:"),
    ],
)
def test_bad_file(text: str, said: str, tmp_path: Path) -> None:
    """A file that cannot be used is told with its line and what to do."""
    file = tmp_path / "waivers.yaml"
    file.write_text(text, "utf-8")

    with pytest.raises(WaiverError) as caught:
        read_waivers(file)

    assert said in str(caught.value)
