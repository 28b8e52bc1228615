"""Evidence from recorded traffic, without a request of our own."""

__all__: list[str] = []
