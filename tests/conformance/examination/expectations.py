"""Which clause a fault should be found by, and which cases should find it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from conformance.clauses.kinds import ClauseKind
from tests.conformance.backend import Family, Fault

__all__ = ["FAMILIES", "is_own"]

FAMILIES: Mapping[Family, frozenset[ClauseKind]] = {
    Family.CREDENTIALS: frozenset({ClauseKind.CREDENTIALS}),
    Family.BODIES: frozenset({ClauseKind.BODY, ClauseKind.SYNTAX, ClauseKind.STEADINESS}),
    Family.EDGES: frozenset({ClauseKind.EDGES, ClauseKind.SYNTAX}),
    Family.MEDIA: frozenset({ClauseKind.MEDIA_TYPES}),
    Family.PARAMETERS: frozenset(
        {ClauseKind.PARAMETERS, ClauseKind.EDGES, ClauseKind.WIRE, ClauseKind.MEDIA_TYPES}
    ),
    Family.METHODS: frozenset({ClauseKind.METHODS, ClauseKind.CREDENTIALS}),
    Family.RESPONSES: frozenset({ClauseKind.EDGES, ClauseKind.MEDIA_TYPES}),
    Family.STREAMS: frozenset({ClauseKind.EDGES}),
    Family.REPETITION: frozenset(
        {ClauseKind.STEADINESS, ClauseKind.CREDENTIALS, ClauseKind.BODY, ClauseKind.PARAMETERS}
    ),
    Family.LEAKS: frozenset(
        {
            ClauseKind.CREDENTIALS,
            ClauseKind.BODY,
            ClauseKind.PARAMETERS,
            ClauseKind.METHODS,
            ClauseKind.SYNTAX,
        }
    ),
    Family.HEADERS: frozenset({ClauseKind.WIRE, ClauseKind.CREDENTIALS}),
    Family.WIRE: frozenset({ClauseKind.STEADINESS, ClauseKind.METHODS, ClauseKind.EDGES}),
}
"""The kinds of cases, by name, that a family of faults is found with."""

_KEYWORD = re.compile(
    r"(request|response schema): "
    r"(type|required|enum|maximum|minimum|maxLength|minLength|pattern|minProperties)"
    r"(?: of)?(?: (?!the body|an optional)([^ ,]+))?"
)
_ALTERNATIVE = re.compile(r"\.oneOf\[\d+\]")
_CLAUSES = (
    (r"credential: none, after a good request", r"security\.again"),
    (r"credential: challenge", r"security\.challenge"),
    (r"credential: expired", r"security\.expired"),
    (r"credential: in ", r"security\.misplaced"),
    (r"credential: signed with another key", r"security\.forged"),
    (r"credential: unsigned", r"security\.unsigned"),
    (r"credential: (another case|cut short|last character)", r"security\.altered"),
    (r"credential: the scheme's name", r"security\.scheme-case"),
    (r"credential: that of another tag", r"security\.other-tag"),
    (r"credential:", r"security\.(missing|malformed|wrong|head)"),
    (r"request: (NaN|invalid|malformed|trailing)", r"body\.syntax\."),
    (r"request: state", r"steady\.unchanged"),
    (r"request:", r"body\."),
    (r"edge: (charset|media type)", r"media\.spelling"),
    (r"edge: percent-encoded", r"path\."),
    (r"edge: unknown property named like", r"body\.|response\."),
    (r"edge:", r"body\."),
    (r"media type:", r"media\.(undeclared|absent)"),
    (r"charset:", r"media\.charset"),
    (r"content coding:", r"media\.encoding"),
    (r"Accept: \*/\*", r"control"),
    (r"Accept:", r"accept\.|response\.200\.content-type"),
    (r"parameter: malformed percent-escape", r"path\.|http\.escapes"),
    (r"parameter: unknown query", r"http\.query"),
    (r"parameter:", r"path\."),
    (r"method: HEAD", r"methods\.|security\.head|answer\.framing"),
    (r"method: Allow", r"methods\.allow"),
    (r"method: undeclared", r"methods\.|security\.secrecy"),
    (r"method:", r"methods\."),
    (r"header: oversized", r"http\.headers|response\."),
    (r"header:", r"http\.conditional"),
    (r"control refused", r"control"),
    (r"response schema:", r"response\."),
    (r"response: status", r"status\.|control"),
    (r"response: (content type|UTF-8|JSON|no |one |schema)", r"response\.|answer\.well-formed"),
    (r"response: an error in a 2xx", r"answer\.honest"),
    (r"response: content coding", r"answer\.framing|accept\.coding"),
    (r"response: time limit", r"answer\.time"),
    (r"response: (truthful length|framing)", r"answer\.framing|control"),
    (r"response: an answer", r"control"),
    (r"stream: content type", r"response\.200\.(content-type|well-formed)"),
    (r"stream:", r"response\.200\(text/event-stream\)\.stream\."),
    (r"repetition: the same answer each time", r"steady\.|response\."),
    (r"(repetition|concurrency):", r"steady\."),
    (r"leak: the credential", r"security\.secrecy"),
    (r"leak:", r"answer\.discreet"),
)


def is_own(fault: Fault, clause: str) -> bool:
    """Whether a clause, named without its operation, is of the kind that the fault breaks."""
    if found := _KEYWORD.match(fault.finds):
        return re.search(_of_keyword(*found.groups()), _ALTERNATIVE.sub("", clause)) is not None
    pattern = next(own for finds, own in _CLAUSES if re.match(finds, fault.finds))
    return re.match(pattern, clause) is not None


def _of_keyword(room: str, keyword: str, place: str | None) -> str:
    head = r"^body" if room == "request" else r"^response\.\d+(\([^)]*\))?"
    return rf"{head}\.?{re.escape(place or '')}\S*\.?{keyword}"
