"""The view of receptive fields: a feature map and the photo beside it, each showing where the other looks."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel, styles

FOLDER = Path(__file__).parent

_CODE, _RUNNER = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.field_view_code", html="<span></span>", js=_CODE)
_component = st.components.v2.component(
    "convscope.field_view",
    html='<div class="field-root"></div>',
    css=styles(FOLDER),
    js=_RUNNER,
)


def field_view(frame: bytes, *, key: str) -> None:
    """Show the view.

    What it asks for (``asked``) holds the ``identity`` of the frame it shows, ``serial`` of the question,
    ``place`` ({channel, y, x}, the unit shown), and what is wanted: ``channel`` (its values are missing),
    ``heat`` (the effective field of the place is missing), ``leave`` (the layer that the reader goes to).

    Args:
        frame: a packed frame ``{identity, messages, text, address, link}`` with messages of
            ``explainer.render.fields``. ``address``: whether the view keeps its place in the link. ``link``:
            a name; views on one page with the same name point at the same part of their photos.
        key: widget key; with the same key new frames reach the view without a remount.
    """
    _carrier(key=f"{key}_code")
    _component(data=frame, key=key, on_ask_change=lambda: None)
