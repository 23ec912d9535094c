from reporting.models.audit import AuditRecord
from reporting.models.forms import FormLine, FormSection, ReportingForm
from reporting.models.importing import ImportBatch, ImportFile, ImportJob
from reporting.models.people import ProvinceAssignment
from reporting.models.reminders import ReminderSent
from reporting.models.submissions import Entry, Submission

__all__ = [
    "AuditRecord", "Entry", "FormLine", "FormSection", "ImportBatch", "ImportFile", "ImportJob",
    "ProvinceAssignment", "ReminderSent", "ReportingForm", "Submission",
]  # fmt: skip
