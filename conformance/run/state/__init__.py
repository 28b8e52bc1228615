"""What was written is read back."""

__all__: list[str] = []
