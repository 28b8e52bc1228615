"""`conformance mcp`: what a coding agent calls, and what it is told."""

__all__: list[str] = []
