"""The view of pooling: a map and what is pooled of it, before and after it is moved by some pixels."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.pool_view",
    html='<div class="pool-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def pool_view(frame: bytes, *, key: str) -> None:
    """Show the view.

    What it asks for (``asked``) holds ``identity`` of the frame it shows, ``serial``, and what the reader has
    changed: ``shift`` (pixels down and right) or ``cells`` (all values, row by row).

    Args:
        frame: a packed frame of ``explainer.render.pooling``, with ``texts``.
        key: widget key; with the same key new frames reach the view without a remount.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
