"""What is wrong with a contract itself: promises that cannot be kept, or not be checked.

Questions of style (names, descriptions, tags) are left to Spectral and its like.
"""

from conformance.lint.linting import lint

__all__ = ["lint"]
