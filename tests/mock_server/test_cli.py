"""The command `mock-server`, as it is installed: options, first line, mistakes, and its end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import click
import httpx2
import pytest
from click.testing import CliRunner

from mock_server.cli import command
from tests import processor
from tests.command import COMMAND, launched, ran, ran_here

pytestmark = pytest.mark.slow

KETTLE = """
openapi: 3.0.3
info: {title: Kettle, version: "1"}
components:
  securitySchemes: {lid: {type: http, scheme: bearer}}
paths:
  /kettle:
    get:
      security: [{lid: []}]
      responses:
        "200":
          description: the kettle
          content:
            application/json:
              schema: {type: object, properties: {degrees: {type: integer}}, required: [degrees]}
              examples: {hot: {value: {degrees: 99}}}
"""
FAULTY = KETTLE.replace("degrees: 99", "degrees: warm")


@pytest.fixture
def kettle(tmp_path: Path) -> Path:
    """A contract with one secured operation, in a folder of its own."""
    file = tmp_path / "kettle.yaml"
    file.write_text(KETTLE)
    return file


def _get(url: str, token: str = "t", **headers: str) -> httpx2.Response:
    with httpx2.Client(trust_env=False) as client:
        return client.get(url, headers={"Authorization": f"Bearer {token}", **headers})


_OPTIONS = [param for param in command.params if param.name != "version"]


@pytest.mark.parametrize("param", _OPTIONS, ids=lambda param: str(param.name))
def test_every_option_has_its_variable(param: click.Parameter) -> None:
    """The variable of an option is its name after MOCK_SERVER_; --port listens to PORT as well."""
    names = [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or ())

    assert names[0] == f"MOCK_SERVER_{param.name}".upper()
    assert names[1:] == (["PORT"] if param.name == "port" else [])


_TABLE: dict[str, object] = {
    "contract": ("c.yaml", "d.yaml"),
    "host": "0.0.0.0",
    "port": 81,
    "overlay": "o.yaml",
    "no_overlay": True,
    "root": "folder",
    "remote_ref": ("https://a.test/s.yaml",),
    "strict": True,
    "auth": ("token=a", "token=b"),
    "jwt_secret": "s",
    "seed": 3,
    "dynamic": True,
    "max_body": 5,
    "admin_token": "t",
    "scenarios": "s.yaml",
    "stateful": True,
    "upstream": "http://a.test",
    "upstream_for": ("GET /a", "tag b"),
    "fallback": True,
    "record": "r.yaml",
    "no_journal": True,
    "journal_size": 50,
    "allow_page_scenarios": True,
    "workers": 2,
    "state": "redis://a.test",
    "tls_cert": "c.pem",
    "tls_key": "k.pem",
    "no_watch": True,
    "quiet": True,
    "log_format": "json",
}


_KEYED = [param for param in _OPTIONS if param.name != "config"]


@pytest.mark.parametrize("param", _KEYED, ids=lambda param: str(param.name))
def test_every_option_works_as_key_and_as_variable(
    param: click.Parameter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of [tool.mock_server] and a variable say the same as the flag, for every option."""
    name, value = str(param.name), _TABLE[str(param.name)]
    monkeypatch.chdir(tmp_path)
    for variable in ("PORT", "MOCK_SERVER_PORT"):
        monkeypatch.delenv(variable, raising=False)
    written = json.dumps(value)
    (tmp_path / "folder").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.mock_server]\n{name.replace('_', '-')} = {written}\n"
    )
    from_table = command.make_context("mock-server", []).params[name]
    (tmp_path / "pyproject.toml").unlink()
    files = ("contract", "overlay", "record", "root", "scenarios", "tls_cert", "tls_key")
    between = "\n" if name == "upstream_for" else os.pathsep if name in files else " "
    text = between.join(value) if isinstance(value, tuple) else str(value)
    monkeypatch.setenv(f"MOCK_SERVER_{name}".upper(), text)
    from_variable = command.make_context("mock-server", []).params[name]
    listed = value if isinstance(value, tuple) else (value,)
    expected = tuple(Path(str(one)) for one in listed) if name in files else listed
    in_folder = tuple(tmp_path / one if isinstance(one, Path) else one for one in expected)

    assert from_table == (in_folder if isinstance(value, tuple) else in_folder[0])
    assert from_variable == (expected if isinstance(value, tuple) else expected[0])


def test_help_names_every_option_and_its_variable() -> None:
    """`--help` alone is enough to find everything."""
    said = re.sub(r"\s+", " ", CliRunner().invoke(command, ["--help"]).output)
    lacking = [
        param.name
        for param in _OPTIONS
        if isinstance(param, click.Option)
        and (param.opts[0] not in said or f"MOCK_SERVER_{param.name}".upper() not in said)
    ]

    assert lacking == []


def test_the_first_line_names_the_url_and_the_mock_answers(kettle: Path) -> None:
    """Through a pipe, with a port that was free, and with a fault to warn of afterwards."""
    kettle.write_text(FAULTY)
    with launched(kettle) as mock:
        health = _get(f"{mock.url}/__mock/health")
        warning = mock.until("kettle.yaml:")

    assert re.fullmatch(r"Mock server on http://127\.0\.0\.1:\d+\n", mock.first_line)
    assert health.status_code == 200
    assert re.search(r"kettle\.yaml:\d+: .*degrees", warning)


def test_the_packaged_contract_is_served_without_arguments(tmp_path: Path) -> None:
    """The command alone, from any folder, is InsForge's AI API with its canned answers."""
    with launched(cwd=tmp_path) as mock:
        models = _get(f"{mock.url}/api/ai/models")

    assert models.status_code == 200
    assert models.headers["x-mock-source"].startswith("example:")


def test_python_m_is_the_same_command(kettle: Path) -> None:
    """`python -m mock_server` does what `mock-server` does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_server", kettle, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    first = process.stdout.readline()
    process.terminate()
    process.communicate(timeout=10)

    assert first.startswith("Mock server on http://")
    assert process.returncode == 0


def test_settings_reach_the_mock(kettle: Path) -> None:
    """A table beside the contract decides, until a variable or a flag does."""
    (kettle.parent / "pyproject.toml").write_text(
        '[tool.mock_server]\ncontract = "kettle.yaml"\nauth = ["token=a"]\n'
    )
    inner = kettle.parent / "inner"
    inner.mkdir()
    with launched(cwd=inner) as mock:
        table = [_get(f"{mock.url}/kettle", token).status_code for token in "abc"]
    with launched(cwd=inner, variables={"MOCK_SERVER_AUTH": "token=b"}) as mock:
        variable = [_get(f"{mock.url}/kettle", token).status_code for token in "abc"]
    with launched("--auth", "token=c", cwd=inner, variables={"MOCK_SERVER_AUTH": "off"}) as mock:
        flag = [_get(f"{mock.url}/kettle", token).status_code for token in "abc"]

    assert (table, variable, flag) == ([200, 401, 401], [401, 200, 401], [401, 401, 200])


def test_an_overlay_beside_the_contract_is_taken(kettle: Path) -> None:
    """NAME.overlay.yaml belongs to NAME.yaml, unless another or none is asked for."""
    overlay = (
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
        "- target: $.paths['/kettle'].get.responses['200'].content['application/json'].examples\n"
        "  update: {NAME: {value: {degrees: 1}}}\n"
    )
    (kettle.parent / "kettle.overlay.yaml").write_text(overlay.replace("NAME", "cold"))
    (kettle.parent / "other.yaml").write_text(overlay.replace("NAME", "iced"))
    pages = []
    for arguments in ((), ("--no-overlay",), ("--overlay", "other.yaml")):
        with launched("kettle.yaml", *arguments, cwd=kettle.parent) as mock:
            pages.append(mock.until("/kettle").split("200 ")[1].strip())

    assert pages == ["(hot, cold)", "(hot)", "(hot, iced)"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.yaml"], r"cannot read missing\.yaml: no such file"),
        (["broken.yaml"], r"broken\.yaml:\d: this is not YAML"),
        (["swagger.yaml"], r"swagger\.yaml:1: Swagger 1\.2 is not supported; .*convert it"),
        (["kettle.yaml", "--overlay", "missing.yaml"], r"cannot read missing\.yaml"),
        (["kettle.yaml", "--overlay", "target.yaml"], r"target\.yaml:\d+: .*nothing"),
        (["faulty.yaml", "--strict"], r"faulty\.yaml:\d+: .*degrees"),
        (["kettle.yaml", "--prot", "3"], r"No such option '?--prot'?.*--port"),
        (["kettle.yaml", "--port", "99999"], r"--port.*99999"),
        (
            ["kettle.yaml", "--auth", "magic"],
            r"--auth: 'magic' is not one of any, off, jwt and token",
        ),
        (["kettle.yaml", "--auth", "jwt"], r"--auth: jwt needs the secret.*--jwt-secret"),
        (["kettle.yaml", "--admin-token", ""], r"--admin-token: the token is empty"),
        (["kettle.yaml", "--host", "nobody.invalid"], r"no such host"),
        (["kettle.yaml", "--overlay", "o", "--no-overlay"], r"exclude one another"),
        (
            ["kettle.yaml", "--config", "missing.toml"],
            r"missing\.toml: the settings cannot be read",
        ),
        (["https://kettle.example/openapi.yaml"], r"CONTRACT must be a file; download it"),
        (["."], r"is a directory"),
        (["kettle.yaml", "more.yaml"], r"cannot read more\.yaml: no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_clear_message(kettle: Path, arguments: list[str], message: str) -> None:
    """What is wrong, where, and what to do: exit 2, nothing on standard output, no traceback."""
    folder = kettle.parent
    (folder / "broken.yaml").write_text("openapi: 3.0.3\npaths: [\n")
    (folder / "swagger.yaml").write_text('swagger: "1.2"\n')
    (folder / "faulty.yaml").write_text(FAULTY)
    (folder / "target.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
        "- target: $.paths['/nowhere'].get\n  update: {x-a: 1}\n"
    )
    result = ran_here(*arguments, cwd=folder)

    assert re.search(message, result.stderr, re.DOTALL)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_a_port_in_use_is_explained(kettle: Path) -> None:
    """The port, that it is in use, and how to take another; exit 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = ran(kettle, "--port", str(port))

    assert f"port {port} on 127.0.0.1 is in use" in result.stderr
    assert "--port" in result.stderr
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"]
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_it_at_once(
    kettle: Path, number: signal.Signals, status: int, workers: str
) -> None:
    """Also with a kept connection, half a request and a stream; nothing is left behind."""
    with launched(kettle, "--auth", "off", "--workers", workers) as mock:
        port = int(mock.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port)) as half,
            socket.create_connection(("127.0.0.1", port)) as kept,
        ):
            half.sendall(b"GET /kettle HTTP/1.1\r\nHost: x\r\n")
            kept.sendall(b"GET /kettle HTTP/1.1\r\nHost: x\r\n\r\n")
            kept.recv(100)
            ended, said = mock.stop(number)
        with socket.create_server(("127.0.0.1", port)):
            pass

    assert ended == status
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal masks")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_as_soon_as_it_listens_loses_no_message(kettle: Path, name: str) -> None:
    """Whoever waits for the port and then stops the mock still reads what the start says."""
    stopped_early = f"""
import os, signal
from mock_server import cli
from mock_server.command import launch
really_listen = launch.listen

def listen(host, port):
    sockets = really_listen(host, port)
    os.kill(os.getpid(), signal.{name})
    return sockets

launch.listen = listen
cli.main()
"""
    ended = subprocess.run(
        [sys.executable, "-c", stopped_early, str(kettle), "--port", "0", "--no-watch"],
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert re.search(r"http://127\.0\.0\.1:\d+", ended.stdout)
    assert ended.returncode == (0 if name == "SIGTERM" else 130)


def test_ctrl_c_in_a_terminal_reaches_all_workers(kettle: Path) -> None:
    """A terminal sends it to the whole group; it is one clean end all the same."""
    with launched(kettle, "--workers", "3", new_group=True) as mock:
        _get(f"{mock.url}/kettle")
        os.killpg(mock.process.pid, signal.SIGINT)
        said, _ = mock.process.communicate(timeout=10)

    assert mock.process.returncode == 130
    assert "Traceback" not in said


def test_workers_do_not_outlive_their_parent(kettle: Path) -> None:
    """However it ended, nobody goes on holding the port."""
    with launched(kettle, "--workers", "2") as mock:
        port = int(mock.url.rpartition(":")[2])
        _get(f"{mock.url}/kettle")
        mock.process.kill()
        mock.process.wait()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and _is_taken(port):
            time.sleep(0.05)

        assert not _is_taken(port)


def _is_taken(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


def test_each_request_is_a_line(kettle: Path) -> None:
    """Method, path, status, source and milliseconds; why it was refused; no forged line."""
    with launched(kettle) as mock:
        _get(f"{mock.url}/kettle")
        with socket.create_connection(("127.0.0.1", int(mock.url.rpartition(":")[2]))) as raw:
            raw.sendall(
                b"GET /nowhere\x1b[2J%0aGET HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            while raw.recv(65536):
                pass
        with httpx2.Client(trust_env=False) as client:
            client.get(f"{mock.url}/kettle")
        _, said = mock.stop()
    served, odd, refused = [line for line in said.splitlines() if " ms" in line]

    assert re.fullmatch(r"GET     /kettle  200  example:hot  \d+\.\d ms", served)
    assert odd.isprintable()
    assert re.search(r"GET     /kettle  401  \S+  \d+\.\d ms  \S.*", refused)


def test_json_lines_for_machines(kettle: Path) -> None:
    """Every line is an object, the first one with the URL."""
    with launched(kettle, "--log-format", "json", "--workers", "2") as mock:
        url = json.loads(mock.first_line)["url"]
        _get(f"{url}/kettle")
        request = json.loads(mock.until('"request"'))

    assert request["event"] == "request"
    assert request["worker"] in (1, 2)
    assert (request["path"], request["status"]) == ("/kettle", 200)


def test_quiet_is_silent(kettle: Path) -> None:
    """Nothing is printed, but for the URL where its port was chosen by the system."""
    with launched(kettle, "--quiet") as mock:
        _get(f"{mock.url}/kettle")
        _, more = mock.stop()
        port = mock.url.rpartition(":")[2]
    process = subprocess.Popen(
        [COMMAND, kettle, "--quiet", "--port", port],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}")
        process.terminate()
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()

    assert (more, said) == ("", "")


def test_a_reader_that_does_not_read_stops_nothing(kettle: Path) -> None:
    """A test suite that never empties the pipe is still served after a pipeful of lines."""
    with launched(kettle) as mock, httpx2.Client(trust_env=False) as client:
        path = "/kettle?" + "x" * 300
        statuses = {client.get(f"{mock.url}{path}").status_code for _ in range(1000)}
        unread = client.get(f"{mock.url}/{'y' * 290}").status_code

    assert (statuses, unread) == ({401}, 404)


def test_an_ipv6_address_has_brackets(kettle: Path) -> None:
    """`--host ::1` is named as a URL has it."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with launched(kettle, "--host", "::1") as mock:
        status = _get(f"{mock.url}/kettle").status_code

    assert mock.url.startswith("http://[::1]:")
    assert status == 200


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find the workers")
def test_a_dead_worker_is_replaced(kettle: Path) -> None:
    """Requests go on being answered after one of the processes was killed."""
    with launched(kettle, "--workers", "2") as mock:
        _get(f"{mock.url}/kettle")
        hub, first, second = _children(mock.process.pid)
        os.kill(first, signal.SIGKILL)
        while first in _children(mock.process.pid):
            time.sleep(0.01)
        statuses = {_get(f"{mock.url}/kettle").status_code for _ in range(20)}
        now = _children(mock.process.pid)

    assert statuses == {200}
    assert (len(now), first in now) == (3, False)
    assert {hub, second} < set(now)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_first_answer_is_quick(kettle: Path) -> None:
    """From the start to the first answer, a small contract costs less than two seconds."""
    with launched(kettle) as mock:
        _get(f"{mock.url}/__mock/health")

        assert processor.of_process(mock.process.pid) < 2


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            _get(f"{url}/__mock/health")
        except httpx2.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"{url} never answered")


def test_references_lead_as_far_as_root_says(tmp_path: Path) -> None:
    """A contract in a folder of its own may use what lies beside that folder, if it is told so."""
    (tmp_path / "shared.yaml").write_text("Lamp: {type: string, example: desk}")
    (tmp_path / "api").mkdir()
    contract = tmp_path / "api/openapi.yaml"
    contract.write_text(
        "openapi: 3.0.3\ninfo: {title: L, version: '1'}\npaths:\n  /lamp:\n    get:\n"
        "      responses:\n        '200':\n          description: d\n"
        "          content:\n            application/json:\n"
        "              schema: {$ref: ../shared.yaml#/Lamp}\n"
    )

    with launched(contract, "--root", str(tmp_path)) as mock:
        answer = httpx2.get(f"{mock.url}/lamp")
    refused = CliRunner().invoke(command, [str(contract), "--strict", "--port", "0"])

    assert (answer.status_code, answer.json()) == (200, "desk")
    assert "--root" in str(refused.exception) + refused.output
