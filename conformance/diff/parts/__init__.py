"""The parts of an operation compared: parameters, bodies, headers, responses."""

__all__: list[str] = []
