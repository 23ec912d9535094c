"""Charts of how provinces spread: the distribution of an indicator, and its funnel."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboards import chart_sentences as say
from dashboards import formatting as f
from dashboards.figures.distribution import Dot, Middle, distribution_figure
from dashboards.figures.funnel import Case, funnel_figure, outside
from dashboards.pages import parts
from dashboards.pages.compared import FEWEST, Chart, Compared, Line, Table, titled
from dashboards.queries import comparison
from dashboards.sentences import shown


def distribution_chart(c: Compared) -> Chart:
    title = c.title(
        _("How %(indicator)s spreads, %(period)s") % {"indicator": c.indicator.name, "period": c.in_period}
    )
    enough = len(c.places) >= FEWEST
    figure = parts.Figure(
        name="distribution",
        title=title,
        data=distribution_figure(
            [Dot(p.province.name, p.value, c.hover(p), c.is_chosen(p)) for p in c.places],
            _middle(c),
            language=c.language,
            axis_title=titled(c.indicator),
        )
        if enough
        else None,
        sentence=say.spread_sentence(c.indicator, c.period, c.places, c.group, c.chosen, c.language),
        source=parts.source_line(c.places, c.group, c.language),
        height="h340",
        instead="" if enough else say.too_few(len(c.places), FEWEST),
        note="" if c.group.complete else _("No median or middle half is drawn: too few provinces report."),
        simulated=c.group.simulated,
        api=parts.api_address(c.question),
    )
    return Chart(figure, values_table(c))


def _middle(c: Compared) -> Middle | None:
    group = c.group
    if not group.complete or group.median is None or group.q1 is None or group.q3 is None:
        return None
    label = _("Median %(value)s") % {"value": c.quantity(group.median)}
    return Middle(group.q1, group.median, group.q3, label, _("the middle half"))


def values_table(c: Compared) -> Table:
    rank = [_("Rank")] if c.indicator.ranked else []
    lines = [
        Line(
            place.province.name,
            [
                *([f.rank(place.rank, place.rank_from, place.rank_to)] if rank else []),
                shown(place, c.indicator, c.language),
                f.change(place.difference_to_median, c.indicator.measure, c.language, c.indicator.decimals),
            ],
            place.province.slug,
            c.is_chosen(place),
        )
        for place in c.places
    ]
    return Table([*rank, _("Value"), _("Against the median")], lines)


def funnel_chart(c: Compared) -> Chart:
    """Only of shares that are their counts: a numerator out of a denominator, at least three provinces."""
    counts = comparison.counts(c.question.indicator, c.question.period, c.question.geography)
    known = [place for place in c.places if place.province.slug in counts]
    cases = [
        (place, *counts[place.province.slug])
        for place in known
        if 0 <= counts[place.province.slug][0] <= counts[place.province.slug][1]
    ]
    numerator, denominator = sum(case[1] for case in cases), sum(case[2] for case in cases)
    why_not = _why_no_funnel(c, len(cases), numerator, denominator)
    drawn = [
        Case(place.province.name, round(of), part / of, _counted(c, place.province.name, part, of), chosen)
        for place, part, of in cases
        for chosen in [c.is_chosen(place)]
    ]
    centre = numerator / denominator if denominator else 0.0
    words = {"indicator": c.indicator.name, "period": c.in_period}
    figure = parts.Figure(
        name="funnel",
        title=c.title(_("%(indicator)s against the number of cases, %(period)s") % words),
        data=None if why_not else _funnel(c, drawn, centre),
        sentence=""
        if why_not
        else say.funnel_sentence(
            drawn, [outside(case, centre) for case in drawn], centre, len(c.places) - len(cases), c.language
        ),
        source=parts.source_line(known, c.group, c.language),
        height="h480",
        instead=why_not,
        note="" if why_not else _("Exact binomial limits (Spiegelhalter 2005)."),
        simulated=c.group.simulated,
        api=parts.api_address(c.question),
    )
    return Chart(figure, None if why_not else _funnel_table(c, drawn, cases, centre))


def _why_no_funnel(c: Compared, cases: int, numerator: float, denominator: float) -> str:
    if c.indicator.measure != "percent":
        return _("No funnel: this indicator is not a share of counts.")
    if cases == 0:
        return _("No funnel: no province states the counts behind its figure, so chance cannot be reckoned.")
    if cases < 3:
        return _("No funnel: fewer than three provinces state the counts behind their figure.")
    if not 0 < numerator < denominator:
        return _("No funnel: all provinces together have none, or all, of the cases.")
    return ""


def _counted(c: Compared, name: str, part: float, of: float) -> str:
    counts = f"{f.number(part, c.language, 0)} / {f.number(of, c.language, 0)}"
    return f"{name}: {counts} = {f.quantity(100 * part / of, 'percent', c.language, 2)}"


def _funnel(c: Compared, cases: list[Case], centre: float) -> dict:
    together = f.quantity(100 * centre, "percent", c.language, 2)
    return funnel_figure(
        cases,
        centre,
        language=c.language,
        titles=(c.indicator.denominator or _("Cases"), "%"),
        limit_labels=(_("inner limits (95 %)"), _("outer limits (99.8 %)")),
        centre_label=_("All together %(value)s") % {"value": together},
    )


def _funnel_table(
    c: Compared, drawn: list[Case], cases: list[tuple[parts.Place, float, float]], centre: float
) -> Table:
    lines = [
        Line(
            case.name,
            [
                f.number(part, c.language, 0),
                f.number(of, c.language, 0),
                f.quantity(100 * case.share, "percent", c.language, 2),
                say.beyond(outside(case, centre)),
            ],
            place.province.slug,
            case.chosen,
        )
        for case, (place, part, of) in zip(drawn, cases, strict=True)
    ]
    return Table([_("Numerator"), _("Denominator"), _("Share"), _("Against chance")], lines)
