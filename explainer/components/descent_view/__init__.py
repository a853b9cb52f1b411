"""Gradient descent: a surface from above, paths of several optimisers, every step written out."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel, styles

FOLDER = Path(__file__).parent

_code, _runner = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.descent_view_code", html="<span></span>", js=_code)
_component = st.components.v2.component(
    "convscope.descent_view",
    html='<div class="descent-view plain"></div>',
    css=styles(FOLDER, "player"),
    js=_runner,
)


def descent_view(frame: bytes, *, key: str) -> None:
    """Show a walk.

    Args:
        frame: what ``explainer.render.descent.descent_frame`` returned, with the texts, packed.
        key: widget key; its state ``ask`` holds what the reader wants: ``serial`` and ``link``, the new
            parameters of the page's link.
    """
    _carrier(key=f"{key}_view_code")
    _component(data=frame, key=key, on_ask_change=lambda: None)
