"""Names of properties whose texts mean something that no schema says: SQL, a URL, a schedule."""

from __future__ import annotations

from spec.text.name_words import words_of
from spec.text.secrets import is_secret_name

__all__ = ["is_any_name"]

_MEANINGFUL = frozenset(
    {"code", "cron", "currency", "expression", "filter", "formula", "html", "language", "locale"}
    | {"pattern", "query", "regex", "regexp", "schedule", "script", "sql", "template", "timezone"}
    | {"tz", "uri", "url", "xml", "xpath", "yaml"}
)


def is_any_name(name: str) -> bool:
    """Whether nothing in a name says that its text means something to the deployment."""
    words = words_of(name)
    return not is_secret_name(name) and _MEANINGFUL.isdisjoint((*words, "".join(words)))
