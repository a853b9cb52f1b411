"""The board of landmarks: years, accuracy against cost, a table whose rows open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "convscope.architecture_board",
    html='<div class="architecture-board plain"></div>',
    css=styles(FOLDER, "blocks"),
    js=link(FOLDER),
)


def architecture_board(
    frame: bytes,
    *,
    key: str,
    on_view: Callable[[dict[str, Any]], None],
    on_leave: Callable[[str], None],
    on_shapes: Callable[[str], None],
) -> None:
    """Show the board.

    Args:
        frame: what ``explainer.render.architecture_board.board`` returned, packed.
        key: widget key; with the same key new timings appear in place.
        on_view: called with how the board is sorted and plotted, and which row is open, after each change.
        on_leave: called with the key of the network that is to be opened on the Network page.
        on_shapes: called with the key of the network whose table of shapes is wanted.
    """

    def viewed() -> None:
        view = (st.session_state.get(key) or {}).get("view")
        if isinstance(view, dict):
            on_view(view)

    def told(name: str, then: Callable[[str], None]) -> Callable[[], None]:
        def tell() -> None:
            wanted = (st.session_state.get(key) or {}).get(name)
            if isinstance(wanted, str):
                then(wanted)

        return tell

    _component(
        data=frame,
        key=key,
        on_view_change=viewed,
        on_leave_change=told("leave", on_leave),
        on_shapes_change=told("shapes", on_shapes),
    )
