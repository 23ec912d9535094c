"""The same ranking and trend in Streamlit: `streamlit run page_peer_streamlit.py -- DATA`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

data = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
names = [name for _, name, _ in data["ranking"]]
st.title(data["title"])
province = st.selectbox("Province", names)
ranking = go.Figure(
    go.Bar(
        x=names,
        y=[value for *_, value in data["ranking"]],
        marker_color=["#b4480d" if name == province else "#5e84a8" for name in names],
    )
)
ranking.add_hline(data["median"], line_dash="dash")
st.plotly_chart(ranking)
st.plotly_chart(
    go.Figure([go.Scatter(x=line["x"], y=line["y"], name=line["name"]) for line in data["trend"]])
)
st.table(pd.DataFrame(data["ranking"], columns=["rank", "province", "value"]))
