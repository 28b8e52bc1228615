"""Which contracts a command line means, and how they are opened."""

__all__: list[str] = []
