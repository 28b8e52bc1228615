"""From a file to one document whose nodes know their lines: YAML, JSON, other files, overlays."""

__all__: list[str] = []
