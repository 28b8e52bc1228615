"""A start, step by step: read the contract, build the application, listen, say so, and serve."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mock_server.command.console import Console, ConsoleHandler
from mock_server.command.contract_source import refuse_faults
from mock_server.command.log_lines import left_out_line
from mock_server.command.output import Output
from mock_server.command.reload import Reloader
from mock_server.command.scenario_file import GROUP, ScenarioFile
from mock_server.command.sharing import Sharing, SharingError
from mock_server.command.start_options import Options
from mock_server.command.start_page import StartPage
from mock_server.http.binding import BindingError, listen, url_of
from mock_server.http.tls import Certificate, TlsError
from mock_server.upstream.deployment import Upstream, UpstreamError
from spec import Contract, Fault, SpecError

if TYPE_CHECKING:
    from mock_server.admin.shared import Shared
    from mock_server.http.application import MockApp
    from mock_server.http.serving import HttpServer

__all__ = ["launch"]

_PATIENCE = 2.0
"""Seconds that a start waits for what is shared; after that the mock serves without it."""
_INTERRUPTED = 128 + signal.SIGINT
_STOPPING = frozenset({signal.SIGINT, signal.SIGTERM})


def launch(options: Options, *, colour: bool) -> int:
    """Serve until stopped, and return the exit status.

    Raises click.ClickException, with the whole message, where that is impossible.
    """
    console = _console(options, colour)
    read_at, sharing = time.time_ns(), Sharing()
    try:
        tls = Certificate(*options.tls, is_watched=options.watch) if options.tls else None
        contracts = [source.load() for source in options.sources]
        sharing = Sharing.of(options)
        app = _application(options, contracts, console, sharing.shared)
        unserved = _unserved(app)
        scenarios = ScenarioFile(options.scenarios, app) if options.scenarios else None
        waiting, notes = scenarios.read() if scenarios else ((), ())
        # Before the first worker is forked: each of them begins with the same.
        app.scenarios.exchange(GROUP, waiting)
        sharing.begin(GROUP, waiting)
        # A client that can connect may stop the mock at once; what it has to know is said first.
        with _signals_wait():
            launched = _Launched(
                options=options,
                console=console,
                app=app,
                sockets=listen(options.host, options.port),
                read_at=read_at,
                scenarios=scenarios,
                tls=tls,
                sharing=sharing,
            )
            launched.tell(unserved)
            launched.tell_undocumented(notes)
    except (SpecError, BindingError, TlsError, SharingError, UpstreamError) as problem:
        sharing.close()
        raise click.ClickException(str(problem)) from None
    try:
        return launched.serve()
    finally:
        sharing.close()
        console.finish()


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Let SIGTERM and Ctrl-C wait until the end of the block, except on Windows, which cannot."""
    if sys.platform == "win32":
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


def _console(options: Options, colour: bool) -> Console:
    left_out = left_out_line if options.json else None
    return Console(
        Output(sys.stdout, left_out),
        Output(sys.stderr, left_out),
        log_format="json" if options.json else "pretty",
        colour=colour,
        quiet=options.quiet,
    )


def _application(
    options: Options,
    contracts: Sequence[Contract],
    console: Console,
    shared: Shared | None = None,
) -> MockApp:
    """The application, and nothing before it is built whole. Raises spec.ContractError."""
    from mock_server import create_app

    on_answer = None if options.quiet else console.answered
    app = create_app(
        contracts,
        settings=options.settings,
        on_answer=on_answer,
        shared=shared,
        upstream=options.upstream,
    )
    if options.strict:
        refuse_faults(_sentences(*app.clashes, *_faults(app), *app.unserved))
    return app


def _forwarding_line(upstream: Upstream) -> str:
    meant = ", ".join(upstream.selectors) or "every operation"
    return f"{upstream.url} for {meant}{', mocked where it does not answer' * upstream.fallback}"


def _unserved(app: MockApp) -> tuple[str, ...]:
    """A sentence for everything that is known not to be served as the contract has it."""
    return _sentences(*app.clashes, *_faults(app), *app.first_unserved())


def _faults(app: MockApp) -> list[Fault]:
    """The faults by their codes, so that those of one cause stand together; in a code by line."""
    every = [fault for contract in app.contracts for fault in contract.faults]
    faults = [one for one in every if not one.harmless]
    codes = list(dict.fromkeys(one.code for one in faults))
    return sorted(faults, key=lambda one: codes.index(one.code))


def _sentences(*every: object) -> tuple[str, ...]:
    """What each says, without repetition."""
    return tuple(dict.fromkeys(map(str, every)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Launched:
    """A mock that could start. `read_at` is when the reading of its contract began."""

    options: Options
    console: Console
    app: MockApp
    sockets: Sequence[socket.socket]
    read_at: int
    scenarios: ScenarioFile | None
    tls: Certificate | None
    sharing: Sharing

    def tell(self, unserved: Sequence[str]) -> None:
        """Show the start page; with --quiet only the URL, and only if --port is 0."""
        workers = self.options.workers
        page = StartPage(
            url=url_of(self.options.host, self.sockets, "https" if self.tls else "http"),
            contracts=self.app.contracts,
            overlays=[source.overlay for source in self.options.sources],
            settings=self.options.settings,
            unserved=unserved,
            notes=[
                *([f"Workers   {workers} processes"] if workers > 1 else ()),
                *(
                    [f"Upstream  {_forwarding_line(self.options.upstream)}"]
                    if self.options.upstream
                    else ()
                ),
                *(["State     kept until POST /__mock/reset"] if self.app.state else ()),
            ],
        )
        if not self.options.quiet:
            self.console.started(page)
        elif self.options.port == 0:
            self.console.named(page)

    def tell_undocumented(self, notes: Sequence[str]) -> None:
        """Say which answers of the scenarios the contract does not document."""
        for sentence in notes:
            self.console.noted("undocumented", f"  {sentence}")

    def serve(self) -> int:
        """Serve in this process, or in several; return the exit status."""
        from mock_server.http.serving import tune_process

        tune_process(ConsoleHandler(self.console))
        if self.options.workers == 1:
            received = self._work(0, None)
        else:
            from mock_server.http.workers import supervise  # not for Windows, which cannot fork

            # Number 0 keeps what they share, where nothing else does.
            first = 0 if self.sharing.address else 1
            received = supervise(
                self.options.workers, self._work, first=first, prepare=self.sharing.open
            )
        if received is None:
            self.console.failed("ended", "The workers stop immediately after they start.")
            return 1
        return _INTERRUPTED if received is signal.SIGINT else 0

    def _work(self, number: int, parent: int | None) -> signal.Signals | None:
        if number == 0 and parent is not None:
            self.sharing.keep(self.app.scenarios, parent)
            return None
        from mock_server.http.serving import make_server, run_server

        self.console.worker = number
        quiet = self.options.quiet
        on_refusal = None if quiet else self.console.refused
        server = make_server(self.app, on_refusal=on_refusal, tls=self.tls)
        companions: list[Callable[[], Coroutine[Any, Any, None]]] = []
        companions += [self.console.resume, partial(self._warm_up, number)]
        if (shared := self.sharing.shared) is not None:
            shared.join()
            companions.append(shared.board.run)
            if number <= 1:
                shared.board.on_connected = partial(self._look_at_shared, shared)
        if self.options.watch:
            companions += [one.run for one in self._reloaders(number)]
            if self.scenarios is not None and number <= 1:
                companions.append(self._watch_scenarios)
        if parent is not None:
            companions.append(partial(_stop_with, parent, server))
        first = partial(shared.board.ready, _PATIENCE) if shared else None
        run_server(server, self.sockets, *companions, first=first)
        return server.signal

    async def _warm_up(self, number: int) -> None:
        """Make every operation ready; one of the workers tells what is missing."""
        for sentence in _sentences(*await self.app.warm_up()):
            if number <= 1:
                self.console.noted("unserved", f"Not served as the contract says: {sentence}")

    async def _look_at_shared(self, shared: Shared) -> None:
        """Where all that was shared is gone, begin again with the scenarios of the file."""
        if self.scenarios is not None and await shared.scenarios.is_new():
            with suppress(SpecError):  # the watcher of the file reports it
                await self.scenarios.put()
        await shared.scenarios.look()

    async def _watch_scenarios(self) -> None:
        assert self.scenarios is not None
        await self.scenarios.watch(self._tell_reloaded, partial(self.console.failed, "scenarios"))

    def _tell_reloaded(self, notes: Sequence[str]) -> None:
        self.console.noted("reloaded", f"Reloaded {self.options.scenarios}")
        self.tell_undocumented(notes)

    def _reloaders(self, worker: int) -> list[Reloader]:
        """One for each contract. Every worker reloads; one of them tells."""
        # Eight workers would tell of one change eight times.
        console = self.console if worker <= 1 else Console(Output(None), Output(None))
        every = zip(self.options.sources, self.app.contracts, strict=True)
        return [
            Reloader(
                source,
                partial(self._swap, number),
                console,
                contract=contract,
                read_at=self.read_at,
            )
            for number, (source, contract) in enumerate(every)
        ]

    def _swap(self, number: int, contract: Contract) -> tuple[str, ...]:
        """Replace one contract by another; clashes and faults are reported."""
        if self.options.strict:
            contracts = [*self.app.contracts]
            contracts[number] = contract
            _application(self.options, contracts, self.console)
        self.app.replace(number, contract)
        return _unserved(self.app)


async def _stop_with(parent: int, server: HttpServer) -> None:
    """Stop the server when the other end of the pipe is closed, however its process ended."""
    asyncio.get_running_loop().add_reader(parent, server.stop)
    await asyncio.Event().wait()
