"""Options and texts that several commands have."""

__all__: list[str] = []
