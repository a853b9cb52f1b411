"""What a recipe plans: the learning rate over the epochs, and which stages learn when, and how fast."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.plan_view", html='<div class="plan-root plain"></div>', css=styles(FOLDER), js=link(FOLDER)
)


def plan_view(frame: bytes, *, key: str) -> None:
    """Show the plan.

    Args:
        frame: a packed ``explainer.render.plan_frame.plan_frame``, with ``label`` and ``texts``.
        key: widget key.
    """
    _component(data=frame, key=key)
