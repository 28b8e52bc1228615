"""Text forms of values: media types, parameter styles, forms, JSON."""

__all__: list[str] = []
