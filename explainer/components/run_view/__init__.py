"""Training runs while they learn: loss, accuracy, rate and speed over one axis, gradients by stage."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel, styles

FOLDER = Path(__file__).parent

_code, _runner = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.run_view_code", html="<span></span>", js=_code)
_component = st.components.v2.component(
    "convscope.run_view", html='<div class="run-root plain"></div>', css=styles(FOLDER), js=_runner
)


def run_view(frame: bytes, *, key: str) -> None:
    """Show the curves of runs; a newer frame goes on with them.

    Args:
        frame: a packed ``explainer.render.run_frame.course_frame``, with ``label`` and ``texts``.
        key: widget key.
    """
    _carrier(key=f"{key}_view_code")
    _component(data=frame, key=key)
