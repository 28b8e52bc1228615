"""A headless Chromium, driven over its own protocol through two pipes: no driver to install.

`--remote-debugging-pipe` makes Chromium read commands from descriptor 3 and write answers and
events to descriptor 4, each a JSON text that ends with a NUL.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
    "--hide-scrollbars",
)


# Puts the pipes where Chromium looks for them, by way of numbers that are surely free, and becomes
# Chromium. (A shell's redirection would do, but dash knows no descriptor above 9.)
_START = """
import fcntl, os, sys
pipes = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for pipe, place in zip(pipes, (3, 4)):
    os.dup2(pipe, place)
os.execv(sys.argv[3], sys.argv[3:])
"""


class PageError(Exception):
    """The page threw, or the browser refused a command; the text is what it said."""


@dataclass(slots=True, kw_only=True)
class Page:
    """One tab. Everything waits for its result, so no test has to poll."""

    commands: IO[bytes]
    answers: IO[bytes]
    session: str = ""
    errors: list[str] = field(default_factory=list)
    _last: int = 0
    _loaded: bool = False

    def open(self, url: str) -> None:
        """Go to a URL and wait until it is loaded with all that it names."""
        self._go("about:blank")  # so that the last page can add nothing to the errors of this one
        self.errors.clear()
        self._go(url)

    def _go(self, url: str) -> None:
        self._loaded = False
        failure = self.call("Page.navigate", url=url).get("errorText")
        if failure:
            raise PageError(f"{url}: {failure}")
        while not self._loaded:
            self._receive()

    def run(self, script: str) -> Any:
        """Run the body of an async function in the page and give what it returns, as JSON has it.

        Raises PageError with the page's own words where it throws.
        """
        result = self.call(
            "Runtime.evaluate",
            expression=f"(async () => {{ {script} }})()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in result:
            raise PageError(result["exceptionDetails"]["exception"].get("description", result))
        return result["result"].get("value")

    def wait_for(self, condition: str, seconds: float = 10) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            if time.monotonic() > end:
                raise PageError(f"after {seconds} s it is still not true that {condition}")
            time.sleep(0.02)

    def screenshot(self, file: Path, *, width: int) -> None:
        """Save the whole page as PNG, as a window of that many CSS pixels would show it."""
        self._resize(width, 1)
        height = self.call("Page.getLayoutMetrics")["cssContentSize"]["height"]
        self._resize(width, height)
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command of the DevTools protocol and give its result."""
        self._last += 1
        command: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        self.commands.write(json.dumps(command).encode() + b"\0")
        self.commands.flush()
        while True:
            message = self._receive()
            if message.get("id") == self._last:
                if "error" in message:
                    raise PageError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result

    def _receive(self) -> dict[str, Any]:
        """The next answer or event; what must not be lost of an event is kept."""
        text = bytearray()
        while (byte := self.answers.read(1)) != b"\0":
            if not byte:
                raise PageError("the browser ended")
            text += byte
        message: dict[str, Any] = json.loads(text)
        match message.get("method"), message.get("params"):
            case "Page.loadEventFired", _:
                self._loaded = True
            case "Runtime.exceptionThrown", {"exceptionDetails": details}:
                self.errors.append(details.get("exception", details).get("description", "error"))
            case "Log.entryAdded", {"entry": {"level": "error", "text": said, **rest}}:
                self.errors.append(f"{said} {rest.get('url', '')}".strip())
        return message


@contextmanager
def page(limit: float = 180) -> Iterator[Page]:
    """Start Chromium with an empty profile, give its first tab, and stop it afterwards.

    After `limit` seconds the browser is stopped, and whoever waits for it gets a PageError.
    """
    assert PROGRAM is not None
    down, commands = os.pipe()
    answers, up = os.pipe()
    with tempfile.TemporaryDirectory() as profile:
        start = (sys.executable, "-c", _START, str(down), str(up))
        process = subprocess.Popen(
            [*start, PROGRAM, *_FLAGS, f"--user-data-dir={profile}"],
            pass_fds=(down, up),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(down)
        os.close(up)
        watch = threading.Timer(limit, process.kill)
        watch.start()
        with open(commands, "wb") as writer, open(answers, "rb") as reader:
            try:
                yield _attached(Page(commands=writer, answers=reader))
            finally:
                watch.cancel()
                process.terminate()
                process.wait(timeout=10)


def _attached(page: Page) -> Page:
    target = page.call("Target.createTarget", url="about:blank")["targetId"]
    session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    page.session = session
    for domain in ("Page", "Runtime", "Log"):
        page.call(f"{domain}.enable")
    return page
