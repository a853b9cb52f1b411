"""Gradient norms by layer, step after step, and the losses beside them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.flow_view",
    html='<div class="flow-view"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def flow_view(frame: bytes, *, key: str) -> None:
    """Show the runs.

    Args:
        frame: what ``explainer.render.flow.runs`` returned, packed.
        key: widget key; with the same key new frames reach the view without a remount. The step that the
            reader stays at is in its state as ``ask``, with the address.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
