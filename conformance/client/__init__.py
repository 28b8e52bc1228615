"""Proof of a client: which of the answers that a contract allows it survives."""

__all__: list[str] = []
