"""What a page is asked, read from its address. Every state of a page is its URL.

Reading is pure: parameters and what is available in, a frozen question out, or ``BadQuestion`` with the
values that would have been allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from urllib.parse import urlencode

from dashboards.rows import Choice, Slice
from indicators.core.periods import Period, UnknownPeriod, parse_period

INDICATOR, PERIOD, GEOGRAPHY, GROUP, PROVINCES = "chi-tieu", "ky", "dia-gioi", "nhom", "tinh"
CHART, OTHERS, SINCE = "bieu-do", "cung", "ky-dau"
NATION, CHOSEN = "nation", "chosen"
RANKING = "ranking"
CHARTS = (
    *(RANKING, "trend", "distribution", "map", "heat", "scatter", "slope", "funnel", "mix", "multiples"),
)
GEOGRAPHIES = ("63", "34")
DEFAULT_INDICATOR = "dti-total"
MOST_PROVINCES = 8
MOST_OTHERS = 9

Parameters = Mapping[str, Sequence[str]]


class BadQuestion(Exception):
    """A parameter that names nothing we have; ``allowed`` says what it may be."""

    def __init__(self, parameter: str, value: str, allowed: Iterable[Choice], status: int = 404) -> None:
        super().__init__(f"{parameter}={value}")
        self.parameter, self.value, self.status = parameter, value, status
        self.allowed = tuple(allowed)


@dataclass(frozen=True)
class Availability:
    """For which indicator, geography and period something was computed over the whole country."""

    slices: tuple[Slice, ...]

    @cached_property
    def by_indicator(self) -> dict[str, list[Slice]]:
        """Newest first; of periods that end together the longest first."""
        found: dict[str, list[Slice]] = {}
        for row in sorted(self.slices, key=lambda row: (row.period.end, row.period.days), reverse=True):
            found.setdefault(row.indicator, []).append(row)
        return found

    def usual_indicator(self) -> str:
        """What is shown where nobody asks for another: simulated figures need not hold the usual one."""
        known = self.by_indicator
        return DEFAULT_INDICATOR if DEFAULT_INDICATOR in known else next(iter(known), DEFAULT_INDICATOR)

    def indicators(self) -> set[str]:
        return set(self.by_indicator)

    def of(self, indicator: str, geography: str | None = None) -> list[Slice]:
        """Newest first; of periods that end together the longest first."""
        rows = self.by_indicator.get(indicator, [])
        return [row for row in rows if geography in (None, row.geography)]

    def best(self, indicator: str, geography: str | None = None) -> Slice | None:
        """The newest slice with enough provinces, else the fullest. The geography in force goes first."""
        rows = self.of(indicator, geography)
        complete = [row for row in rows if row.complete]
        if complete:
            return max(complete, key=lambda row: (row.period.end, row.period.days, row.geography == "34"))
        return max(rows, key=lambda row: (row.reporting, row.period.end), default=None)

    def find(self, indicator: str, period: str, geography: str) -> Slice | None:
        try:
            wanted = parse_period(period)
        except UnknownPeriod:
            return None
        return self.on(indicator, wanted, geography)

    def before(self, row: Slice) -> list[Slice]:
        """Earlier slices of the same indicator and geography that compare with this one, newest first."""
        return [
            other
            for other in self.of(row.indicator, row.geography)
            if other.period.end < row.period.end and other.period.comparable_with(row.period)
        ]

    def on(self, indicator: str, period: Period, geography: str) -> Slice | None:
        return next((row for row in self.of(indicator, geography) if row.period == period), None)


@dataclass(frozen=True)
class ComparisonQuestion:
    """One indicator across provinces. ``provinces`` are those that the reader picked, in their order;
    ``others`` the indicators that are drawn beside it; ``since`` the earlier period of a slope."""

    indicator: str
    period: str
    geography: str
    group: str = NATION
    provinces: tuple[str, ...] = ()
    chart: str = RANKING
    others: tuple[str, ...] = ()
    since: str = ""

    def query(self) -> str:
        """Its canonical address: what is the default is left out."""
        pairs = [(INDICATOR, self.indicator), (PERIOD, self.period), (GEOGRAPHY, self.geography)]
        if self.group != NATION:
            pairs.append((GROUP, self.group))
        if self.provinces:
            pairs.append((PROVINCES, ",".join(self.provinces)))
        if self.chart != RANKING:
            pairs.append((CHART, self.chart))
        if self.others:
            pairs.append((OTHERS, ",".join(self.others)))
        if self.since:
            pairs.append((SINCE, self.since))
        return "?" + urlencode(pairs, safe=",:")

    def with_(self, **changes: object) -> ComparisonQuestion:
        return replace(self, **changes)  # type: ignore[arg-type]

    def toggled(self, slug: str) -> ComparisonQuestion:
        """With the province picked if it was not, and the other way round."""
        kept = tuple(other for other in self.provinces if other != slug)
        return self.with_(provinces=kept if slug in self.provinces else (*kept, slug)[-MOST_PROVINCES:])


def one(parameters: Parameters, name: str) -> str:
    """The last value of a parameter, as browsers and links mean it; empty where it is not there."""
    values = parameters.get(name) or [""]
    return values[-1].strip()


def many(parameters: Parameters, name: str) -> tuple[str, ...]:
    """Values that are repeated (a form's boxes) or joined by commas (a link), each once."""
    parts = (part.strip() for value in parameters.get(name) or [] for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def read_comparison(
    parameters: Parameters,
    availability: Availability,
    names: Mapping[str, str],
    language: str,
) -> ComparisonQuestion:
    """``names``: indicator code → name. Provinces and group are checked by the page against its geography."""
    indicator = one(parameters, INDICATOR) or availability.usual_indicator()
    if indicator not in availability.indicators():
        allowed = (Choice(code, names[code]) for code in names if code in availability.indicators())
        raise BadQuestion(INDICATOR, indicator, allowed)
    geography = _geography(parameters, availability, indicator)
    period = _period(parameters, availability, indicator, geography, language)
    provinces = many(parameters, PROVINCES)
    group = one(parameters, GROUP) or NATION
    if group == CHOSEN and not provinces:
        group = NATION
    return ComparisonQuestion(
        *(indicator, period, geography, group, provinces[:MOST_PROVINCES]),
        chart=_chart(parameters),
        others=_others(parameters, availability, indicator, names),
        since=_since(parameters, availability, (indicator, period, geography), language),
    )


def _chart(parameters: Parameters) -> str:
    asked = one(parameters, CHART) or RANKING
    if asked not in CHARTS:
        raise BadQuestion(CHART, asked, (Choice(chart, chart) for chart in CHARTS), status=400)
    return asked


def _others(
    parameters: Parameters, availability: Availability, indicator: str, names: Mapping[str, str]
) -> tuple[str, ...]:
    having = availability.indicators()
    asked = [code for code in many(parameters, OTHERS) if code != indicator]
    for code in asked:
        if code not in having:
            raise BadQuestion(
                OTHERS, code, (Choice(known, names[known]) for known in names if known in having)
            )
    return tuple(asked[:MOST_OTHERS])


def _since(
    parameters: Parameters, availability: Availability, of: tuple[str, str, str], language: str
) -> str:
    """An earlier period of the same indicator (code, period, geography), comparable with the later one."""
    asked = one(parameters, SINCE)
    indicator, period, geography = of
    later = availability.find(indicator, period, geography)
    if not asked or later is None:
        return ""
    earlier = availability.before(later)
    if asked not in {row.period.code for row in earlier}:
        allowed = (Choice(row.period.code, period_name(row.period, language)) for row in earlier)
        raise BadQuestion(SINCE, asked, allowed)
    return asked


def _geography(parameters: Parameters, availability: Availability, indicator: str) -> str:
    asked, period = one(parameters, GEOGRAPHY), one(parameters, PERIOD)
    with_figures = {row.geography for row in availability.of(indicator)}
    if asked:
        if asked not in GEOGRAPHIES:
            raise BadQuestion(GEOGRAPHY, asked, (Choice(code, code) for code in GEOGRAPHIES), status=400)
        if asked not in with_figures:
            raise BadQuestion(GEOGRAPHY, asked, (Choice(code, code) for code in sorted(with_figures)))
        return asked
    having = [row for row in availability.of(indicator) if row.period.code == period]
    if having:
        return max(having, key=lambda row: (row.coverage, row.geography == "34")).geography
    best = availability.best(indicator)
    return best.geography if best else GEOGRAPHIES[-1]


def _period(
    parameters: Parameters, availability: Availability, indicator: str, geography: str, language: str
) -> str:
    asked = one(parameters, PERIOD)
    rows = availability.of(indicator, geography)
    if not asked:
        best = availability.best(indicator, geography)
        return best.period.code if best else rows[0].period.code
    if not any(row.period.code == asked for row in rows):
        allowed = (Choice(row.period.code, period_name(row.period, language)) for row in rows)
        raise BadQuestion(PERIOD, asked, allowed)
    return asked


def check_choice(parameter: str, value: str, allowed: Sequence[Choice]) -> None:
    if value not in {choice.value for choice in allowed}:
        raise BadQuestion(parameter, value, allowed)


@lru_cache(maxsize=2048)
def period_name(period: Period, language: str) -> str:
    return period.label("en" if language == "en" else "vi")


def in_period(period: Period, language: str) -> str:
    """The same within a sentence: Vietnamese writes "năm 2024" there, and "Năm 2024" where one begins."""
    return within(period_name(period, language), language)


def within(name: str, language: str) -> str:
    """A period's name as ``in_period`` has it."""
    return name if language == "en" else name[:1].lower() + name[1:]
