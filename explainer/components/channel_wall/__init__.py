"""The wall of channels: every channel of a layer at once, one of them large with its numbers."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel

FOLDER = Path(__file__).parent
STYLES = (FOLDER.parent / "shared" / "wall.css", FOLDER / "channel_wall.css")

_CODE, _RUNNER = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.channel_wall_code", html="<span></span>", js=_CODE)
_component = st.components.v2.component(
    "convscope.channel_wall",
    html='<div class="wall-root"></div>',
    css="\n".join(path.read_text("utf-8") for path in STYLES),
    js=_RUNNER,
)


def channel_wall(frame: bytes, *, key: str) -> None:
    """Show the wall.

    Args:
        frame: a packed frame with messages (``explainer.render.channel_wall``).
        key: widget key; with the same key new frames reach the wall without a remount.
    """
    _carrier(key=f"{key}_code")
    _component(data=frame, key=key, on_ask_change=lambda: None)
