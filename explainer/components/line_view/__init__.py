"""One-dimensional convolution to touch: cells to type in, a window that slides, products and sum."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel, styles

FOLDER = Path(__file__).parent

_code, _runner = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.line_view_code", html="<span></span>", js=_code)
_component = st.components.v2.component(
    "convscope.line_view",
    html='<div class="line-view plain" role="group"></div>',
    css=styles(FOLDER),
    js=_runner,
)


def line_view(frame: bytes, *, key: str) -> None:
    """Show the line.

    Args:
        frame: what ``explainer.render.line.sent`` returned, packed.
        key: widget key. What the reader has set stands in the component's state as ``ask``: the parameters of
            the link, and ``serial``, which grows.
    """
    _carrier(key=f"{key}_code")
    _component(data=frame, key=key, on_ask_change=lambda: None)
