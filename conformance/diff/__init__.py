"""What breaks between two contracts, with a witness for each claim."""

from conformance.diff.change import Change, findings
from conformance.diff.comparison import changes

__all__ = ["Change", "changes", "findings"]
