"""The log of the kit, and what is said where the kit itself is at fault.

Modules log to `logging.getLogger("conformance…")`. `--log FILE` keeps all of it, `--verbose` shows
it; without either only what went wrong is remembered, and written where somebody needs it.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from conformance.commands.options.parameter_types import OutputFile
from conformance.commands.options.telling import tell

__all__ = ["DEFECT", "log_options", "remembered", "tell_defect"]

DEFECT = 70
"""Exit status of a defect of this program (EX_SOFTWARE of sysexits.h)."""
_LOGGER = logging.getLogger("conformance")
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MOST = 200
"""Records that are remembered: a run that fails again and again must not fill the memory."""


class _Memory(logging.Handler):
    """The last warnings and errors with their tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter(_FORMAT))
        self.lines = deque[str](maxlen=_MOST)
        self.file: str | None = None
        """Where `--log` writes everything."""

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def saved(self) -> str:
        """The file that has it all: that of `--log`, or a new one."""
        if self.file is None:
            handle, self.file = tempfile.mkstemp(prefix="conformance-", suffix=".log")
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as opened:
                opened.writelines(f"{line}\n" for line in self.lines)
        return self.file


@contextmanager
def remembered() -> Iterator[None]:
    """Remember what goes wrong in the block, and end with it whatever `log_options` have added."""
    before = list(_LOGGER.handlers)
    _LOGGER.addHandler(_Memory())
    try:
        yield
    finally:
        for handler in [one for one in _LOGGER.handlers if one not in before]:
            _LOGGER.removeHandler(handler)
            handler.close()


def tell_defect(error: BaseException | str) -> int:
    """Say that the program is at fault, and where its traceback is; gives the exit status."""
    what = error
    if isinstance(error, BaseException):
        _LOGGER.critical("a defect", exc_info=error)
        what = f"{type(error).__name__}: {error}"
    where = next((one.saved() for one in _LOGGER.handlers if isinstance(one, _Memory)), "the log")
    flat = " ".join(str(what).split())
    tell(
        f"Error: this is a defect of conformance, not of your contract or deployment ({flat}); "
        f"the traceback is in {where}; please report it"
    )
    return DEFECT


def log_options() -> list[click.Parameter]:
    """`--log FILE` and `--verbose`, for every command."""
    return [
        click.Option(
            ["--log"],
            type=OutputFile(),
            metavar="FILE",
            expose_value=False,
            callback=_log_to,
            help="Write a log to this file, including tracebacks.",
        ),
        click.Option(
            ["--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_show,
            help="Write the log to standard error.",
        ),
    ]


def _log_to(ctx: click.Context, param: click.Parameter, file: Path | None) -> None:
    # Parsing is resilient while a shell completes a command line: that opens no file.
    if file is None or ctx.resilient_parsing:
        return
    try:
        handler = logging.FileHandler(file, mode="w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise click.BadParameter(
            f"{file} cannot be written: {error.strerror}", ctx, param
        ) from None
    _add(handler)
    for memory in _LOGGER.handlers:
        if isinstance(memory, _Memory):
            memory.file = str(file)


def _show(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        _add(logging.StreamHandler(sys.stderr))


def _add(handler: logging.Handler) -> None:
    handler.setFormatter(logging.Formatter(_FORMAT))
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.DEBUG)
