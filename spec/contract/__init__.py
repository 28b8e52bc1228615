"""From the document to a `Contract`: operations, parameters, bodies, security, examples."""

__all__: list[str] = []
