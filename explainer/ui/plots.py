"""Plots on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go


def plot(figure: go.Figure, *, key: str) -> None:
    """Draw a figure of ``explainer.render.figures`` over the width there is, in the page's theme."""
    from explainer.render.figures import CONFIG

    st.plotly_chart(figure, key=key, width="stretch", theme="streamlit", config=CONFIG)
