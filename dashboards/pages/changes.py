"""Charts of change: a slope between two periods, and small trends side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from dashboards import change_sentences as say
from dashboards import formatting as f
from dashboards.figures.multiples import Panel, height, multiples_figure
from dashboards.figures.slope import Slope, slope_figure
from dashboards.pages import parts
from dashboards.pages.compared import Chart, Compared, Line, Table, titled
from dashboards.pages.trends import middle, short_name
from dashboards.queries import catalogue, comparison
from dashboards.questions import in_period
from dashboards.rows import Place, Slice
from dashboards.sentences import change_between
from indicators.core.periods import Period

_MOST_PANELS = 24


def slope_chart(c: Compared) -> Chart:
    before = _before(c)
    uses = frozenset({"since"})
    if before is None:
        figure = _slope_figure(
            c, None, [], _("No slope: there is no earlier period to compare this one with.")
        )
        return Chart(figure, uses=uses)
    crossed = _breaks_between(c, before.period)
    found = comparison.places_at([(c.indicator.code, before.period)], c.question.geography, c.group_read)
    earlier = {place.province.slug: place for place in found[c.indicator.code]}
    pairs = [(earlier[place.province.slug], place) for place in c.places if place.province.slug in earlier]
    why_not = ""
    if crossed:
        why_not = _("No slope: figures from %(day)s on are not comparable with those before.") % {
            "day": f.day(crossed[0], c.language)
        }
    elif not pairs:
        why_not = _("No slope: no province has a figure in both periods.")
    figure = _slope_figure(c, before, pairs, why_not)
    table = None if why_not else _slope_table(c, before, pairs)
    return Chart(figure, table, uses=uses, since=before.period.code)


def _before(c: Compared) -> Slice | None:
    """The period asked for, else the newest one that enough provinces report, else the fullest."""
    earlier = c.availability.before(c.group)
    if c.question.since:
        return next((row for row in earlier if row.period.code == c.question.since), None)
    complete = next((row for row in earlier if row.complete), None)
    return complete or max(earlier, key=lambda row: (row.reporting, row.period.end), default=None)


def _breaks_between(c: Compared, before: Period) -> list[date]:
    marks = catalogue.series_breaks().get(c.indicator.code, [])
    return [mark.day for mark in marks if before.end < mark.day <= c.group.period.end]


def _slope_figure(
    c: Compared, before: Slice | None, pairs: Sequence[tuple[Place, Place]], why_not: str
) -> parts.Figure:
    if before is None:
        return parts.Figure("slope", c.indicator.name, None, "", "", instead=why_not)
    words = {"indicator": c.indicator.name, "from": in_period(before.period, c.language), "to": c.in_period}
    slopes = [_slope(c, earlier, later) for earlier, later in pairs]
    exact = [
        (slope.name, slope.after - slope.before, slope.chosen)
        for slope, pair in zip(slopes, pairs, strict=True)
        if change_between(*pair, c.indicator, c.language)
    ]
    data = None
    if not why_not:
        names = (c.name_of(before.period), c.period)
        data = slope_figure(slopes, language=c.language, periods=names, axis_title=titled(c.indicator))
    return parts.Figure(
        name="slope",
        title=c.title(_("%(indicator)s: %(from)s and %(to)s") % words),
        data=data,
        sentence=""
        if why_not
        else say.slope_sentence(
            c.indicator,
            (words["from"], words["to"]),
            exact,
            len(c.places) - len(pairs),
            len(pairs) - len(exact),
            c.language,
        ),
        source=parts.source_line([place for pair in pairs for place in pair], None, c.language),
        height="h520",
        instead=why_not,
        simulated=c.group.simulated,
        api=parts.api_address(c.question, periods=[before.period.code, c.question.period]),
    )


def _slope(c: Compared, earlier: Place, later: Place) -> Slope:
    change = change_between(earlier, later, c.indicator, c.language)
    words = f"{later.province.name}: {c.shown(earlier)} → {c.shown(later)}" + (
        f" ({change})" if change else ""
    )
    return Slope(later.province.name, earlier.value, later.value, words, c.is_chosen(later))


def _slope_table(c: Compared, before: Slice, pairs: Sequence[tuple[Place, Place]]) -> Table:
    ordered = sorted(pairs, key=lambda pair: pair[0].value - pair[1].value)
    lines = [
        Line(
            later.province.name,
            [
                c.shown(earlier),
                c.shown(later),
                change_between(earlier, later, c.indicator, c.language) or "–",
            ],
            later.province.slug,
            c.is_chosen(later),
        )
        for earlier, later in ordered
    ]
    return Table([c.name_of(before.period), c.period, _("Change")], lines)


def multiples_chart(c: Compared) -> Chart:
    """Picked provinces first, then the others by rank; each over the periods of this geography."""
    order = [*c.chosen, *(place for place in c.places if not c.is_chosen(place))]
    shown, left = order[:_MOST_PANELS], order[_MOST_PANELS:]
    found = comparison.series((c.indicator.code,), tuple(place.province.slug for place in shown))
    own = [
        place
        for place in found
        if place.geography == c.question.geography and place.period.comparable_with(c.group.period)
    ]
    periods = sorted({place.period for place in own})
    days = [mark.day for mark in catalogue.series_breaks().get(c.indicator.code, [])]
    why_not = "" if len(periods) > 1 else _("No small multiples: there is only one period to show.")
    lines = {
        place.province.slug: {row.period: row for row in own if row.province.slug == place.province.slug}
        for place in shown
    }
    words = {"indicator": c.indicator.name}
    figure = parts.Figure(
        name="multiples",
        title=c.title(_("%(indicator)s over time, province by province") % words),
        data=None if why_not else _multiples(c, shown, lines, periods, days),
        sentence=""
        if why_not
        else say.multiples_sentence(
            c.indicator,
            [
                (place.province.name, _run_to(c.group.period, lines[place.province.slug], days))
                for place in shown
            ],
            len(left),
            c.language,
        ),
        source=parts.source_line(own, None, c.language),
        note=_("The dashed line is the median of all."),
        height=parts.room(height(len(shown))),
        width="many",
        instead=why_not,
        simulated=c.group.simulated,
        api=parts.api_series([c.indicator.code], [place.province.slug for place in shown]),
    )
    return Chart(figure, None if why_not else _multiples_table(c, shown, lines, periods))


def _multiples(
    c: Compared,
    shown: Sequence[Place],
    lines: dict[str, dict[Period, Place]],
    periods: Sequence[Period],
    days: Sequence[date],
) -> dict:
    panels = [
        Panel(
            place.province.name,
            _with_gaps(
                [
                    (middle(period), row.value, f"{c.name_of(period)}: {c.shown(row)}")
                    for period, row in lines[place.province.slug].items()
                ],
                days,
            ),
            c.is_chosen(place),
        )
        for place in shown
    ]
    medians = [c.availability.on(c.indicator.code, period, c.question.geography) for period in periods]
    median = [(middle(row.period), row.median, "") for row in medians if row and row.complete]
    gapped = [(day, value) for day, value, _hover in _with_gaps(median, days)]
    ticks = [(middle(period), short_name(period, c.language)) for period in periods]
    return multiples_figure(panels, gapped, language=c.language, ticks=ticks)


def _with_gaps(
    points: Sequence[tuple[date, float | None, str]], days: Sequence[date]
) -> tuple[tuple[date, float | None, str], ...]:
    """No line crosses a break."""
    parted: list[tuple[date, float | None, str]] = []
    for point in points:
        parted += [(day, None, "") for day in days if parted and parted[-1][0] < day <= point[0]]
        parted.append(point)
    return tuple(parted)


def _run_to(asked: Period, line: dict[Period, Place], days: Sequence[date]) -> list[float]:
    """The exact values up to the period that was asked for, since the last break before it."""
    values: list[float] = []
    last: Period | None = None
    for period, place in line.items():
        if period > asked:
            break
        if last and any(last.end < day <= period.end for day in days):
            values = []
        if place.open_interval == (None, None):
            values.append(place.value)
        last = period
    return values


def _multiples_table(
    c: Compared, shown: Sequence[Place], lines: dict[str, dict[Period, Place]], periods: Sequence[Period]
) -> Table:
    return Table(
        [short_name(period, c.language) for period in periods],
        [
            Line(
                place.province.name,
                [
                    c.shown(row) if (row := lines[place.province.slug].get(period)) else "–"
                    for period in periods
                ],
                place.province.slug,
                c.is_chosen(place),
            )
            for place in shown
        ],
    )
