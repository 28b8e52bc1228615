"""The kit under pytest: `pytest --pyargs conformance.suite --url …`, one test a clause."""

__all__: list[str] = []
