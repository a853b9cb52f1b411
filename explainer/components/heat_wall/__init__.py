"""The heat wall: a picture and several heat maps of it side by side, read with one pointer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from explainer.components.modules import link

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.heat_wall",
    html='<div class="heat-wall"></div>',
    css=(FOLDER / "heat_wall.css").read_text("utf-8"),
    js=link(FOLDER),
)


def heat_wall(
    frame: bytes,
    *,
    key: str,
    on_choose: Callable[[int], None] | None = None,
    on_start: Callable[[str], None] | None = None,
) -> None:
    """Show the wall.

    Args:
        frame: a packed ``explainer.render.heat.wall``.
        key: widget key; with the same key a new frame reaches the wall without a remount.
        on_choose: called with the index of the class whose bar was chosen, before the script runs again.
        on_start: called with the key of the tile that shall be computed after all.
    """

    def chosen() -> None:
        index = (st.session_state.get(key) or {}).get("choice")
        if on_choose is not None and isinstance(index, int) and not isinstance(index, bool):
            on_choose(index)

    def started() -> None:
        name = (st.session_state.get(key) or {}).get("start")
        if on_start is not None and isinstance(name, str):
            on_start(name)

    _component(data=frame, key=key, on_choice_change=chosen, on_start_change=started)
