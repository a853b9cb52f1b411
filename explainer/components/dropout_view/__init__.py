"""Dropout as a mask: maps, the mask of a draw, what is left and scaled, the mean of all draws so far."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.dropout_view",
    html='<div class="dropout-view"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def dropout_view(frame: bytes, *, key: str) -> None:
    """Show the draws.

    Args:
        frame: what ``explainer.render.flow.draws`` returned, packed.
        key: widget key; with the same key new frames reach the view without a remount.
    """
    _component(data=frame, key=key)
