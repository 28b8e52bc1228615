"""The manifest in deploy/: its probes, its flags and its image are those that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server import create_app
from mock_server.cli import command
from spec import load
from tests.command import launched
from tests.mock_server.asking import ask

ROOT = Path(__file__).parents[2]
DOCUMENTS: list[dict[str, Any]] = [
    one for one in yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text()) if one
]
DEPLOYMENTS = {one["metadata"]["name"]: one for one in DOCUMENTS if one["kind"] == "Deployment"}
SERVICES = {one["metadata"]["name"]: one for one in DOCUMENTS if one["kind"] == "Service"}


def _pod(name: str) -> dict[str, Any]:
    pod: dict[str, Any] = DEPLOYMENTS[name]["spec"]["template"]["spec"]
    return pod


def _container(name: str) -> dict[str, Any]:
    (container,) = _pod(name)["containers"]
    assert isinstance(container, dict)
    return container


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """The contract of the ConfigMap, where the pod has it as a file."""
    (config,) = (one for one in DOCUMENTS if one["kind"] == "ConfigMap")
    (mount,) = (one for one in _container("mock-server")["volumeMounts"] if "readOnly" in one)
    (volume,) = (one for one in _pod("mock-server")["volumes"] if one["name"] == mount["name"])
    assert volume["configMap"]["name"] == config["metadata"]["name"]
    name = str(next(iter(config["data"])))
    assert f"{mount['mountPath']}/{name}" in _container("mock-server")["args"]
    (tmp_path / name).write_text(config["data"][name])
    return tmp_path / name


def test_the_flags_are_those_of_the_command(contract: Path) -> None:
    """The arguments parse, and what they say is what the ports of the manifest say."""
    program, *arguments = _container("mock-server")["args"]
    given = command.make_context(program, arguments).params
    (port,) = _container("mock-server")["ports"]
    host, _, number = given["state"].removeprefix("redis://").partition("/")[0].partition(":")
    (redis_port,) = _container("mock-state")["ports"]
    service = SERVICES[host]["spec"]

    assert program == "mock-server"
    assert (given["host"], given["port"]) == ("0.0.0.0", port["containerPort"])
    assert (service["ports"][0]["port"], redis_port["containerPort"]) == (int(number), int(number))
    assert f"EXPOSE {port['containerPort']}" in (ROOT / "Dockerfile").read_text()


def test_the_probes_are_answered_to_the_kubelet(contract: Path) -> None:
    """From another machine, without a credential; each names a port that there is."""
    app = create_app(load(contract))
    container = _container("mock-server")
    probes = [container[f"{one}Probe"]["httpGet"] for one in ("startup", "readiness", "liveness")]
    answers = [
        ask(app, "GET", probe["path"], headers={"host": "10.0.0.9:4010"}, client=("10.0.0.1", 1))
        for probe in probes
    ]

    assert [one.status for one in answers] == [200] * 3
    assert {probe["port"] for probe in probes} == {one["name"] for one in container["ports"]}
    assert app.contract.faults == ()


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_nothing_may_more_than_it_must(name: str) -> None:
    """No root, no privilege, no writing but to /tmp, no token, bounded memory, probes."""
    pod, container = _pod(name), _container(name)
    user = pod["securityContext"]["runAsUser"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert user > 0
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]
    assert {"readinessProbe", "livenessProbe"} <= container.keys()
    if name == "mock-server":
        assert f"USER {user}" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_selectors_find_the_pods(name: str) -> None:
    """Deployment, pods and Service carry the same labels, and ports go by names that there are."""
    spec = DEPLOYMENTS[name]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    service = SERVICES[name]["spec"]

    assert spec["selector"]["matchLabels"] == labels == service["selector"]
    assert {one["targetPort"] for one in service["ports"]} == {
        one["name"] for one in _container(name)["ports"]
    }


def test_the_variables_are_those_of_the_command() -> None:
    """Each belongs to an option; the secret that it comes from need not be there."""
    names = {str(param.name).upper() for param in command.params}
    for one in _container("mock-server")["env"]:
        assert re.sub("^MOCK_SERVER_", "", one["name"]) in names
        assert one["valueFrom"]["secretKeyRef"]["optional"] is True


def test_the_command_serves_the_contract_of_the_manifest(contract: Path) -> None:
    """With the flags of the manifest, but where they name hosts and ports of the cluster."""
    arguments = [one for one in _container("mock-server")["args"][2:] if "state" not in one]
    kept = [one for one in arguments if "host" not in one and "port" not in one]
    with launched(contract, *kept, cwd=Path("/")) as mock:
        line = mock.first_line

    assert '"operations": 1' in line
