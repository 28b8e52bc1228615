"""Things that a run makes for its requests, removes, and puts back."""

__all__: list[str] = []
