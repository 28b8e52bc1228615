"""What breaks between two contracts, with a witness for each claim."""

from conformance.diff.announced import Announcements
from conformance.diff.change import Change, findings
from conformance.diff.comparison import changes
from conformance.diff.differences import differences

__all__ = ["Announcements", "Change", "changes", "differences", "findings"]
