"""The walls of channels and of kernels as components: one frame, for each its own look and program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from explainer.components.modules import parcel, styles


def wall(folder: Path) -> Callable[..., None]:
    """Return what shows the wall whose modules and ``<name>.css`` lie in ``folder``.

    It takes a packed frame with messages and the widget ``key``; with the same key new frames reach the wall
    without a remount.
    """
    code, runner = parcel(folder)
    name = f"convscope.{folder.name}"
    carrier = st.components.v2.component(f"{name}_code", html="<span></span>", js=code)
    component = st.components.v2.component(
        name,
        html='<div class="wall-root"></div>',
        css=styles(folder, "wall"),
        js=runner,
    )

    def show(frame: bytes, *, key: str) -> None:
        carrier(key=f"{key}_code")
        component(data=frame, key=key, on_ask_change=lambda: None)

    return show
