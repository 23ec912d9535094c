"""The work list: what I am to fill, what I am to review; and opening a form or its correction."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from indicators.core.periods import UnknownPeriod, parse_period
from provinces.models import Province
from reporting.models import ReportingForm, Submission
from reporting.sentences import language, most_different, say_refusal
from reporting.services.access import own_provinces
from reporting.services.duties import Standing, days_left, duties, recent_quarters
from reporting.services.errors import Refused
from reporting.services.opening import correct, open_submission
from reporting.services.reviewing import queue
from reporting.views.edge import access, page, reporting_view, visible_submission


@reporting_view
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    who = access(request)
    today = timezone.localdate()
    own = own_provinces(who) if who.roles else []
    found = duties(periods=recent_quarters(today), today=today, provinces=own) if own else []
    shown = [duty for duty in found if duty.standing is not Standing.NOT_OPEN]
    recent = (
        Submission.objects.with_context()
        .filter(province__in=own)
        .order_by("-period__end", "province__sort_key", "-number")[:30]
        if own
        else []
    )
    waiting = queue() if who.sees_all else []
    for submission in [*recent, *waiting]:
        submission.period_label = submission.period.core.label(language())  # type: ignore[union-attr]
        submission.moved = most_different(submission.differences)  # type: ignore[union-attr]
    context = {
        "title": _("Quarterly reporting"),
        "crumb_home": True,
        "duties": [
            {
                "duty": duty,
                "period_label": duty.period.label(language()),
                "days_left": days_left(duty, today),
                "days_over": -days_left(duty, today),
                "state": state_label(duty.standing),
            }
            for duty in shown
        ],
        "recent": recent,
        "queue": waiting,
    }
    return page(request, "home.html", context)


def state_label(standing: Standing) -> str:
    return {
        Standing.NOT_OPEN: _("not open yet"),
        Standing.DUE: _("to be submitted"),
        Standing.LATE: _("late"),
        Standing.SUBMITTED: _("submitted"),
        Standing.RETURNED: _("returned"),
        Standing.ACCEPTED: _("published"),
    }[standing]


@reporting_view
@require_POST
def open_form(request: HttpRequest) -> HttpResponse:
    """Open the form of a province for a period; the one that is there already where there is one."""
    try:
        period = parse_period(request.POST.get("period", ""))
        form = ReportingForm.objects.get(pk=int(request.POST.get("form", "")))
        province = Province.objects.get(slug=request.POST.get("province", ""))
    except (UnknownPeriod, ValueError, ReportingForm.DoesNotExist, Province.DoesNotExist):
        raise Http404 from None
    if not access(request).fills(province.pk):
        raise Http404
    try:
        submission = open_submission(form=form, province=province, period=period, actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, say_refusal(refusal))
        return redirect("reporting:home")
    return redirect("reporting:form", submission.pk)


@reporting_view
@require_POST
def correct_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the next version of a published form."""
    submission = visible_submission(request, pk)
    try:
        new = correct(submission=submission, reason=request.POST.get("reason", ""), actor=request.user)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, say_refusal(refusal))
        return redirect("reporting:form", pk)
    return redirect("reporting:form", new.pk)
