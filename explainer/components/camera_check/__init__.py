"""What the browser knows of its camera: may it be asked for, is there one, is it allowed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import link

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


def camera_check(*, key: str) -> CameraState | None:
    """Ask the browser, and again whenever something changes; ``None`` until it has answered.

    Nothing is seen, and the camera is not turned on.
    """
    _component(key=key, on_found_change=lambda: None)
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
