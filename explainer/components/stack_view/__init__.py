"""The view of a chain of layers: its maps as planes, and the cone through which one unit sees the input."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.stack_view",
    html='<div class="stack-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def stack_view(frame: bytes, *, key: str) -> None:
    """Show the view.

    What it asks for (``asked``) holds ``serial`` and ``act``: ``select``, ``remove``, ``up`` or ``down``, of
    the layer number ``at``.

    Args:
        frame: a packed frame of ``explainer.render.stacking`` with ``texts``, ``identity``, ``label``,
            ``editable`` and ``selected`` (a number of a layer, or -1).
        key: widget key; with the same key new frames reach the view without a remount.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
