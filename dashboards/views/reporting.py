"""Who has reported for a quarter: submitted, due, late, returned."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards import formatting
from dashboards.questions import PERIOD, BadQuestion, one
from dashboards.rows import Choice
from dashboards.views.page import bad_question, language, page
from reporting.services.duties import Duty, Standing
from reporting.services.overview import FormOverview, asked_quarters, form_overviews

_LOOKS = {
    Standing.ACCEPTED: "good",
    Standing.LATE: "bad",
    Standing.RETURNED: "bad",
    Standing.SUBMITTED: "",
    Standing.DUE: "",
    Standing.NOT_OPEN: "",
}


@require_safe
def reporting_status(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    periods = asked_quarters(today)
    code = one(dict(request.GET.lists()), PERIOD)
    chosen = next((period for period in periods if period.code == code), None)
    if code and chosen is None:
        allowed = [Choice(period.code, period.label(language())) for period in periods]
        return bad_question(request, BadQuestion(PERIOD, code, allowed), section="reporting")
    # What is due next says little before anybody could submit: the quarter before it is shown first.
    chosen = chosen or next((period for period in periods if period.end < today), next(iter(periods), None))
    context = {
        "present_only": True,
        "periods": [
            {"code": period.code, "label": period.label(language()), "current": period == chosen}
            for period in periods
        ],
        "period_label": chosen.label(language()) if chosen else "",
        "forms": [_form(form) for form in form_overviews(period=chosen, today=today)] if chosen else [],
    }
    return page(request, "reporting_status/page.html", context, section="reporting")


def _form(overview: FormOverview) -> dict[str, Any]:
    return {
        "name": overview.form.name,
        "due": formatting.day(overview.due, language()),
        "total": len(overview.duties),
        "published": overview.published,
        "counts": [(_word(standing), count, _LOOKS[standing]) for standing, count in overview.counts()],
        "lines": [_line(duty, overview.contradictions) for duty in overview.duties],
    }


def _line(duty: Duty, contradictions: dict[int, int]) -> dict[str, Any]:
    submission = duty.submission
    sent = submission.submitted_at if submission else None
    return {
        "province": duty.province,
        "word": _word(duty.standing),
        "look": _LOOKS[duty.standing],
        "submitted": formatting.day(timezone.localtime(sent).date(), language()) if sent else "–",
        "late": duty.submitted_late,
        "version": submission.number if submission and submission.number > 1 else 0,
        "contradictions": contradictions.get(duty.province.pk, 0),
    }


def _word(standing: Standing) -> str:
    return {
        Standing.NOT_OPEN: _("not open yet"),
        Standing.DUE: _("not submitted yet"),
        Standing.LATE: _("late"),
        Standing.SUBMITTED: _("submitted, under review"),
        Standing.RETURNED: _("returned to the province"),
        Standing.ACCEPTED: _("published"),
    }[standing]
