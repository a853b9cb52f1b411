"""A computational graph: values forwards and gradients backwards, step by step, each in numbers."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel, styles

FOLDER = Path(__file__).parent
_code, _runner = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.graph_view_code", html="<span></span>", js=_code)
_component = st.components.v2.component(
    "convscope.graph_view",
    html='<div class="graph-view plain"></div>',
    css=styles(FOLDER, "player"),
    js=_runner,
)


def graph_view(frame: bytes, *, key: str) -> None:
    """Show a graph.

    Args:
        frame: what ``explainer.render.backprop.backprop_frame`` returned, with the texts, packed.
        key: widget key; its state ``ask`` holds what the reader wants: ``serial`` and ``link``, the new
            parameters of the page's link.
    """
    _carrier(key=f"{key}_view_code")
    _component(data=frame, key=key, on_ask_change=lambda: None)
