"""What is wrong with a contract itself: promises that cannot be kept, or not be checked.

Nothing here is taste. House rules (names, descriptions, tags) are for Spectral and its like.
"""

from conformance.lint.linting import lint

__all__ = ["lint"]
