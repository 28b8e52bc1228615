"""The contract as frozen data, its errors, and pointers into its document."""

__all__: list[str] = []
