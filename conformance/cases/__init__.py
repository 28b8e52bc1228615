"""What is sent: each family of cases in a module of its own."""

__all__: list[str] = []
