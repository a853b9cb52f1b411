"""A Grad-CAM taken apart: maps times weights, the sum, the ReLU, the photo, the numbers of one place."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.cam_sum",
    html='<div class="cam-sum"></div>',
    css=(FOLDER / "cam_sum.css").read_text("utf-8"),
    js=link(FOLDER),
)


def cam_sum(frame: bytes, *, key: str) -> None:
    """Show the sum.

    Args:
        frame: what ``explainer.render.cam.taken_apart`` returned, packed.
        key: widget key; with the same key new frames reach the view without a remount.
    """
    _component(data=frame, key=key)
