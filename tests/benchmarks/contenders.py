"""Who takes part: how each server is started, and why one cannot be."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODE_MODULES = HERE / "node_modules"
NODE = NODE_MODULES / "node/bin/node"

#: What a contender is to the figures: the mock that is judged, the two that it is judged by, or
#: another peer.
Part = Literal["mock", "unit", "rival", "ceiling", "peer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A server and its command, in which `{port}` stands for the port that it gets.

    `missing` says why it cannot take part; it is empty if it can.
    """

    title: str
    part: Part
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""

    def on(self, port: int) -> list[str]:
        return [word.replace("{port}", str(port)) for word in self.command]


def contenders(document: Path, path: str) -> tuple[Contender, ...]:
    """All of them, for a JSON `document` and the `path` of the operation that is asked."""
    return (
        our_mock(),
        *_prisms(document),
        _openapi_backend(document),
        _python_peer("plain_connexion", _titled("connexion", "Connexion"), "peer", document, path),
        _python_peer("ceiling", "bare uvicorn (the ceiling)", "ceiling", document, path),
    )


def our_mock(contract: Path | None = None) -> Contender:
    """The installed command, serving the packaged contract unless another is given."""
    return Contender(
        title="this mock",
        part="mock",
        command=(
            str(Path(sys.executable).with_name("mock-server")),
            *([str(contract)] if contract else []),
            "--quiet",
            "--port",
            "{port}",
        ),
    )


def _python_peer(module: str, title: str, part: Part, document: Path, path: str) -> Contender:
    name = f"tests.benchmarks.peers.{module}"
    return Contender(
        title=title,
        part=part,
        command=(sys.executable, "-m", name, str(document), path, "{port}"),
    )


def _prisms(document: Path) -> tuple[Contender, ...]:
    package = "@stoplight/prism-cli"
    title = _npm_titled(package, "Prism")
    script = str(NODE_MODULES / package / "dist/index.js")
    command = (str(NODE), script, "mock", str(document), "--port", "{port}")
    missing = _missing(package)
    return (
        Contender(
            title=f"{title}, no request log",
            part="unit",
            command=(*command, "--verboseLevel", "silent"),
            missing=missing,
        ),
        Contender(title=f"{title}, defaults", part="peer", command=command, missing=missing),
    )


def _openapi_backend(document: Path) -> Contender:
    return Contender(
        title=_npm_titled("openapi-backend", "openapi-backend"),
        part="rival",
        command=(str(NODE), str(HERE / "peers/openapi_backend.mjs"), str(document), "{port}"),
        environment={"NODE_ENV": "production"},
        missing=_missing("openapi-backend"),
    )


def _titled(distribution: str, name: str) -> str:
    return f"{name} {version(distribution)}"


def _npm_titled(package: str, name: str) -> str:
    manifest = NODE_MODULES / package / "package.json"
    return f"{name} {json.loads(manifest.read_text())['version']}" if manifest.exists() else name


def _missing(package: str) -> str:
    """Why a peer of the Node world cannot take part."""
    if NODE.exists() and (NODE_MODULES / package).exists():
        return ""
    return "install Node's npm and run: npm ci --prefix tests/benchmarks"
