"""Addresses of the cards that say where a figure comes from."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlencode

from django.urls import reverse

from dashboards.questions import GEOGRAPHY, GROUP, INDICATOR, NATION, PERIOD, PROVINCES
from dashboards.rows import Place, Slice


def observation_card(key: int) -> str:
    return f"{_cards()}{key}/"


@cache
def _cards() -> str:
    """Reversing an address for every row of a table would cost more than the rest of it."""
    return reverse("dashboards:card", args=[0]).removesuffix("0/")


@cache
def _computed() -> str:
    return reverse("dashboards:computed-card")


def place_card(place: Place, group: str = NATION) -> str:
    """Of the published figure behind it; of the computation where there is none."""
    if place.observation:
        return observation_card(place.observation)
    return computed_card(place.indicator, place.period.code, place.geography, group, place.province.slug)


def slice_card(row: Slice) -> str:
    return computed_card(row.indicator, row.period.code, row.geography, row.group)


def computed_card(
    indicator: str, period: str, geography: str, group: str = NATION, province: str = ""
) -> str:
    pairs = [(INDICATOR, indicator), (PERIOD, period), (GEOGRAPHY, geography)]
    if group != NATION:
        pairs.append((GROUP, group))
    if province:
        pairs.append((PROVINCES, province))
    return f"{_computed()}?{urlencode(pairs, safe=':')}"
