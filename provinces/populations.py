"""Classes of provinces by population: peers of a similar size."""

from __future__ import annotations

# Upper limits in persons (exclusive) by the census of 2019-04-01. Our own classes, round and the same for
# both geographies: 21, 35 and 7 of the 63 provinces fall in them; 4, 10 and 20 of the 34.
POPULATION_CLASSES: tuple[tuple[str, int | None], ...] = (
    ("under-1m", 1_000_000),
    ("1m-2m", 2_000_000),
    ("over-2m", None),
)


def population_class(persons: int) -> str:
    """The code of the class that ``persons`` falls in."""
    return next(code for code, limit in POPULATION_CLASSES if limit is None or persons < limit)
