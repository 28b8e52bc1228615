"""The options of `mock-server`, each declared once: name, default, help and form of its value.

`spec.settings.configured` gives each of them its environment variable and its key in
[tool.mock_server].
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from spec.settings.option_sources import LINE, WHOLE_URL

__all__ = ["DECLARED"]

_FILE = click.Path(path_type=Path, dir_okay=False)

DECLARED: tuple[Callable[[click.Command], click.Command], ...] = (
    click.argument("contract", nargs=-1, type=_FILE),
    click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        metavar="ADDRESS",
        help="Address to listen on; 0.0.0.0 listens on all addresses of this machine.",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=4010,
        show_default=True,
        envvar="PORT",
        metavar="PORT",
        help="Port to listen on; 0 chooses a free port.",
    ),
    click.option(
        "--overlay",
        type=_FILE,
        metavar="FILE",
        help="OpenAPI Overlay to apply to the contract. Default: the file NAME.overlay.yaml in "
        "the folder of NAME.yaml, if it exists.",
    ),
    click.option("--no-overlay", is_flag=True, help="Do not apply an overlay."),
    click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Folder whose files the contract's $refs may name. Default: the contract's folder.",
    ),
    click.option(
        "--remote-ref",
        "remote_ref",
        multiple=True,
        type=WHOLE_URL,
        metavar="URL",
        help="URL that the contract's $refs may name; all other URLs are refused. Repeatable.",
    ),
    click.option("--strict", is_flag=True, help="Refuse to start on a contract that has faults."),
    click.option(
        "--auth",
        multiple=True,
        default=("any",),
        metavar="any|token=T|jwt|off",
        help="Which credentials are accepted. any: every well-formed one (the default). token=T: "
        "only this token (repeatable). jwt: JWTs that are signed with --jwt-secret. off: no "
        "credential is needed.",
    ),
    click.option("--jwt-secret", default="", metavar="S", help="Secret that signs the JWTs."),
    click.option(
        "--seed",
        type=int,
        metavar="N",
        help="Seed of the generated values. Default: the simplest valid values.",
    ),
    click.option(
        "--dynamic",
        is_flag=True,
        help="Generate every response from its schema, even where the contract has an example.",
    ),
    click.option(
        "--max-body",
        type=click.IntRange(min=0),
        default=10 * 1024 * 1024,
        show_default=True,
        metavar="BYTES",
        help="Largest request body that is accepted; a larger one gets 413.",
    ),
    click.option(
        "--admin-token",
        metavar="T",
        help="Token that opens /__mock/ to other machines: they send it as a bearer token.",
    ),
    click.option(
        "--scenarios",
        type=_FILE,
        metavar="FILE",
        help="YAML file with scenarios. They are loaded at the start, and loaded again when the "
        "file changes.",
    ),
    click.option(
        "--stateful",
        is_flag=True,
        help="Keep state: a POST, PUT, PATCH or DELETE changes what later responses contain, "
        "until a reset.",
    ),
    click.option(
        "--upstream",
        metavar="URL",
        help="Forward requests to this deployment and return its responses. Prefer headers and "
        "scenarios take precedence.",
    ),
    click.option(
        "--upstream-for",
        multiple=True,
        type=LINE,
        metavar="SELECTOR",
        help="Forward only these operations and mock the others: `POST /api/x`, a path, a "
        "method, a tag or an operationId; * matches any text. Repeatable.",
    ),
    click.option(
        "--fallback",
        is_flag=True,
        help="Where the upstream does not answer, return the mock's response instead of a 502.",
    ),
    click.option(
        "--record",
        type=_FILE,
        metavar="FILE",
        help="Write the upstream's responses to this overlay as examples. Credentials are "
        "masked, and responses that break the contract are marked.",
    ),
    click.option("--no-journal", is_flag=True, help="Do not record requests for /__mock/requests."),
    click.option(
        "--journal-size",
        type=click.IntRange(1, 100_000),
        default=1000,
        show_default=True,
        metavar="N",
        help="How many requests are recorded; then the oldest are dropped.",
    ),
    click.option(
        "--allow-page-scenarios",
        is_flag=True,
        help="Allow pages of other origins to start scenarios, and to see their requests, for the "
        "X-Mock-Key that they send.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        metavar="N",
        help="Number of processes. They share the port, the scenarios, the journal and the state.",
    ),
    click.option(
        "--state",
        metavar="URL",
        help="Redis (redis://HOST:PORT/DB) through which mocks on several machines share "
        "scenarios, journal and state.",
    ),
    click.option(
        "--tls-cert",
        type=_FILE,
        metavar="FILE",
        help="Serve HTTPS with this certificate (PEM, including its chain).",
    ),
    click.option(
        "--tls-key", type=_FILE, metavar="FILE", help="Private key of the certificate (PEM)."
    ),
    click.option(
        "--no-watch",
        is_flag=True,
        help="Do not reload the contract, overlay and scenarios when their files change.",
    ),
    click.option("--quiet", is_flag=True, help="Print only errors, and with --port 0 the URL."),
    click.option(
        "--log-format",
        type=click.Choice(["pretty", "json"]),
        default="pretty",
        show_default=True,
        help="Format of the log: text for people, or one JSON object per line.",
    ),
)
