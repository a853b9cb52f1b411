"""Two or three passes beside each other, linked through one pixel of the photograph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import parcel

FOLDER = Path(__file__).parent

_CODE, _RUNNER = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.twin_view_code", html="<span></span>", js=_CODE)
_component = st.components.v2.component(
    "convscope.twin_view",
    html='<div class="convscope-twins"></div>',
    css=(FOLDER / "view.css").read_text("utf-8"),
    js=_RUNNER,
)


def twin_view(frame: bytes, *, key: str, on_choose: Callable[[int], None] = lambda _: None) -> None:
    """Show the sides.

    Args:
        frame: a packed frame (``explainer.render.twins``).
        key: widget key; with the same key a new frame reaches the view without a remount.
        on_choose: called with the number of the class that was clicked, before the script runs again.
    """

    def chosen() -> None:
        state: Any = st.session_state.get(key)
        choice = state.get("choice") if state else None
        if isinstance(choice, int) and not isinstance(choice, bool):
            on_choose(choice)

    _carrier(key=f"{key}_code")
    _component(data=frame, key=key, on_choice_change=chosen)
