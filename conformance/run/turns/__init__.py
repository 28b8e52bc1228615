"""The turn of one operation: the good request, its faults, and what must be accepted."""

__all__: list[str] = []
