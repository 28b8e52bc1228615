"""Findings, codes, waivers, and the report that holds them."""

__all__: list[str] = []
