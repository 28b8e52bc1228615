"""A key of OpenAPI, and what each room does with it: read from `keys.yaml`, proven, and shown.

A case is a contract of a few lines. `served` are requests to its mock with their answers, or the
code of what the start tells instead. `checked` is a clause that the kit sees held at that mock and
broken at a server that has the fault. `compared` is a change with the verdict of `diff`. `lint` is
what is said of the key in an earlier version.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from conformance.diff import changes, findings
from conformance.lint import lint
from conformance.report.findings import Level
from mock_server import Settings, create_app
from mock_server.model.mock_settings import AuthPolicy
from spec import Contract, load
from spec.model.pointers import split
from tests.conformance.kit.running import run, verdicts
from tests.mock_server.asking import ask
from tests.yaml_files import read_yaml

__all__ = ["PAGE", "Feature", "features", "page"]

CONTRACT = "contract.yaml"
HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "openapi.md"
_NEW = {"2.0": {"swagger": "2.0"}, "3.0": {"openapi": "3.0.3"}}
_NEW |= {"3.1": {"openapi": "3.1.0"}, "3.2": {"openapi": "3.2.0"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One key; see the module's docstring. `means` is its row in words."""

    version: str
    key: str
    means: str
    contract: dict[str, Any] = field(repr=False)
    served: tuple[dict[str, Any], ...] = ()
    told: str = ""
    checked: dict[str, Any] = field(default_factory=dict)
    compared: dict[str, Any] = field(default_factory=dict)
    lint: str = ""

    def prove(self, folder: Path) -> None:
        """Assert all that the row says."""
        contract = _loaded(folder, self.document(self.version))
        self._prove_served(folder, contract)
        if self.checked:
            self._prove_checked(contract)
        if self.compared:
            self._prove_compared(folder, contract)
        if self.lint:
            earlier = "3.0" if self.version == "3.1" else "3.1"
            found = lint(_loaded(folder, self.document(earlier)))
            assert self.lint in {one.code for one in found}

    def document(self, version: str) -> dict[str, Any]:
        """The contract as a document of a version."""
        return {**_NEW[version], "info": {"title": "T", "version": "1"}, **self.contract}

    def _prove_served(self, folder: Path, contract: Contract) -> None:
        contract.check_schemas()
        codes = {one.code for one in contract.faults}
        assert codes == ({self.told} if self.told else set()), contract.faults
        app = create_app(folder / CONTRACT)  # reads it as a mock does, not as the kit
        for one in self.served:
            method, target = one["ask"].split()
            body = one["body"].encode() if "body" in one else None
            answer = ask(app, method, target, body, headers=one.get("headers", {}))
            said = " ".join([*answer.headers.values(), answer.body.decode("utf-8", "replace")])
            assert answer.status == one["status"], (one, said)
            assert re.search(one.get("says", ""), said, re.DOTALL), (one, said)

    def _prove_checked(self, contract: Contract) -> None:
        options: dict[str, Any] = {"max_examples": 0, "allow_writes": True, "max_billable": 60}
        options["token"] = "good"
        clause = self.checked["clause"]
        settings = Settings(auth=AuthPolicy(mode="token", tokens=("good",)))
        found = verdicts(run(contract, create_app(contract, settings=settings), **options))
        assert found.get(clause) == "held", sorted(found.items())
        found = verdicts(run(contract, _careless(self.checked), **options))
        assert found.get(clause) == "broken", sorted(found.items())

    def _prove_compared(self, folder: Path, old: Contract) -> None:
        *above, last = split(f"#{self.compared['at']}")
        document = copy.deepcopy(self.document(self.version))
        node: Any = document
        for token in above:
            node = node[int(token) if isinstance(node, list) else token]
        node[int(last) if isinstance(node, list) else last] = self.compared["to"]
        found = findings(changes(old, _loaded(folder, document)))
        said = {f"{one.level.value} {one.code}" for one in found}
        assert self.compared["verdict"] in said, said
        assert all(one.witness for one in found if one.level is Level.ERROR)

    def row(self) -> str:
        """Its line of the page."""
        served = f"told: `{self.told}`" if self.told and not self.served else "yes"
        checked = f"`{self.checked['clause']}`" if self.checked else "·"
        compared = str(self.compared.get("verdict", ""))
        level, _, code = compared.partition(" ")
        shown = f"{level} `{code}`" if compared else "·"
        earlier = f"`{self.lint}`" if self.lint else "·"
        return f"| {self.key} | {self.means} | {served} | {checked} | {shown} | {earlier} |"


class _careless:  # noqa: N801 - an application, as ASGI has it
    """A server that takes everything, and answers everything alike."""

    def __init__(self, said: dict[str, Any]) -> None:
        self._status = said.get("answers", 200)
        self._body = str(said.get("with", "")).encode()
        self._type = said.get("as", "application/json")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            more = (await receive())["more_body"]
        headers = [(b"content-type", self._type.encode())] if self._body else []
        start = {"type": "http.response.start", "status": self._status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": self._body})


def _loaded(folder: Path, document: dict[str, Any]) -> Contract:
    file = folder / CONTRACT
    file.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return load(file)


def features() -> Iterator[Feature]:
    """All of them, in the order of the page."""
    versions = read_yaml(HERE / "keys.yaml")
    for version, cases in versions.items():
        for case in cases:
            yield Feature(version=str(version), **{**case, "served": tuple(case.get("served", ()))})


def page() -> str:
    """The text of docs/openapi.md."""
    parts, last = [(HERE / "head.md").read_text("utf-8")], ""
    for one in features():
        if one.version != last:
            name = "Swagger 2.0" if one.version == "2.0" else f"OpenAPI {one.version}"
            parts.append(f"\n## {name}\n\n| key | means | served | checked | compared | earlier |")
            parts.append("|---|---|---|---|---|---|")
            last = one.version
        parts.append(one.row())
    return "\n".join(parts) + "\n"
