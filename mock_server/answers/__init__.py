"""Which answer it is, and its bytes."""

__all__: list[str] = []
