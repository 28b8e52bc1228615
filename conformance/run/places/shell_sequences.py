"""The command line of a place: its request, those before and beside it, as often as it takes."""

from __future__ import annotations

from conformance.http.curl import at_once, on_one_connection, repeated, sequence
from conformance.http.exchange import Request
from conformance.http.redaction import Redactor
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["in_shell"]


def in_shell(steps: RequestSequence, last: Request, redactor: Redactor) -> str:
    """One line for a shell that sends all of it, in its order."""
    lines = [
        (redactor.curl(request), variable, found_by)
        for request, variable, found_by in steps.in_shell(last)
    ]
    if steps.kept:
        return on_one_connection([text for text, _, _ in lines])
    first = max((number for number, line in enumerate(lines, 1) if line[1]), default=0)
    made, again = lines[:first], lines[first:]
    if steps.beside:
        others = [redactor.curl(request) for request in steps.beside]
        again = [*again[:-1], (at_once([again[-1][0], *others]), "", "")]
    # What a thing is made by is sent once, and what is done to it again and again.
    line = repeated(sequence(again), steps.times)
    return sequence([*made, (line, "", "")])
