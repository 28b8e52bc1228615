"""Several processes that are one mock: what they keep in common, and what they tell each other."""

__all__: list[str] = []
