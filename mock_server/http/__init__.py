"""Connections, requests, routes to operations, and how an answer leaves."""

__all__: list[str] = []
