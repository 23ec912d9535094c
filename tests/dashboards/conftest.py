"""Every figure that a test of these pages makes is checked property by property, as Plotly defines them."""

from typing import Any

import plotly.graph_objects as go
import pytest

from dashboards.figures import house

DRAWN_BY_THE_SMALLEST_BUNDLE = {"scatter", "bar"}


@pytest.fixture(autouse=True)
def checked_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt property or an impossible value raises ValueError where the figure is made."""
    made = house.as_data

    def checked(traces: list[dict[str, Any]], layout: dict[str, Any]) -> dict[str, Any]:
        go.Figure(data=traces, layout=layout)
        assert {trace["type"] for trace in traces} <= DRAWN_BY_THE_SMALLEST_BUNDLE
        return made(traces, layout)

    monkeypatch.setattr(house, "as_data", checked)
