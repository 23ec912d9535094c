"""Figures: one pure function each, from rows of numbers to a Plotly figure as a plain dict.

No Django, no database, no translation: every word comes in. Colours are custom properties of the style sheet
(``var(--…)``), resolved by the script that draws, so that one figure serves light, dark and high contrast.
"""
