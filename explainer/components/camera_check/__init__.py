"""What the browser knows of its camera: may it be asked for, is there one, is it allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import link
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.camera_check", html='<span class="camera-root"></span>', js=link(FOLDER)
)


@dataclass(frozen=True)
class CameraState:
    """What the browser said last."""

    secure: bool
    """Whether the page's address is one at which browsers give out the camera: HTTPS or this very machine."""
    offered: bool
    """Whether the browser has a way to ask for a camera at all."""
    cameras: int | None
    """How many there are; ``None`` where the browser does not tell."""
    permission: str
    """``"granted"``, ``"denied"``, ``"prompt"`` (it will ask), or ``"unknown"``."""


def camera_check(*, key: str, texts: Mapping[str, str]) -> CameraState | None:
    """Ask the browser, and again whenever something changes; ``None`` until it has answered.

    Nothing is seen, and the camera is not turned on. What a stream on the page says of its own accord when
    the camera or the connection fails is put into the reader's language.

    Args:
        key: widget key.
        texts: translations of what the ES modules say.
    """
    _component(data=pack({"texts": texts}), key=key, on_found_change=lambda: None)
    state = st.session_state.get(key) or {}
    return read(state.get("found"))


def read(found: Any) -> CameraState | None:
    """Return what a browser sent, which may be anything."""
    if not isinstance(found, dict):
        return None
    count = found.get("cameras")
    return CameraState(
        secure=found.get("secure") is not False,
        offered=found.get("offered") is not False,
        cameras=int(count) if isinstance(count, int | float) else None,
        permission=str(found.get("permission", "unknown")),
    )
