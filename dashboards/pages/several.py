"""Charts of several indicators at once: heat map, scatter, and what a whole is made of."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dashboards import chart_sentences as say
from dashboards import formatting as f
from dashboards.figures import heat, house, mix
from dashboards.figures.scatter import Pair, scatter_figure
from dashboards.pages import parts
from dashboards.pages.compared import FEWEST, Chart, Compared, Line, Table, titled
from dashboards.pages.indicator_choice import beside
from dashboards.queries import comparison
from dashboards.questions import in_period
from dashboards.rows import IndicatorRow, Part, Place, Slice
from dashboards.sentences import shown

OTHERS = frozenset({"others"})


def heat_chart(c: Compared) -> Chart:
    slices = [c.group, *beside(c, most=7)]
    found = comparison.places_at(
        [(s.indicator, s.period) for s in slices], c.question.geography, c.group_read
    )
    judged = [s for s in slices if c.indicators[s.indicator].ranked and s.complete]
    left_out = [c.indicators[s.indicator].name for s in slices if s not in judged]
    at = {s.indicator: {p.province.slug: p for p in c.among(found[s.indicator])} for s in slices}
    slugs = _best_on_average([at[s.indicator] for s in judged])
    drawable = bool(judged) and len(slugs) > 1
    rows = [_heat_row(c, slug, judged, at) for slug in slugs]
    heads = [house.broken(c.indicators[s.indicator].name, 16) for s in judged]
    figure = parts.Figure(
        name="heat",
        title=c.title(_("Several indicators of each province, by fifths")),
        data=heat.heat_figure(heads, rows, language=c.language, band_labels=say.fifths())
        if drawable
        else None,
        sentence=say.heat_sentence([(row.name, row.chosen, [x.band for x in row.cells]) for row in rows])
        if drawable
        else "",
        source=parts.source_line(c.places, c.group, c.language),
        note=say.left_out(left_out),
        width="very-many" if len(judged) > 4 else "many",
        height=parts.room(heat.height(len(rows))),
        instead=""
        if drawable
        else _("No heat map: none of these indicators is judged and well covered here."),
        simulated=c.group.simulated,
        api=_api(c, judged),
    )
    table = Table(
        [_with_period(c, s) for s in judged],
        [
            Line(row.name, [cell.text or f.MISSING for cell in row.cells], slug, row.chosen)
            for slug, row in zip(slugs, rows, strict=True)
        ],
    )
    return Chart(figure, table if drawable else None, uses=OTHERS, note=_chosen_note(c))


def _chosen_note(c: Compared) -> str:
    return "" if c.question.others else _("Indicators beside it were chosen by the page: add your own.")


def _with_period(c: Compared, row: Slice) -> str:
    return f"{c.indicators[row.indicator].name}, {in_period(row.period, c.language)}"


def _best_on_average(columns: Sequence[dict[str, Place]]) -> list[str]:
    """Every province of any column, by the mean of the percentiles that it has, best first."""
    known: dict[str, list[float]] = {}
    for column in columns:
        for slug, place in column.items():
            if place.percentile is not None:
                known.setdefault(slug, []).append(place.percentile)
    return sorted(known, key=lambda slug: (-sum(known[slug]) / len(known[slug]), slug))


def _heat_row(
    c: Compared, slug: str, judged: Sequence[Slice], at: dict[str, dict[str, Place]]
) -> heat.HeatRow:
    cells = []
    name = slug
    for row in judged:
        place = at[row.indicator].get(slug)
        if place is None or place.percentile is None:
            cells.append(heat.Cell("", "", None))
            continue
        name = place.province.name
        indicator = c.indicators[row.indicator]
        words = shown(place, indicator, c.language)
        band = min(4, int(place.percentile // 20))
        hover = f"{name}, {_with_period(c, row)}: {words}"
        cells.append(heat.Cell(c.quantity(place.value, indicator), hover, band))
    return heat.HeatRow(name, tuple(cells), slug in c.question.provinces)


def scatter_chart(c: Compared) -> Chart:
    other = next(iter(beside(c, most=1)), None)
    if other is None:
        nothing = _("No scatter: no other indicator has figures for this set of provinces.")
        return Chart(_scatter_figure(c, None, [], nothing), uses=OTHERS)
    second = c.indicators[other.indicator]
    found = comparison.places_at([(other.indicator, other.period)], c.question.geography, c.group_read)
    against = {place.province.slug: place for place in found[other.indicator]}
    pairs = [(place, against[place.province.slug]) for place in c.places if place.province.slug in against]
    why_not = "" if len(pairs) >= FEWEST else say.too_few(len(pairs), FEWEST)
    figure = _scatter_figure(c, other, pairs, why_not)
    table = Table(
        [f"{c.indicator.name}, {c.in_period}", _with_period(c, other)],
        [
            Line(
                place.province.name,
                [shown(place, c.indicator, c.language), shown(partner, second, c.language)],
                place.province.slug,
                c.is_chosen(place),
            )
            for place, partner in pairs
        ],
    )
    return Chart(figure, table if pairs else None, uses=OTHERS, note=_chosen_note(c))


def _scatter_figure(
    c: Compared, other: Slice | None, pairs: Sequence[tuple[Place, Place]], why_not: str
) -> parts.Figure:
    if other is None:
        return parts.Figure("scatter", c.indicator.name, None, "", "", instead=why_not)
    second = c.indicators[other.indicator]
    medians = (c.group.median if c.group.complete else None, other.median if other.complete else None)
    words = {"first": c.indicator.name, "second": second.name}
    points = [
        Pair(
            place.province.name,
            place.value,
            partner.value,
            f"{place.province.name}: {shown(place, c.indicator, c.language)} · "
            f"{shown(partner, second, c.language)}",
            c.is_chosen(place),
        )
        for place, partner in pairs
    ]
    return parts.Figure(
        name="scatter",
        title=c.title(_("%(first)s and %(second)s") % words),
        data=None
        if why_not
        else scatter_figure(
            points, medians, language=c.language, titles=(titled(c.indicator), titled(second))
        ),
        sentence=""
        if why_not
        else say.scatter_sentence(
            [(pair.name, pair.x, pair.y, pair.chosen) for pair in points],
            (c.indicator.name, second.name),
            medians,
            c.group.expected - len(points),
            c.language,
        ),
        source=parts.source_line([*(p for p, _x in pairs), *(p for _x, p in pairs)], c.group, c.language),
        height="h480",
        instead=why_not,
        simulated=c.group.simulated,
        api=_api(c, [c.group, other]),
    )


def _api(c: Compared, slices: Sequence[Slice]) -> str:
    """What a chart of several slices is drawn from."""
    periods = dict.fromkeys(row.period.code for row in slices)
    others = [row.indicator for row in slices if row.indicator != c.indicator.code]
    return parts.api_address(c.question, *others, periods=list(periods))


def mix_chart(c: Compared) -> Chart:
    """What the indicator is broken down into; where it is not, itself and the counts picked beside it."""
    names, values = _categories(c) or _counted_parts(c)
    order = {place.province.slug: place for place in c.places}
    whole = [slug for slug in values if slug in order and sum(values[slug]) > 0]
    whole.sort(key=lambda slug: -values[slug][0] / sum(values[slug]))
    why_not = "" if len(names) > 1 and whole else _no_mix(c)
    rows = [_whole(c, order[slug].province.name, slug, names, values[slug]) for slug in whole]
    words = {"indicator": c.indicator.name, "period": c.in_period}
    figure = parts.Figure(
        name="mix",
        title=c.title(_("What %(indicator)s is made of, %(period)s") % words),
        data=None
        if why_not
        else mix.mix_figure(names, rows, language=c.language, axis_title=_("Share of all parts together")),
        sentence=""
        if why_not
        else say.mix_sentence(
            names, [(r.name, r.chosen, r.shares) for r in rows], c.group.expected - len(rows), c.language
        ),
        source=parts.source_line([order[slug] for slug in whole], None, c.language),
        height=parts.room(mix.height(len(rows))),
        instead=why_not,
        note=say.other_units([c.indicators[code].name for code in c.question.others], names),
        simulated=c.group.simulated,
        api=parts.api_address(c.question, *c.question.others),
    )
    table = Table(
        names,
        [
            Line(row.name, [f.number(value, c.language, 0) for value in values[slug]], slug, row.chosen)
            for slug, row in zip(whole, rows, strict=True)
        ],
    )
    return Chart(figure, None if why_not else table, uses=OTHERS)


def _no_mix(c: Compared) -> str:
    if c.indicator.measure == "percent":
        return _("No mix: shares of different wholes cannot be stacked. Choose an indicator that counts.")
    return _(
        "No mix: no province states the parts of this figure here. Pick beside it, above, counts that add "
        "up with it to one whole."
    )


def _categories(c: Compared) -> tuple[list[str], dict[str, list[float]]] | None:
    """Of the dimension that most provinces state in full; None where there is none."""
    if c.indicator.measure == "percent":
        return None
    found = comparison.breakdown(c.question.indicator, c.question.period, c.question.geography)
    best: tuple[list[str], dict[str, list[float]]] | None = None
    for dimension in dict.fromkeys(part.dimension for part in found):
        own = [part for part in found if part.dimension == dimension]
        names = {part.category: part.category_name for part in own}
        if len(names) < 2:
            continue
        values = {slug: list(row) for slug, row in _complete(own, list(names)).items()}
        if values and (best is None or len(values) > len(best[1])):
            best = list(names.values()), values
    return best


def _complete(found: Sequence[Part], categories: Sequence[str]) -> dict[str, list[float]]:
    by_province: dict[str, dict[str, float]] = {}
    for part in found:
        by_province.setdefault(part.province, {})[part.category] = part.value
    return {
        slug: [row[category] for category in categories]
        for slug, row in by_province.items()
        if all(category in row for category in categories)
    }


def _counted_parts(c: Compared) -> tuple[list[str], dict[str, list[float]]]:
    """The indicator and those picked beside it, where all count the same unit."""
    same = [row for row in beside(c, most=5) if _adds_up(c.indicator, c.indicators[row.indicator])]
    picked = [row for row in same if row.indicator in c.question.others and row.period == c.group.period]
    if not picked or c.indicator.measure != "count":
        return [], {}
    found = comparison.places_at(
        [(row.indicator, row.period) for row in picked], c.question.geography, c.group_read
    )
    columns = [{p.province.slug: p.value for p in c.places}]
    columns += [{p.province.slug: p.value for p in found[row.indicator]} for row in picked]
    slugs = [slug for slug in columns[0] if all(slug in column for column in columns)]
    names = [c.indicator.name, *(c.indicators[row.indicator].name for row in picked)]
    return names, {slug: [column[slug] for column in columns] for slug in slugs}


def _adds_up(first: IndicatorRow, second: IndicatorRow) -> bool:
    return first.measure == second.measure == "count" and first.unit == second.unit


def _whole(c: Compared, name: str, slug: str, names: Sequence[str], values: Sequence[float]) -> mix.Whole:
    total = sum(values)
    shares = tuple(100 * value / total for value in values)
    hovers = tuple(
        f"{name}, {part}: {f.number(value, c.language, 0)} ({f.quantity(share, 'percent', c.language, 1)})"
        for part, value, share in zip(names, values, shares, strict=True)
    )
    return mix.Whole(name, shares, hovers, slug in c.question.provinces)
