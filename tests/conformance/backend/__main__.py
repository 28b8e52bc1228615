"""Run the backend by hand: `python -m tests.conformance.backend --fault NAME --port 8000`."""

from __future__ import annotations

from threading import Event

import click

from tests.conformance.backend.fault import Fault
from tests.conformance.backend.registry import BY_NAME
from tests.conformance.backend.server import Backend
from tests.conformance.backend.serving import serving
from tests.conformance.backend.tokens import ADMIN, CLIENT, Tokens


@click.command()
@click.option("--port", default=8000, show_default=True, help="0 takes a free one.")
@click.option("--fault", "faults", multiple=True, help="Name of a fault or variant; repeatable.")
@click.option("--token", default="", help="A token for everything, beside the JWTs.")
@click.option("--client-token", default="", help="A token for the operations of tag Client.")
@click.option("--list", "listing", is_flag=True, help="List faults and variants, and stop.")
def main(port: int, faults: tuple[str, ...], token: str, client_token: str, listing: bool) -> None:
    """Serve an implementation of the AI contract, correct or with the faults named."""
    if listing:
        for known in BY_NAME.values():
            family = known.family.value if isinstance(known, Fault) else "variant"
            click.echo(f"{known.name:36} {family}: {known.what}")
        return
    opaque = {value: role for value, role in ((token, ADMIN), (client_token, CLIENT)) if value}
    try:
        backend = Backend(faults, tokens=Tokens(opaque=opaque))
    except LookupError as error:
        raise click.ClickException(str(error)) from error
    with serving(backend, port) as url:
        click.echo(f"{url}\nadmin token:  {backend.tokens.admin}")
        click.echo(f"client token: {backend.tokens.client}")
        Event().wait()


if __name__ == "__main__":
    main()
