"""How a report is written: one module a format."""

__all__: list[str] = []
