"""The view of a two-stage detector: eight linked steps on one photo, from its pixels to the boxes on it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel, styles

FOLDER = Path(__file__).parent

_HTML = '<div class="two-root"></div>'
_CARRIER, _RUNNER = parcel(FOLDER)

_carrier = st.components.v2.component("convscope.two_stage_view_code", html="<span></span>", js=_CARRIER)
_component = st.components.v2.component(
    "convscope.two_stage_view", html=_HTML, css=styles(FOLDER), js=_RUNNER
)


def two_stage_view(frame: bytes, *, key: str) -> None:
    """Show the view.

    What it asks for (``asked``) holds ``identity`` of the frame it shows, ``serial``, and ``state``: what the
    reader looks at, as the texts that stand in the link.

    Args:
        frame: a packed frame of ``explainer.render.two_stage``, with ``texts``, ``state`` and ``serial``.
        key: widget key; with the same key new frames reach the view without a remount.
    """
    _carrier(key=f"{key}_code")
    _component(data=frame, key=key, on_ask_change=lambda: None)
