"""Names of properties whose texts mean something that no schema says: SQL, a URL, a schedule."""

from __future__ import annotations

from spec.text.name_words import words_of
from spec.text.secrets import is_secret_name

__all__ = ["has_meaning", "is_any_name", "is_of_waiting", "may_tell_apart"]

_MEANINGFUL = frozenset(
    {"code", "cron", "currency", "expression", "filter", "formula", "html", "language", "locale"}
    | {"pattern", "query", "regex", "regexp", "schedule", "script", "sql", "template", "timezone"}
    | {"tz", "uri", "url", "xml", "xpath", "yaml"}
)


def is_any_name(name: str) -> bool:
    """Whether its text may be any: it neither means something to the deployment nor is a secret."""
    return not is_secret_name(name) and not has_meaning(name)


def may_tell_apart(name: str) -> bool:
    """Whether a text with a meaning may be what tells one thing from others: a webhook's URL."""
    return not {"pattern", "uri", "url"}.isdisjoint(words_of(name))


def is_of_waiting(name: str) -> bool:
    """Whether it says how long the deployment may wait for something to tell: a long poll."""
    return not {"timeout", "wait"}.isdisjoint(words_of(name))


def has_meaning(name: str) -> bool:
    """Whether the text under a name must be understood by the deployment."""
    words = words_of(name)
    return not _MEANINGFUL.isdisjoint((*words, "".join(words)))
