"""Forms: the next version of one, and those that come with the system (data/forms.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from indicators.models import Category, Indicator
from reporting.models import FormLine, FormSection, ReportingForm

FORMS_FILE = Path(__file__).resolve().parent.parent / "data" / "forms.yaml"
_COPIED = (
    *("code", "calendar", "applies_to", "opens_after_days", "due_after_days", "name_vi", "name_en"),
    *("instructions_vi", "instructions_en"),
)


@transaction.atomic
def new_version(*, form: ReportingForm) -> ReportingForm:
    """A copy with the next version number, as a draft: nobody is asked to fill it until it applies."""
    newest = ReportingForm.objects.select_for_update().filter(code=form.code).order_by("-version")[0]
    copy = ReportingForm.objects.create(
        version=newest.version + 1, **{name: getattr(form, name) for name in _COPIED}
    )
    copy.provinces.set(form.provinces.all())
    for section in form.sections.all():
        lines = list(section.lines.all())
        new = FormSection.objects.create(
            form=copy, position=section.position, name_vi=section.name_vi, name_en=section.name_en
        )
        FormLine.objects.bulk_create(
            FormLine(
                section=new,
                position=line.position,
                indicator_id=line.indicator_id,
                category_id=line.category_id,
                mode=line.mode,
                wants_counts=line.wants_counts,
            )
            for line in lines
        )
    return copy


def load_forms(*, path: Path = FORMS_FILE) -> tuple[int, list[str]]:
    """Make the forms of ``path`` that are not there yet (by code); one that exists belongs to its
    administrators and is left alone. Returns how many were made, and what the catalogue lacks: a form that
    asks for it is not made."""
    made, lacking = 0, []
    for data in yaml.safe_load(path.read_text(encoding="utf-8")):
        if ReportingForm.objects.filter(code=data["code"]).exists():
            continue
        missing = _lacking(data)
        if not missing:
            _make_form(data)
            made += 1
        lacking += missing
    return made, lacking


def _lacking(data: Mapping[str, Any]) -> list[str]:
    lines = [line for section in data["sections"] for line in section["lines"]]
    indicators = set(Indicator.objects.values_list("code", flat=True))
    return [
        f"{line['indicator']} {line.get('category', '')}".strip()
        for line in lines
        if line["indicator"] not in indicators or ("category" in line and _category(line) is None)
    ]


def _category(line: Mapping[str, Any]) -> Category | None:
    if "category" not in line:
        return None
    dimension, _, code = line["category"].partition("/")
    return Category.objects.filter(dimension__code=dimension, code=code).first()


@transaction.atomic
def _make_form(data: Mapping[str, Any]) -> None:
    form = ReportingForm.objects.create(
        code=data["code"],
        name_vi=data["name_vi"],
        name_en=data["name_en"],
        calendar=data["calendar"],
        applies_from=date.fromisoformat(str(data["applies_from"])),
        opens_after_days=data["opens_after_days"],
        due_after_days=data["due_after_days"],
        instructions_vi=data["instructions_vi"].strip(),
        instructions_en=data["instructions_en"].strip(),
    )
    for position, section in enumerate(data["sections"], start=1):
        row = FormSection.objects.create(
            form=form, position=position, name_vi=section["name_vi"], name_en=section["name_en"]
        )
        for place, line in enumerate(section["lines"], start=1):
            FormLine.objects.create(
                section=row,
                position=place,
                indicator=Indicator.objects.get(code=line["indicator"]),
                category=_category(line),
                mode=line.get("mode", FormLine.Mode.QUARTER),
                wants_counts=line.get("wants_counts", False),
            )
