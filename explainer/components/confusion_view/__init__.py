"""What a network mixes up: its confusion matrix, and the validation images it was furthest from right in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.confusion_view",
    html='<div class="confusion-root plain"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def confusion_view(frame: bytes, *, key: str) -> None:
    """Show the matrix beside the mistakes; a cell of it chooses among them.

    What it asks for (``asking.asked``) holds ``image``: the mistake that the reader wants explained.

    Args:
        frame: a packed ``explainer.render.run_frame.confusion_frame``, with ``mistakes`` (each with
            ``image``, ``truth``, ``said``, ``sure``, and ``pixels``, uint8 RGB), their ``side``, ``chosen``
            (an image or ``None``), ``label`` and ``texts``.
        key: widget key.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
