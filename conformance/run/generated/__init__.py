"""Requests that Schemathesis and Hypothesis generate."""

__all__: list[str] = []
