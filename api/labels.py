"""What codes are called, in both languages and in order: for formats that carry dictionaries of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import translation

from indicators.models import Category, Indicator, Period, Source
from provinces.models import Geography, Province, Region

TOTAL = "_T"  # the whole province, in the words of SDMX


@dataclass(frozen=True)
class Label:
    """``unit`` (Vietnamese, English) and ``decimals`` where the code names something that is measured."""

    vi: str
    en: str
    unit: tuple[str, str] | None = None
    decimals: int | None = None


Labels = dict[str, Label]


def provinces() -> Labels:
    """Where a later province took the name, the earlier one carries the year of its end, as in its slug."""
    rows = Province.objects.order_by("sort_key", "valid_from").values_list("slug", "name_vi", "name_en")
    found = {}
    for slug, vi, en in rows:
        year = re.search(r"-([0-9]{4})$", slug)
        found[slug] = Label(f"{vi} (đến {year[1]})", f"{en} (to {year[1]})") if year else Label(vi, en)
    return found


def indicators() -> Labels:
    rows = Indicator.objects.values_list("code", "name_vi", "name_en", "unit_vi", "unit_en", "decimals")
    return {code: Label(vi, en, (unit_vi, unit_en), n) for code, vi, en, unit_vi, unit_en, n in rows}


def categories() -> Labels:
    rows = Category.objects.values_list("code", "dimension__code", "name_vi", "name_en")
    named = {category_id(code, dimension): Label(vi, en) for code, dimension, vi, en in rows}
    return {TOTAL: Label("Toàn tỉnh", "Whole province")} | named


def category_id(code: str | None, dimension: str | None) -> str:
    """Two breakdowns may have a part of the same code."""
    return f"{code}@{dimension}" if code else TOTAL


def periods() -> Labels:
    rows = Period.objects.order_by("start", "end")
    return {row.code: Label(row.core.label("vi"), row.core.label("en")) for row in rows}


def sources() -> Labels:
    return {
        code: Label(title, title)
        for code, title in Source.objects.order_by("code").values_list("code", "title")
    }


def geographies() -> Labels:
    return _named(Geography)


def groups() -> Labels:
    regions = Region.objects.values_list("code", "name_vi", "name_en")
    return {"nation": Label("Cả nước", "Nation")} | {
        f"region:{code}": Label(vi, en) for code, vi, en in regions
    }


def words(choices: Any) -> Callable[[], Labels]:
    """The words of a TextChoices, which gettext names."""

    def named() -> Labels:
        found = []
        for language in ("vi", "en"):
            with translation.override(language):
                found.append([str(label) for label in choices.labels])
        return {word: Label(vi, en) for word, vi, en in zip(choices.values, *found, strict=True)}

    return named


def _named(model: type[Model]) -> Labels:
    rows = model._default_manager.values_list("code", "name_vi", "name_en")
    return {code: Label(vi, en) for code, vi, en in rows}
