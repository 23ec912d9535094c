"""From a line of a data file to a ``Fact``: names looked up, numbers read, slips refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.core.periods import Period as CorePeriod
from indicators.core.periods import UnknownPeriod, parse_period
from indicators.core.stated import Measure, StatedNumberError, parse_stated
from indicators.models import (
    Category,
    Confidence,
    Indicator,
    MissingReason,
    Period,
    Qualifier,
    Source,
    Status,
)
from indicators.services.publishing import Fact
from provinces.models import Province
from provinces.services.tables import DataFileError

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One fact in the words of its file, all text; "" where the file says nothing.

    ``category`` is the code of a category, with ``dimension`` where the file names it. ``in_vietnamese``: the
    text as stated follows Vietnamese usage, so that it must say the same as ``value`` and ``qualifier``.
    """

    where: str
    province: str
    indicator: str
    period: str
    category: str = ""
    dimension: str = ""
    place: str = ""
    value: str = ""
    qualifier: str = ""
    as_stated: str = ""
    in_vietnamese: bool = False
    numerator: str = ""
    numerator_as_stated: str = ""
    denominator: str = ""
    denominator_as_stated: str = ""
    status: str = ""
    missing_reason: str = ""
    rank: str = ""
    rank_of: str = ""
    confidence: str = ""
    note_vi: str = ""
    note_en: str = ""

    def error(self, sentence: str) -> DataFileError:
        return DataFileError(self.where, sentence)


@dataclass
class Names:
    """Everything that statements may name, read once."""

    provinces: dict[str, Province]
    indicators: dict[str, Indicator]
    categories: dict[tuple[str, str], Category]
    breakdowns: dict[int, list[str]]
    periods: dict[CorePeriod, Period] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Names:
        breakdowns: dict[int, list[str]] = {}
        pairs = Indicator.dimensions.through.objects.order_by("id").values_list(
            "indicator_id", "dimension__code"
        )
        for indicator, dimension in pairs:
            breakdowns.setdefault(indicator, []).append(dimension)
        return cls(
            provinces={province.slug: province for province in Province.objects.all()},
            indicators={indicator.code: indicator for indicator in Indicator.objects.all()},
            categories={(c.dimension.code, c.code): c for c in Category.objects.select_related("dimension")},
            breakdowns=breakdowns,
        )

    def ensure_periods(self, statements: Iterable[Statement]) -> None:
        """Make the rows of all readable periods at once; an unreadable one is refused with its statement."""
        wanted = set()
        for code in {statement.period for statement in statements}:
            try:
                wanted.add(parse_period(code))
            except UnknownPeriod:
                continue
        Period.objects.bulk_create(
            [
                Period(code=p.code, kind=p.kind.value, calendar=p.calendar.value, start=p.start, end=p.end)
                for p in sorted(wanted - self.periods.keys())
            ],
            ignore_conflicts=True,
        )
        self.periods = {period.core: period for period in Period.objects.all()}


def resolve(statement: Statement, source: Source, names: Names) -> Fact:
    """Raises DataFileError with what is wrong and what to write instead."""
    indicator = names.indicators.get(statement.indicator)
    if indicator is None:
        raise statement.error(
            f"The catalogue has no indicator “{statement.indicator}”; correct it or add it."
        )
    province = names.provinces.get(statement.province)
    if province is None:
        raise statement.error(f"There is no province “{statement.province}”; use a slug of provinces.csv.")
    value = _number(statement, "value")
    rank, rank_of = _rank(statement)
    fact = Fact(
        province=province,
        indicator=indicator,
        period=_period(statement, names),
        source=source,
        category=_category(statement, indicator, names),
        place=statement.place,
        value=value,
        qualifier=_one_of(statement, "qualifier", Qualifier.values, Qualifier.EXACT.value),
        as_stated=statement.as_stated,
        numerator=_number(statement, "numerator"),
        numerator_as_stated=statement.numerator_as_stated,
        denominator=_number(statement, "denominator"),
        denominator_as_stated=statement.denominator_as_stated,
        status=_one_of(statement, "status", Status.values, Status.FINAL.value),
        missing_reason=_missing_reason(statement, value, rank),
        stated_rank=rank,
        stated_rank_of=rank_of,
        confidence=_one_of(statement, "confidence", Confidence.values, Confidence.READ.value),
        note_vi=statement.note_vi,
        note_en=statement.note_en,
    )
    _check_bounds(statement, fact)
    _check_text(statement, fact)
    return fact


def _number(statement: Statement, name: str) -> Decimal | None:
    text = getattr(statement, name)
    if text and not _NUMBER.fullmatch(text):
        raise statement.error(f"“{name}” says “{text}”; write digits with a decimal point, such as 1234.50.")
    return Decimal(text) if text else None


def _one_of(statement: Statement, name: str, allowed: list[str], default: str) -> str:
    text = getattr(statement, name) or default
    if text not in allowed:
        raise statement.error(f"“{name}” says “{text}”; write one of {', '.join(allowed)}.")
    return str(text)


def _period(statement: Statement, names: Names) -> Period:
    try:
        return names.periods[parse_period(statement.period)]
    except UnknownPeriod as error:
        raise statement.error(
            f"“{statement.period}” is no period; write one like {', '.join(error.allowed)}."
        ) from None


def _category(statement: Statement, indicator: Indicator, names: Names) -> Category | None:
    if not statement.category:
        return None
    dimensions = names.breakdowns.get(indicator.pk, [])
    allowed = [statement.dimension] if statement.dimension else dimensions
    found = [
        names.categories[dimension, statement.category]
        for dimension in allowed
        if dimension in dimensions and (dimension, statement.category) in names.categories
    ]
    if len(found) != 1:
        how_many = "no" if not found else "more than one"
        raise statement.error(
            f"“{statement.category}” is {how_many} category of {indicator.code}, "
            f"which is broken down by {', '.join(dimensions) or 'nothing'}."
        )
    return found[0]


def _rank(statement: Statement) -> tuple[int | None, int | None]:
    rank, of = _number(statement, "rank"), _number(statement, "rank_of")
    if (rank is not None and (rank < 1 or (of is not None and rank > of))) or (
        of is not None and rank is None
    ):
        raise statement.error(f"Rank {statement.rank or '–'} of {statement.rank_of or '–'} cannot be.")
    return (None if rank is None else int(rank), None if of is None else int(of))


def _missing_reason(statement: Statement, value: Decimal | None, rank: int | None) -> str:
    """A published rank without its score says that the score was not reported."""
    default = MissingReason.NOT_REPORTED.value if value is None and rank is not None else ""
    reason = statement.missing_reason or default
    if value is None and reason not in MissingReason.values:
        raise statement.error(
            f"There is no value; give one, or “missing_reason”: {', '.join(MissingReason.values)}."
        )
    if value is not None and reason:
        raise statement.error("There is a value and a “missing_reason”; keep one of them.")
    return reason


def _check_bounds(statement: Statement, fact: Fact) -> None:
    if fact.value is not None and fact.indicator.measure == Measure.COUNT and fact.value % 1:
        raise statement.error(f"{fact.value} is no whole number, and {fact.indicator.code} is a count.")
    low, high = fact.indicator.lower_bound, fact.indicator.upper_bound
    if fact.value is None:
        return
    if (low is not None and fact.value < low) or (high is not None and fact.value > high):
        raise statement.error(
            f"{fact.value} lies outside {low if low is not None else ''}–{high if high is not None else ''}, "
            f"the bounds of {fact.indicator.code}; correct the number or the catalogue."
        )


def _check_text(statement: Statement, fact: Fact) -> None:
    """Where the text can be read without doubt, it must say the value and its qualifier."""
    if not statement.in_vietnamese or fact.value is None or not fact.as_stated:
        return
    try:
        read = parse_stated(fact.as_stated, Measure(fact.indicator.measure))
    except StatedNumberError:
        return
    if read.value != fact.value or read.qualifier != fact.qualifier:
        raise statement.error(
            f"“{fact.as_stated}” reads as {read.value} ({read.qualifier}), but the entry says {fact.value} "
            f"({fact.qualifier}); one of them is a slip."
        )
