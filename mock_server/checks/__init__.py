"""Checks of a request: credentials, parameters and body."""

__all__: list[str] = []
