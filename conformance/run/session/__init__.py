"""What a run shares: its options, its time, its budget, and what it has seen."""

__all__: list[str] = []
