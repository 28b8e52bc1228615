"""The mock servers that are compared, each started on the same document."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MODULES", "NODE", "OURS", "SERVERS", "Server", "node"]

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NODE = MODULES / "node/bin/node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mock server and its command; `{document}` stands for what it gets, `{port}` for where.

    `package` is the folder in node_modules that it needs; ours needs none.
    """

    title: str
    command: tuple[str, ...]
    package: str = ""

    def command_for(self, document: Path) -> list[str]:
        """The command to start it with, once the port is known."""
        return [word.replace("{document}", str(document)) for word in self.command]

    @property
    def missing(self) -> bool:
        """Whether it cannot take part here."""
        return bool(self.package) and not ((MODULES / self.package).exists() and NODE.exists())


OURS = str(Path(sys.executable).with_name("mock-server"))


def node(script: str, *arguments: str) -> tuple[str, ...]:
    """The command of a Node module."""
    return (str(NODE), str(MODULES / ".bin" / script), *arguments)


SERVERS = (
    Server(
        title="this mock",
        command=(*(OURS, "{document}", "--quiet", "--port", "{port}"),),
    ),
    Server(
        title="Prism",
        command=node("prism", "mock", "{document}", "--port", "{port}"),
        package="@stoplight/prism-cli",
    ),
    Server(
        title="Scalar",
        command=node("scalar", "document", "mock", "{document}", "--port", "{port}"),
        package="@scalar/cli",
    ),
    Server(
        title="Mockoon",
        command=node("mockoon-cli", "start", "--data", "{document}", "--port", "{port}"),
        package="@mockoon/cli",
    ),
    Server(
        title="MSW",
        command=(str(NODE), str(HERE / "peers/msw_server.mjs"), "{document}", "{port}"),
        package="@msw/source",
    ),
)
