"""A photo with numbered boxes; pointing at a box marks the one of the same number on every such photo."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.pair_photo", html='<div class="pair-photo"></div>', css=styles(FOLDER), js=link(FOLDER)
)


def pair_photo(frame: bytes, *, key: str) -> None:
    """Show one of the photos.

    Args:
        frame: a packed ``explainer.render.side_by_side.frame``, with ``texts``.
        key: widget key.
    """
    _component(data=frame, key=key)
