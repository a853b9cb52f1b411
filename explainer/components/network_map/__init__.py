"""The network map: a whole network on one canvas, down to the arithmetic of one number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel

FOLDER = Path(__file__).parent

_CODE, _RUNNER = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.network_map_code", html="<span></span>", js=_CODE)
_component = st.components.v2.component(
    "convscope.network_map",
    html='<div class="convscope-map"></div>',
    css="\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.css"))),
    js=_RUNNER,
)


def network_map(frame: bytes, *, key: str, on_ask: Callable[[], None] = lambda: None) -> None:
    """Show the map.

    Args:
        frame: a packed frame with messages (``explainer.render.answers``).
        key: widget key; with the same key new frames reach the map without a remount.
        on_ask: called before the rerun in which the map asks for something.
    """
    _carrier(key=f"{key}_code")
    _component(data=frame, key=key, on_ask_change=on_ask)
