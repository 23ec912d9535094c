"""Pages under a lens: the parameters read, the tables of that day put in place, the links carried on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from dashboards import lens
from dashboards.caching import whole_page
from dashboards.carrying import carried
from dashboards.queries.looking import span
from dashboards.questions import BadQuestion
from dashboards.views.page import bad_question
from dashboards.views.sending import in_asked_form
from indicators.services.past_tables import tables_as_of

View = Callable[..., HttpResponse]


def looked_at(view: View) -> View:
    """A page that ``ngay`` and ``so-lieu`` may be asked of, kept whole for each of their values."""
    return _with_its_lens(whole_page(_under_its_lens(view)))


def of_the_present(view: View) -> View:
    """A page that knows no past: its links keep the lens, its banner says that it shows the present."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.content = carried(response.content.decode(), lens.current()).encode()
        return _as_asked(request, response)

    return _with_its_lens(answer)


def _with_its_lens(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            chosen = lens.read(request.GET.get(lens.DAY, ""), request.GET.get(lens.FIGURES, ""))
        except lens.UnreadableLens as error:
            return bad_question(request, BadQuestion(error.parameter, error.value, (), 400), section="")
        with lens.looking_through(chosen):
            return view(request, *args, **kwargs)

    return answer


def _under_its_lens(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = lens.current()
        if not chosen.pairs:
            return _as_asked(request, view(request, *args, **kwargs))
        made_up = span().simulated  # there now: the history of sources knows those that were taken away
        if chosen.simulated and not made_up:
            error = BadQuestion(lens.FIGURES, lens.SIMULATED, ())
            with lens.looking_through(lens.Lens(chosen.day)):
                return bad_question(request, error, section="")
        tables = nullcontext()
        if chosen.instant:
            tables = tables_as_of(chosen.instant, simulated=chosen.simulated)
        with tables:
            response = view(request, *args, **kwargs)
        if response.headers["Content-Type"].startswith("text/html"):
            mark = render_to_string("components/simulated_mark.html") if chosen.simulated else ""
            response.content = carried(response.content.decode(), chosen, mark).encode()
        return _as_asked(request, response)

    return answer


def _as_asked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
        return response
    return in_asked_form(request, response.content.decode()) or response
