"""A network's table of shapes under the picture of its blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "convscope.shape_table",
    html='<div class="shape-table plain"></div>',
    css=styles(FOLDER, "blocks"),
    js=link(FOLDER),
)


def shape_table(frame: bytes, *, key: str, on_leave: Callable[[str], None]) -> None:
    """Show the table.

    Args:
        frame: ``explainer.render.shape_rows.shape_table`` with what the page adds, packed.
        key: widget key; with the same key another network appears in place.
        on_leave: called with the name of the layer that is to be opened on the Network page.
    """

    def left() -> None:
        wanted = (st.session_state.get(key) or {}).get("leave")
        if isinstance(wanted, str):
            on_leave(wanted)

    _component(data=frame, key=key, on_leave_change=left)
