"""Schemas as lists of places, and values for and against each of them."""

__all__: list[str] = []
