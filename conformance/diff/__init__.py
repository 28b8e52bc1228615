"""What breaks between two contracts, with a witness for each claim."""

from conformance.diff.comparison import changes
from conformance.diff.differences import differences
from conformance.diff.model.announced import Announcements
from conformance.diff.model.change import Change, findings

__all__ = ["Announcements", "Change", "changes", "differences", "findings"]
