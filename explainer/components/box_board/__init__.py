"""The board of boxes: draw, drag and resize them, measure how two overlap, suppress them round by round."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.box_board_view",
    html='<div class="bb-root"></div>',
    css=styles(FOLDER, "player"),
    js=link(FOLDER),
)


def box_board_view(frame: bytes, *, key: str) -> None:
    """Show the board.

    What it asks for (``asked``) holds ``serial`` and what the reader has set, as it stands in the link:
    ``boxes`` (a situation's key or all boxes as text), ``pair``, ``look``, ``metric``, ``method``, ``iou``,
    ``sigma``, ``least``, ``aware``, ``step``.

    Args:
        frame: a packed frame of ``explainer.render.box_board``, with ``texts``.
        key: widget key; with the same key new frames reach the board without a remount.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
