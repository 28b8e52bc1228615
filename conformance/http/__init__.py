"""Requests and answers as data, credentials, redaction, and how requests travel."""

__all__: list[str] = []
