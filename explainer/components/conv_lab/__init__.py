"""A convolution under the reader's hand: an input to paint, a kernel to edit, a window to slide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import parcel, styles

FOLDER = Path(__file__).parent

_code, _runner = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.conv_lab_code", html="<span></span>", js=_code)
_component = st.components.v2.component(
    "convscope.conv_lab",
    html='<div class="conv-frame"><div class="conv-lab"></div></div>',
    css=styles(FOLDER),
    js=_runner,
)


def conv_lab(
    frame: bytes,
    *,
    key: str,
    on_edit: Callable[[list[Any], int], None],
    on_look: Callable[[int, int], None],
) -> None:
    """Show a convolution.

    Args:
        frame: what ``explainer.render.conv_frame.conv_frame`` returned, packed.
        key: widget key; with the same key new frames reach the view without a remount.
        on_edit: called before the script runs again with the edits that no frame has shown yet, oldest first,
            and the serial number of the last.
        on_look: called with the output and the input channel that the reader has chosen.
    """

    def edited() -> None:
        edits = (st.session_state.get(key) or {}).get("edits")
        if isinstance(edits, list) and edits and isinstance(edits[-1], dict):
            serial = edits[-1].get("serial")
            if type(serial) is int:
                on_edit(edits, serial)

    def looked() -> None:
        look = (st.session_state.get(key) or {}).get("look")
        if isinstance(look, dict):
            channels = look.get("output"), look.get("input")
            if all(type(one) is int for one in channels):
                on_look(*channels)  # type: ignore[arg-type]

    _carrier(key=f"{key}_code")
    _component(data=frame, key=key, on_edits_change=edited, on_look_change=looked)
