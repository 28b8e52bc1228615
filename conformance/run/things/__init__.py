"""The things of a deployment: which are known, how requests name them, and new ones."""

__all__: list[str] = []
