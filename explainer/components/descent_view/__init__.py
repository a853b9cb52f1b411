"""Gradient descent: a surface from above, paths of several optimisers, every step written out."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.descent_view",
    html='<div class="descent-view plain"></div>',
    css=styles(FOLDER, "player"),
    js=link(FOLDER),
)


def descent_view(frame: bytes, *, key: str) -> None:
    """Show a walk.

    Args:
        frame: what ``explainer.render.descent.descent_frame`` returned, with the texts, packed.
        key: widget key; its state ``ask`` holds what the reader wants: ``serial`` and ``link``, the new
            parameters of the page's link.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
