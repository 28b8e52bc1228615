"""The mock servers that are compared, each started on the same document."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SERVERS", "Server"]

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NODE = MODULES / "node/bin/node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mock server and its command; `{document}` and `{port}` stand for what it gets.

    `package` is the folder in node_modules that it needs; ours needs none.
    """

    title: str
    command: tuple[str, ...]
    package: str = ""

    def command_for(self, document: Path, port: int) -> list[str]:
        """The command to start it with."""
        return [
            word.replace("{document}", str(document)).replace("{port}", str(port))
            for word in self.command
        ]

    @property
    def missing(self) -> bool:
        """Whether it cannot take part here."""
        return bool(self.package) and not ((MODULES / self.package).exists() and NODE.exists())


def _node(script: str, *arguments: str) -> tuple[str, ...]:
    return (str(NODE), str(MODULES / ".bin" / script), *arguments)


SERVERS = (
    Server(
        title="this mock",
        command=(
            str(Path(sys.executable).with_name("mock-server")),
            *("{document}", "--quiet", "--port", "{port}"),
        ),
    ),
    Server(
        title="Prism",
        command=_node("prism", "mock", "{document}", "--port", "{port}"),
        package="@stoplight/prism-cli",
    ),
    Server(
        title="Scalar",
        command=_node("scalar", "document", "mock", "{document}", "--port", "{port}"),
        package="@scalar/cli",
    ),
    Server(
        title="Mockoon",
        command=_node("mockoon-cli", "start", "--data", "{document}", "--port", "{port}"),
        package="@mockoon/cli",
    ),
)
