"""Two building blocks compared: figures, a map of each that leads down to the arithmetic, and their joins."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components import network_map
from explainer.components.modules import parcel

FOLDER = Path(__file__).parent
MAP_FOLDER = network_map.FOLDER
"""Whose texts the maps need, too."""

_CODE, _RUNNER = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.block_pair_code", html="<span></span>", js=_CODE)
_component = st.components.v2.component(
    "convscope.block_pair",
    html='<div class="block-pair"></div>',
    css="\n".join(
        path.read_text("utf-8")
        for path in (
            *sorted(MAP_FOLDER.glob("*.css")),
            FOLDER.parent / "shared" / "plain.css",
            FOLDER / "block_pair.css",
        )
    ),
    js=_RUNNER,
)


def block_pair(frame: bytes, *, key: str) -> None:
    """Show two blocks.

    Args:
        frame: a packed frame with ``kind`` "open" (both sides) or "answer" (to what one side asked).
        key: widget key; with the same key new frames reach the view without a remount. What a side asks for
            is in its state as ``ask``.
    """
    _carrier(key=f"{key}_view_code")
    _component(data=frame, key=key, on_ask_change=lambda: None)
