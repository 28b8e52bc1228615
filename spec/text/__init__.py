"""What travels as text: media types, parameter styles, forms, JSON values."""

__all__: list[str] = []
