"""How a run goes: operation by operation, wave by wave."""

__all__: list[str] = []
