"""The parts of `conformance gate`."""

__all__: list[str] = []
