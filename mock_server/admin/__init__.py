"""What is under `/__mock/`."""

__all__: list[str] = []
