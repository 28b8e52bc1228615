"""What a run is asked for, what it takes from elsewhere, and what is told meanwhile."""

__all__: list[str] = []
