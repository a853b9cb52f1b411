"""A photo as numbers: a lens that zooms until values appear, channels, grey levels and their codes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.pixel_view",
    html='<div class="pixel-view plain" role="group"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def pixel_view(frame: bytes, *, key: str) -> None:
    """Show the photo.

    Args:
        frame: what ``explainer.render.pixels.sent`` returned, packed. It holds nothing that the reader
            changes, so it travels once for each photo.
        key: widget key. What the reader looks at stands in the address and, as ``ask``, in the component's
            state: the same parameters, and ``serial``, which grows.
    """
    _component(data=frame, key=key, on_ask_change=lambda: None)
