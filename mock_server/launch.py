"""A start, step by step: read the contract, listen, build the application, say so, and serve."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mock_server.binding import BindingError, listen, url_of
from mock_server.console import Console, ConsoleHandler, StartPage
from mock_server.options import Options
from mock_server.output import Output
from mock_server.reload import Reloader
from mock_server.source import refuse_faults
from mock_server.workers import supervise
from spec import Contract, SpecError

if TYPE_CHECKING:
    from mock_server.app import MockApp
    from mock_server.serving import Server

__all__ = ["launch"]

_INTERRUPTED = 128 + signal.SIGINT


def launch(options: Options, *, colour: bool) -> int:
    """Serve until stopped, and return the exit status.

    Raises click.ClickException, with the whole message, where that is impossible.
    """
    console = Console(
        Output(sys.stdout),
        Output(sys.stderr),
        log_format="json" if options.json else "pretty",
        colour=colour,
        quiet=options.quiet,
    )
    read_at = time.time_ns()
    try:
        contract = options.source.load()
        sockets = listen(options.host, options.port)
        app = _application(options, contract, console)
    except (SpecError, BindingError) as problem:
        raise click.ClickException(str(problem)) from None
    _tell(options, contract, sockets, app, console)
    reloader = partial(Reloader, options.source, app.swap, contract=contract, read_at=read_at)
    return _serve(options, sockets, app, console, reloader if options.watch else None)


def _application(options: Options, contract: Contract, console: Console) -> MockApp:
    from mock_server import create_app

    on_answer = None if options.quiet else console.answered
    app = create_app(contract, settings=options.settings, on_answer=on_answer)
    if options.source.strict:
        refuse_faults([str(one) for one in app.unserved])
    return app


def _tell(
    options: Options,
    contract: Contract,
    sockets: Sequence[socket.socket],
    app: MockApp,
    console: Console,
) -> None:
    unserved = [str(fault) for fault in (*contract.faults, *app.unserved)]
    notes = [f"Workers   {options.workers} processes"] if options.workers > 1 else []
    page = StartPage(
        url=url_of(options.host, sockets),
        contract=contract,
        overlay=options.source.overlay,
        settings=options.settings,
        unserved=tuple(dict.fromkeys(unserved)),
        notes=notes,
    )
    if options.quiet and options.port == 0:
        console.named(page)
    elif not options.quiet:
        console.started(page)


def _serve(
    options: Options,
    sockets: Sequence[socket.socket],
    app: MockApp,
    console: Console,
    reloader: Callable[[Console], Reloader] | None,
) -> int:
    from mock_server.serving import make_server, run_server, tune_process

    def work(number: int, parent: int | None) -> signal.Signals | None:
        console.worker = number
        server = make_server(app, on_refusal=None if options.quiet else console.refused)
        teller = console if number <= 1 else Console(Output(None), Output(None))
        companions: list[Callable[[], Coroutine[Any, Any, None]]] = []
        if reloader is not None:
            companions.append(reloader(teller).run)
        if parent is not None:
            companions.append(partial(_stop_with, parent, server))
        run_server(server, sockets, *companions)
        return server.signal

    tune_process(ConsoleHandler(console))
    alone = options.workers == 1
    received = work(0, None) if alone else supervise(options.workers, work)
    return _INTERRUPTED if received is signal.SIGINT else 0


async def _stop_with(parent: int, server: Server) -> None:
    """Stop the server when the other end of the pipe is closed, however its process ended."""
    asyncio.get_running_loop().add_reader(parent, server.stop)
    await asyncio.Event().wait()
