from reporting.models.audit import AuditRecord
from reporting.models.forms import FormLine, FormSection, ReportingForm
from reporting.models.people import ProvinceAssignment
from reporting.models.submissions import Entry, Submission

__all__ = [
    "AuditRecord", "Entry", "FormLine", "FormSection", "ProvinceAssignment", "ReportingForm", "Submission",
]  # fmt: skip
