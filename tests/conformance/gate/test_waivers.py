"""What waivers take out, what is wrong with them, and how a bad file is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.report.codes.finding_code import FindingCode
from conformance.report.command_outcome import breaks
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.waiver_file import WaiverError, as_yaml, extended, read_waivers, renewed
from conformance.report.waivers import Waiver, apply

PLACE = FindingPlace(fingerprint="0" * 16, operation="GET /a", clause="GET /a control")
FINDING = Finding(code=FindingCode.SERVER_ERROR, title="It fails", places=(PLACE,))
WAIVER = Waiver(
    fingerprint="0" * 16, reason="Known", owner="a@example.com", expires=date(2027, 1, 31)
)


def test_waived_through_the_last_day() -> None:
    """On its last day a waiver still counts."""
    result = apply([FINDING], (WAIVER,), date(2027, 1, 31))

    (marked,) = result.findings
    assert marked.waived
    assert result.accepted == ((marked, *marked.places, WAIVER),)


def test_mending_one_place_leaves_the_waiver_of_the_other() -> None:
    """A finding is waived when all its places are; each place is accepted by itself."""
    other = replace(PLACE, fingerprint="1" * 16, clause="GET /a body.a.type")
    both = replace(FINDING, places=(PLACE, other))
    day = date(2027, 1, 1)

    half = apply([both], (WAIVER,), day)
    mended = apply([FINDING], (WAIVER,), day)

    assert [one.waived for one in half.findings] == [False]
    (remark,) = half.remarks()
    assert "server-error at GET /a control (Known)" in remark
    assert breaks(half.findings, Level.ERROR)
    assert [one.waived for one in mended.findings] == [True]
    assert not breaks(mended.findings, Level.ERROR)


def test_one_decision_about_many_places_is_one_sentence() -> None:
    """A hundred lines of the same reason would hide who accepted what."""
    several = tuple(replace(PLACE, fingerprint=f"{number}" * 16) for number in range(3))
    waivers = tuple(replace(WAIVER, fingerprint=one.fingerprint) for one in several)
    other = replace(waivers[2], reason="Another one")
    result = apply([replace(FINDING, places=several)], (*waivers[:2], other), date(2027, 1, 1))

    assert result.remarks() == (
        "waived until 2027-01-31 by a@example.com: server-error at GET /a control and 1 more place "
        "(Known)",
        "waived until 2027-01-31 by a@example.com: server-error at GET /a control (Another one)",
    )


def test_expired() -> None:
    """A day later the finding is back, and the waiver fails by itself."""
    result = apply([FINDING], (WAIVER,), date(2027, 2, 1))

    assert [one.code for one in result.findings] == ["server-error", "waiver-expired"]
    assert result.findings[1].level is Level.ERROR


def test_unused() -> None:
    """A waiver that nothing needs is a warning, where everything was looked at."""
    whole = apply([], (WAIVER,), date(2027, 1, 1))
    part = apply([], (WAIVER,), date(2027, 1, 1), rooms=())

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


@pytest.mark.parametrize("text", ["", "# none yet\n", "waivers:\n", "waivers: []\n"])
def test_a_file_without_waivers_waives_nothing(text: str, tmp_path: Path) -> None:
    """It may be there before its first waiver is."""
    file = tmp_path / "waivers.yaml"
    file.write_text(text, "utf-8")

    assert read_waivers(file) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "1: `waivers` is missing; begin the file with `waivers:`"),
        ("waivers: x", "1: `waivers` is not a list; write `- fingerprint: …` below it"),
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
            "5: `expires` is 'soon'; write a date such as 2027-01-31",
        ),
        (
            "waivers:\n  - {fingerprint: '0000000000000000', reason: r, owner: o,"
            " expires: '2027-01-31', until: x}",
            "2: a waiver has no key 'until'",
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


@pytest.mark.parametrize("inset", ["", "  "])
def test_what_people_wrote_into_the_file_stays(inset: str, tmp_path: Path) -> None:
    """A comment at an entry is the better reason; new entries are put after it."""
    other = replace(WAIVER, fingerprint="1" * 16, reason="it's - new\n- line: 2")
    lines = as_yaml([WAIVER]).splitlines()
    mine = [f"{inset}{line}" if line[0] in "- " else line for line in lines]
    text = "\n".join([*mine, f"{inset}  # ask Ada first"])
    file = tmp_path / "w.yaml"
    file.write_text(extended(text, [other]) or "", "utf-8")

    assert file.read_text("utf-8").startswith(text)
    assert [replace(one, place=None) for one in read_waivers(file)] == [WAIVER, other]


def test_a_renewed_waiver_stays_where_it_is(tmp_path: Path) -> None:
    """With the comments at it, and all of its neighbours."""
    text = """# ours
waivers:
  # the first
  - owner: 'Ada'   # who knows
    fingerprint: "0000000000000000"
    expires: "2026-01-31"  # release 7
    reason: it is
      folded
    finding: >-
      a title
  - {fingerprint: '1111111111111111', reason: r, owner: o, expires: '2027-01-31'} # flow
  # the last
  - expires: 2026-02-01
    # inside
    reason: "a # in quotes" # and behind
    fingerprint: '2222222222222222'
    owner: o
"""
    day = date(2027, 3, 1)
    later = [
        replace(WAIVER, fingerprint=name * 16, reason="until: 8 #2", owner="Ada", expires=day)
        for name in "02"
    ]
    made = renewed(text, later) or ""
    file = tmp_path / "w.yaml"
    file.write_text(made, "utf-8")

    assert [one.expires for one in read_waivers(file)] == [day, date(2027, 1, 31), day]
    assert [one.partition("#")[2] for one in made.splitlines() if "#" in one] == [
        *(" ours", " the first", " who knows", " release 7", "2'", " flow"),
        *(" the last", " inside", "2' # and behind"),
    ]


def test_a_renewed_waiver_of_another_form_is_written_anew() -> None:
    """Its values stand on one line."""
    flow = "waivers: [{fingerprint: '%s', reason: r, owner: o, expires: '2026-01-01'}]"

    assert renewed(flow % WAIVER.fingerprint, [WAIVER]) is None


@pytest.mark.parametrize("text", ["waivers: [{}]\n", "waivers:\n", "waivers:\n- a: 1\nlater: 2\n"])
def test_a_file_of_another_form_is_written_anew(text: str) -> None:
    """What is put at its end would be no entry of the list."""
    assert extended(text, [WAIVER]) is None
