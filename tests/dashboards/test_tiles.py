"""The tile grids: every province once, no two on one tile, neighbours together, north above south."""

import json
from itertools import combinations

import pytest
from django.conf import settings

from dashboards.pages.maps import outlines, tiles


def centres(geography: str) -> dict[str, tuple[float, float]]:
    found = {}
    for code, rings in outlines(geography).items():
        ring = max(rings, key=len)
        found[code] = (sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring))
    return found


def borders(geography: str) -> list[tuple[str, str]]:
    """Pairs of provinces whose outlines share two points."""
    points = {
        code: {point for ring in rings for point in ring} for code, rings in outlines(geography).items()
    }
    return [(a, b) for a, b in combinations(points, 2) if len(points[a] & points[b]) > 1]


@pytest.mark.parametrize("geography", ["63", "34"])
def test_every_province_has_a_tile_of_its_own(geography: str) -> None:
    laid = tiles(geography)
    path = settings.BASE_DIR / "provinces" / "data" / "geo" / f"vn{geography}.geojson"
    codes = {feature["properties"]["code"] for feature in json.loads(path.read_text())["features"]}
    assert set(laid) == codes and len(laid) == int(geography)
    assert len({place[1:] for place in laid.values()}) == len(laid), "two provinces on one tile"
    assert len({label for label, *_ in laid.values()}) == len(laid), "two provinces with the same letters"
    assert min(column for _, column, _ in laid.values()) == min(row for *_, row in laid.values()) == 0


@pytest.mark.parametrize(("geography", "touching"), [("63", 0.9), ("34", 1.0)])
def test_neighbours_lie_together(geography: str, touching: float) -> None:
    laid, pairs = tiles(geography), borders(geography)
    steps = [max(abs(laid[a][1] - laid[b][1]), abs(laid[a][2] - laid[b][2])) for a, b in pairs]
    assert sum(step == 1 for step in steps) / len(steps) >= touching and max(steps) <= 3


@pytest.mark.parametrize("geography", ["63", "34"])
def test_north_is_above_south(geography: str) -> None:
    laid, at = tiles(geography), centres(geography)
    pairs = [(a, b) for a, b in combinations(laid, 2) if at[a][1] - at[b][1] > 1.0]  # a degree of latitude
    wrong = [(a, b) for a, b in pairs if laid[a][2] > laid[b][2]]
    assert not wrong
