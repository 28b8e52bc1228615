"""What several requests show together, or an unusual one: repetition, callers at once, sizes."""

__all__: list[str] = []
