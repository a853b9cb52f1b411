"""The view of YOLO step by step: from the letterbox over cells and rounds to boxes and their origin."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.yolo_view",
    html='<div class="yolo-root"></div>',
    css=styles(FOLDER, "player"),
    js=link(FOLDER),
)


def yolo_view(frame: bytes, *, key: str) -> None:
    """Show the view.

    What it asks for (``asked``) holds ``identity`` of the frame it shows, ``serial``, the reader's place by
    parameter of the link (``step``, ``cell``, ``show``, ``round``, ``target``, ``layer``, ``cam``), and what
    it lacks: ``row`` (a cell whose classes it wants), ``plane`` (a class whose scores it wants), ``origin``
    (a cell whose origin it wants), ``score`` (another threshold).

    Args:
        frame: a packed frame of ``explainer.render.yolo_steps``, with ``texts``.
        key: widget key; with the same key new frames reach the view without a remount.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
