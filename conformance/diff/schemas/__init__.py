"""Two schemas compared: each difference a change with its witness."""

__all__: list[str] = []
