"""Tests of a client against the responses that a contract allows."""

__all__: list[str] = []
