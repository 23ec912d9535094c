"""Words of a table to what they name: each different word is looked up once.

Every function returns either what was found or a ``Problem``; none guesses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import date
from functools import cached_property

from indicators.core.periods import Period as CorePeriod
from indicators.core.periods import parse_period
from indicators.models import Category, Indicator, MissingReason, Period, Qualifier, Source, Status
from provinces.models import Province
from provinces.vietnamese import search_key


@dataclass(frozen=True)
class Problem:
    """Why a cell is refused: the field it belongs to, a code and what a sentence needs."""

    field: str
    code: str
    params: dict[str, str] = made_by(default_factory=dict)


class Names:
    """What names mean, read from the database once."""

    @cached_property
    def _provinces(self) -> tuple[dict[str, Province], dict[str, set[Province]]]:
        named: dict[str, set[Province]] = defaultdict(set)
        by_slug = {}
        for province in Province.objects.prefetch_related("designations"):
            by_slug[province.slug] = province
            for thing in (province, *province.designations.all()):
                for name in (thing.name_vi, thing.name_en):
                    named[_bare(name)].add(province)
        return by_slug, named

    def province(self, text: str, period: CorePeriod | None) -> Province | Problem:
        """By slug, or by a name (accents optional) of a province that exists in ``period``."""
        by_slug, named = self._provinces
        found = {by_slug[text]} if text in by_slug else named.get(_bare(text), set())
        if not found:
            return Problem("province", "unknown_province", {"text": text})
        if period is None:
            return next(iter(found))  # the period's own problem refuses the row
        existing = [p for p in found if _exists_in(p, period)]
        if len(existing) == 1:
            return existing[0]
        listed = ", ".join(sorted(f"{p.name} ({p.slug})" for p in existing or found))
        code = "several_provinces" if existing else "province_not_in_period"
        return Problem("province", code, {"text": text, "candidates": listed, "period": period.code})

    @cached_property
    def _indicators(self) -> dict[str, set[Indicator]]:
        named: dict[str, set[Indicator]] = defaultdict(set)
        for indicator in Indicator.objects.all():
            for name in (indicator.code, indicator.name_vi, indicator.name_en):
                named[search_key(name)].add(indicator)
        return named

    def indicator(self, text: str) -> Indicator | Problem:
        """By code or name."""
        found = self._indicators.get(search_key(text), set())
        if len(found) == 1:
            return next(iter(found))
        exact = [i for i in found if i.code == text]
        if exact:
            return exact[0]
        listed = ", ".join(sorted(i.code for i in found))
        code = "several_indicators" if found else "unknown_indicator"
        return Problem("indicator", code, {"text": text, "candidates": listed})

    @cached_property
    def _categories(self) -> dict[int, dict[str, set[Category]]]:
        """Indicator → name → categories of its dimensions."""
        of_dimension: dict[int, list[Category]] = defaultdict(list)
        for category in Category.objects.select_related("dimension"):
            of_dimension[category.dimension_id].append(category)
        result: dict[int, dict[str, set[Category]]] = defaultdict(lambda: defaultdict(set))
        through = Indicator.dimensions.through.objects.values_list("indicator_id", "dimension_id")
        for indicator, dimension in through:
            for category in of_dimension[dimension]:
                code = f"{category.dimension.code}/{category.code}"
                for name in (category.code, code, category.name_vi, category.name_en):
                    result[indicator][search_key(name)].add(category)
        return result

    def category(self, text: str, indicator: Indicator) -> Category | Problem:
        """By code, dimension/code or name among the breakdowns of ``indicator``."""
        known = self._categories.get(indicator.pk, {})
        found = known.get(search_key(text), set())
        if len(found) == 1:
            return next(iter(found))
        listed = ", ".join(sorted({c.code for names in known.values() for c in names}))
        code = "several_categories" if found else "unknown_category"
        return Problem("category", code, {"text": text, "indicator": indicator.code, "candidates": listed})

    @cached_property
    def _sources(self) -> dict[str, Source]:
        return {source.code: source for source in Source.objects.all()}

    def source(self, text: str) -> Source | Problem:
        """By code."""
        found = self._sources.get(text)
        return found or Problem("source", "unknown_source", {"text": text})

    @cached_property
    def periods(self) -> dict[tuple[date, date], int]:
        """The periods that have a row: their dates → its key."""
        return {(start, end): pk for pk, start, end in Period.objects.values_list("pk", "start", "end")}


def period(text: str, today: date) -> CorePeriod | Problem:
    """By code, or as Vietnamese reports name it: "Quý I/2022", "6 tháng đầu năm 2021", "Năm 2019"."""
    try:
        found = parse_period(_period_code(text))
    except ValueError:
        return Problem("period", "unknown_period", {"text": text})
    if found.start > today:
        return Problem("period", "future_period", {"text": text})
    return found


_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_LABELS = (
    (re.compile(r"(?:quy|q) ?(iv|i{1,3}|[1-4])(?: nam|/|-| )? ?([0-9]{4})"), "Q"),
    (re.compile(r"(?:thang|t) ?(1[0-2]|0?[1-9])(?: nam|/|-| )? ?([0-9]{4})"), "M"),
    (re.compile(r"(3|6|9) thang(?: dau)?(?: nam|/| )? ?([0-9]{4})"), "YTD"),
    (re.compile(r"(?:ca )?nam ?()([0-9]{4})"), "Y"),
)


def _period_code(text: str) -> str:
    plain = search_key(text)
    for pattern, kind in _LABELS:
        if found := pattern.fullmatch(plain):
            part, year = found[1], found[2]
            match kind:
                case "Q":
                    return f"{year}-Q{_QUARTERS[part]}"
                case "M":
                    return f"{year}-{int(part):02}"
                case "YTD":
                    return {"3": f"{year}-Q1", "6": f"{year}-H1"}.get(part, f"{year}-YTD-09")
                case _:
                    return year
    return text


def _exists_in(province: Province, period: CorePeriod) -> bool:
    begun = province.valid_from is None or province.valid_from <= period.end
    return begun and (province.valid_to is None or period.start <= province.valid_to)


def _bare(name: str) -> str:
    """The key of a name without what kind of place it is: "TP. Hồ Chí Minh" and "Hồ Chí Minh" are one."""
    key = " ".join(re.sub(r"[.\-–]", " ", search_key(name)).split())
    key = re.sub(r"^(?:tinh|thanh pho|tp) (?=\S)", "", key)
    return re.sub(r" (?:province|city)$", "", key)


def _words(choices: Iterable[tuple[str, object]], *, also: dict[str, str]) -> dict[str, str]:
    return {search_key(code): code for code, _ in choices} | {search_key(w): c for w, c in also.items()}


#: What a column of words may say, beside the codes themselves: in Vietnamese and in English.
QUALIFIERS = _words(
    Qualifier.choices,
    also={
        **{"bằng": "exact", "chính xác": "exact", "đúng": "exact"},
        **{"trên": "more_than", "hơn": "more_than", "more than": "more_than", ">": "more_than"},
        **{"ít nhất": "at_least", "từ": "at_least", "trở lên": "at_least", "at least": "at_least"},
        **{"dưới": "less_than", "less than": "less_than", "<": "less_than"},
        **{"không quá": "at_most", "tối đa": "at_most", "at most": "at_most"},
        **{"gần": "nearly", "khoảng": "about", "xấp xỉ": "about"},
    },
)
STATUSES = {
    word: code
    for word, code in _words(
        Status.choices,
        also={
            **{
                "sơ bộ": "provisional",
                "tạm tính": "provisional",
                "ước tính": "estimated",
                "ước": "estimated",
            },
            **{"chính thức": "final", "đã điều chỉnh": "revised", "điều chỉnh": "revised"},
        },
    ).items()
    if code != Status.WITHDRAWN  # an import states figures; withdrawing is an act of its own
}
MISSING_REASONS = _words(
    MissingReason.choices,
    also={
        **{"chưa báo cáo": "not_reported", "không báo cáo": "not_reported", "not reported": "not_reported"},
        **{"không phát sinh": "not_applicable", "không áp dụng": "not_applicable"},
        **{"not applicable": "not_applicable", "chưa đến kỳ": "not_yet_due", "not yet due": "not_yet_due"},
        **{"không công bố": "withheld", "bảo mật": "withheld"},
    },
)
