"""Cards of figures: of a published one, and of one that was computed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards.pages import cards
from dashboards.pages.controls import group_labels
from dashboards.queries import cards as queries
from dashboards.queries import catalogue, comparison
from dashboards.questions import (
    GEOGRAPHIES,
    GEOGRAPHY,
    GROUP,
    INDICATOR,
    NATION,
    PERIOD,
    PROVINCES,
    BadQuestion,
    ComparisonQuestion,
    one,
)
from dashboards.rows import Choice
from dashboards.views.page import bad_question, language, page
from indicators.core.periods import UnknownPeriod, parse_period

SECTION = "indicators"


@require_safe
def card(request: HttpRequest, key: int) -> HttpResponse:
    found = queries.records(key)
    if not any(record.key == key for record in found):
        return bad_question(request, BadQuestion("so-lieu", str(key), ()), section=SECTION)
    context = cards.observation_card(key, found, catalogue.indicators(), language())
    return page(request, "card/observation.html", context, section=SECTION)


@require_safe
def computed_card(request: HttpRequest) -> HttpResponse:
    parameters = {name: request.GET.getlist(name) for name in request.GET}
    indicators = catalogue.indicators()
    try:
        question = _read(parameters, {code: row.name for code, row in indicators.items()})
    except BadQuestion as error:
        return bad_question(request, error, section=SECTION)
    indicator, province = indicators[question.indicator], one(parameters, PROVINCES)
    if province:
        context = cards.standing_card(question, province, indicator, language())
    else:
        labels = group_labels(comparison.regions(question.geography))
        label = labels.get(question.group, question.group)
        context = cards.aggregate_card(question, label, indicator, language())
    if context is None:
        missing = province or question.group
        return bad_question(
            request, BadQuestion(PROVINCES if province else GROUP, missing, ()), section=SECTION
        )
    return page(request, "card/computed.html", context, section=SECTION)


def _read(parameters: dict[str, list[str]], names: dict[str, str]) -> ComparisonQuestion:
    indicator, period = one(parameters, INDICATOR), one(parameters, PERIOD)
    geography = one(parameters, GEOGRAPHY)
    if indicator not in names:
        raise BadQuestion(INDICATOR, indicator, (Choice(code, name) for code, name in names.items()))
    if geography not in GEOGRAPHIES:
        raise BadQuestion(GEOGRAPHY, geography, (Choice(code, code) for code in GEOGRAPHIES), status=400)
    try:
        parse_period(period)
    except UnknownPeriod as error:
        raise BadQuestion(PERIOD, period, (), status=400) from error
    return ComparisonQuestion(indicator, period, geography, one(parameters, GROUP) or NATION)
