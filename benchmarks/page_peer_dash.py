"""The same ranking and trend in Plotly Dash, as its documentation builds them: a callback fills two graphs.

python page_peer_dash.py DATA PORT      DATA: what bench_pages wrote as JSON
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html


def read() -> dict:
    return json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def layout() -> html.Div:
    data = read()
    rows = [html.Tr([html.Td(rank), html.Th(name), html.Td(value)]) for rank, name, value in data["ranking"]]
    choices = [name for _, name, _ in data["ranking"]]
    return html.Div(
        [
            html.H1(data["title"]),
            dcc.Dropdown(choices, choices[0], id="province"),
            dcc.Graph(id="ranking"),
            dcc.Graph(id="trend"),
            html.Table(html.Tbody(rows), id="table"),
        ]
    )


app = Dash(__name__, compress=False)
app.layout = layout


@app.callback(Output("ranking", "figure"), Output("trend", "figure"), Input("province", "value"))
def figures(province: str) -> tuple[go.Figure, go.Figure]:
    data = read()
    names = [name for _, name, _ in data["ranking"]]
    colours = ["#b4480d" if name == province else "#5e84a8" for name in names]
    ranking = go.Figure(go.Bar(x=names, y=[value for *_, value in data["ranking"]], marker_color=colours))
    ranking.add_hline(data["median"], line_dash="dash")
    trend = go.Figure([go.Scatter(x=line["x"], y=line["y"], name=line["name"]) for line in data["trend"]])
    return ranking, trend


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[2]), debug=False)
