"""A changed contract is served whole, a broken one is not, and nobody's request is dropped."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

import httpx2
import pytest

from mock_server.command.reload import folders_of, state_of
from tests.command import Mock, launched

pytestmark = pytest.mark.slow

KETTLE = """
openapi: 3.0.3
info: {title: Kettle, version: "1"}
paths:
  /kettle:
    get:
      responses:
        "200":
          description: the kettle
          content: {application/json: {schema: {type: integer}, example: DEGREES}}
"""
OVERLAY = """
overlay: 1.0.0
info: {title: t, version: "1"}
actions:
- target: $.paths['/kettle'].get.responses['200'].content['application/json']
  update: {example: DEGREES}
"""


@pytest.fixture
def kettle(tmp_path: Path) -> Path:
    """A contract whose answer is 1."""
    return _written(tmp_path / "kettle.yaml", 1)


def _written(file: Path, degrees: int, text: str = KETTLE) -> Path:
    file.write_text(text.replace("DEGREES", str(degrees)))
    return file


def _degrees(mock: Mock) -> object:
    with httpx2.Client(trust_env=False) as client:
        return client.get(f"{mock.url}/kettle").json()


def _settled(mock: Mock, expected: object) -> object:
    """What is served once it is what is expected, or after some seconds."""
    deadline = time.monotonic() + 10
    while (seen := _degrees(mock)) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def test_a_changed_contract_is_served(kettle: Path) -> None:
    """Whether it is written in place or replaced by another file, as many editors do."""
    with launched(kettle) as mock:
        first = _degrees(mock)
        _written(kettle, 2)
        second = _settled(mock, 2)
        os.replace(_written(kettle.with_name("new.tmp"), 3), kettle)
        third = _settled(mock, 3)
        said = mock.until("Reloaded")

    assert [first, second, third] == [1, 2, 3]
    assert said == f"Reloaded {kettle}\n"


def test_a_changed_overlay_and_a_changed_reference_are_served(tmp_path: Path) -> None:
    """Every file that was read is watched, in whatever folder it lies; a broken one is told."""
    folder = tmp_path / "parts"
    folder.mkdir()
    path = KETTLE.partition("  /kettle:\n")[2]
    _written(folder / "kettle.yaml", 1, path)
    contract = tmp_path / "whole.yaml"
    contract.write_text(
        KETTLE.partition("  /kettle:\n")[0] + "  /kettle: {$ref: parts/kettle.yaml}\n"
    )
    with launched(contract) as mock:
        _written(folder / "kettle.yaml", 2, path)
        referred = _settled(mock, 2)
        (folder / "kettle.yaml").write_text("get: [\n")
        broken = mock.until("kettle.yaml:")
        while_broken = _degrees(mock)
        (folder / "kettle.yaml").unlink()
        missing = mock.until("kettle.yaml: ")
        while_missing = _degrees(mock)
        _written(folder / "kettle.yaml", 5, path)
        mended = _settled(mock, 5)
    overlay = _written(folder / "mine.yaml", 3, OVERLAY)
    with launched(_written(tmp_path / "other.yaml", 1), "--overlay", overlay) as mock:
        before = _degrees(mock)
        _written(overlay, 4, OVERLAY)
        after = _settled(mock, 4)

    assert (referred, while_broken, while_missing, mended) == (2, 2, 2, 5)
    assert (before, after) == (3, 4)
    assert "this is not YAML" in broken
    assert "there is no such file any more" in missing


def test_a_file_that_was_never_there_is_awaited(tmp_path: Path) -> None:
    """The rest is served at the start and reloaded; the file is read as soon as it comes."""
    contract = tmp_path / "kettle.yaml"
    other = "  /lamp: {$ref: lamp.yaml}\n"
    _written(contract, 1, KETTLE + other)
    with launched(contract) as mock:
        _written(contract, 2, KETTLE + other)
        without = _settled(mock, 2)
        (tmp_path / "lamp.yaml").write_text("get: {responses: {'204': {description: on}}}\n")
        mock.until("Reloaded")
        mock.until("Reloaded")
        with httpx2.Client(trust_env=False) as client:
            lamp = client.get(f"{mock.url}/lamp").status_code

    assert (without, lamp) == (2, 204)


def test_a_broken_contract_is_reported_and_the_last_good_one_served(kettle: Path) -> None:
    """Broken, missing, and whole again: one message each, and never a request without answer."""
    with launched(kettle) as mock:
        kettle.write_text("openapi: 3.0.3\npaths: [\n")
        broken = mock.until("kettle.yaml:")
        kept = mock.until("last valid")
        while_broken = _degrees(mock)
        kettle.unlink()
        missing = mock.until("kettle.yaml")
        while_missing = _degrees(mock)
        _written(kettle, 2)
        mock.until("Reloaded")
        whole = _degrees(mock)

    assert re.search(r"kettle\.yaml:\d+: this is not YAML", broken)
    assert kept == "The mock continues to serve the last valid contract.\n"
    assert "no such file" in missing
    assert (while_broken, while_missing, whole) == (1, 1, 2)


def test_strict_refuses_a_reload_with_faults(kettle: Path) -> None:
    """What --strict would not start with, it does not take in later either."""
    with launched(kettle, "--strict") as mock:
        kettle.write_text(KETTLE.replace("DEGREES", "warm"))
        mock.until("--strict: the contract has")
        kept = _degrees(mock)

    assert kept == 1


def test_a_fault_that_comes_with_a_change_is_told(kettle: Path) -> None:
    """A faulty example is not served after a reload either, and its line is named."""
    with launched(kettle) as mock:
        kettle.write_text(KETTLE.replace("DEGREES", "warm"))
        told = mock.until("kettle.yaml:")
        served = _degrees(mock)

    assert re.search(r"kettle\.yaml:\d+: ", told)
    assert isinstance(served, int)


def test_every_worker_takes_the_change(kettle: Path) -> None:
    """After a moment no process serves the old contract any more."""
    with launched(kettle, "--workers", "2") as mock:
        _written(kettle, 2)
        _settled(mock, 2)
        time.sleep(0.5)
        seen = {_degrees(mock) for _ in range(20)}

    assert seen == {2}


def test_no_watch_serves_what_was_there(kettle: Path) -> None:
    """With --no-watch a change waits for the next start."""
    with launched(kettle, "--no-watch") as mock:
        _written(kettle, 2)
        time.sleep(1.5)
        served = _degrees(mock)

    assert served == 1


def test_no_request_is_dropped_by_a_swap(kettle: Path) -> None:
    """Clients that ask all the time are always answered, by the old contract or the new one."""
    seen: list[int] = []
    failures: list[Exception] = []
    ended = threading.Event()

    def hammer(url: str) -> None:
        with httpx2.Client(trust_env=False) as client:
            while not ended.is_set():
                try:
                    seen.append(client.get(f"{url}/kettle").raise_for_status().json())
                except Exception as failure:
                    failures.append(failure)
                    return
                time.sleep(0.001)

    with launched(kettle, "--quiet") as mock:
        clients = [threading.Thread(target=hammer, args=(mock.url,)) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            for degrees in range(2, 7):
                _written(kettle, degrees)
                assert _settled(mock, degrees) == degrees
        finally:
            ended.set()
            for client in clients:
                client.join()

    assert failures == []
    assert set(seen) == {1, 2, 3, 4, 5, 6}


def test_a_folder_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    """What cannot be watched is looked at, and watched again when that is possible."""
    folder = tmp_path / "kettles"
    folder.mkdir()
    kettle = _written(folder / "kettle.yaml", 1)
    with launched(kettle) as mock:
        _degrees(mock)
        folder.rename(tmp_path / "elsewhere")
        mock.until("no such file")
        kept = _degrees(mock)
        folder.mkdir()
        _written(kettle, 2)
        second = _settled(mock, 2)
        _written(kettle, 3)
        third = _settled(mock, 3)

    assert (kept, second, third) == (1, 2, 3)


def test_links_are_followed(tmp_path: Path) -> None:
    """A mounted configuration changes by moving a link, in a folder that has other names."""
    for name, degrees in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        _written(tmp_path / name / "kettle.yaml", degrees)
    (tmp_path / "current").symlink_to("one")
    mounted = tmp_path / "kettle.yaml"
    mounted.symlink_to("current/kettle.yaml")
    before = state_of([mounted])
    folders = folders_of([mounted])
    (tmp_path / "next").symlink_to("two")
    os.replace(tmp_path / "next", tmp_path / "current")

    assert folders == {tmp_path, tmp_path / "one"}
    assert state_of([mounted]) != before
