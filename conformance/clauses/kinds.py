"""The kinds of clauses. A name never changes: reports and `conformance clauses --kind` have it."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["KINDS_OF_A_RUN", "OF_SEVERAL_REQUESTS", "ClauseKind"]


class ClauseKind(StrEnum):
    """What a clause is about: the column of a report's matrix, and a family of cases."""

    # of a run, in the order in which it fills them
    CONTROL = "control"
    CREDENTIALS = "credentials"
    BODY = "body"
    EDGES = "edges"
    SYNTAX = "syntax"
    MEDIA_TYPES = "media types"
    PARAMETERS = "parameters"
    METHODS = "methods"
    WIRE = "wire"
    STATUS = "status"
    RESPONSE = "response"
    STREAMS = "streams"
    STEADINESS = "steadiness"
    STATE = "state"
    PROPERTIES = "properties"
    # of a client, which is tried with other answers than those that it knows
    ALTERNATIVES = "alternatives"
    ABSENCE = "absence"
    MEMBERS = "members"
    NULL = "null"
    LISTS = "lists"
    VALUES = "values"
    PRESENCE = "presence"
    UNKNOWN = "unknown"
    TIME = "time"
    ERRORS = "errors"


KINDS_OF_A_RUN = tuple(ClauseKind)[: tuple(ClauseKind).index(ClauseKind.PROPERTIES) + 1]
"""Those that `derive` gives clauses of."""

OF_SEVERAL_REQUESTS = frozenset({ClauseKind.STEADINESS, ClauseKind.STATE})
"""Those that no request shows by itself, without the ones before it."""
