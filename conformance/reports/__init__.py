"""How a report is written: one module a format."""

from conformance.reports.json_reader import ReportError, read_report
from conformance.reports.json_report import as_json, as_mapping, report_schema

__all__ = ["ReportError", "as_json", "as_mapping", "read_report", "report_schema"]
