"""A client's own tests, run with the answers of our mock."""

__all__: list[str] = []
