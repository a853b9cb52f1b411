"""Why there is no picture, and what the reader can do about it."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING

import streamlit as st

from explainer.live.ice import SETTING
from explainer.ui.language import t
from explainer.ui.link import put

if TYPE_CHECKING:
    from explainer.components.camera_check import CameraState

SOURCE = "source"
"""Query parameter: where pictures come from."""
PATIENCE = 10.0
"""Seconds without a frame after which a connection is taken to be blocked."""
_SINCE = "live_connecting_since"


class Trouble(StrEnum):
    """What stands between a reader and the camera."""

    INSECURE = "insecure"
    NO_WAY = "no way"
    NO_CAMERA = "no camera"
    REFUSED = "refused"
    BLOCKED = "blocked"


def trouble_of(found: CameraState | None) -> Trouble | None:
    """Return what the browser's answer means; ``None`` where nothing is in the way."""
    if found is None:
        return None
    if not found.secure:
        return Trouble.INSECURE
    if not found.offered:
        return Trouble.NO_WAY
    if found.permission == "denied":
        return Trouble.REFUSED
    if found.cameras == 0:
        return Trouble.NO_CAMERA
    return None


def tell(trouble: Trouble) -> None:
    """Say what is in the way, how to clear it, and what works without."""
    title, what, code = _words(trouble)
    with st.container(border=True, key="live_trouble"):
        st.markdown(f":material/videocam_off: **{title}**\n\n{what}")
        if code:
            st.code(code, language="sh", wrap_lines=True)
        st.markdown(t("Without the live picture everything works on single pictures:"))
        with st.container(horizontal=True):
            if trouble in (Trouble.BLOCKED, Trouble.REFUSED):
                _way("snapshot", t("Take a snapshot"), ":material/photo_camera:")
            _way("picture", t("Use a picture"), ":material/image:")
            _way("video", t("Use a video file"), ":material/movie:")


def draw_help() -> None:
    """Draw what may be in the way where the browser does not say it itself, folded."""
    with st.expander(t("The camera does not start?"), icon=":material/help:"):
        for trouble in (Trouble.REFUSED, Trouble.NO_CAMERA, Trouble.INSECURE, Trouble.BLOCKED):
            title, what, code = _words(trouble)
            st.markdown(f"**{title}** {what}")
            if code:
                st.code(code, language="sh", wrap_lines=True)


def _way(source: str, label: str, icon: str) -> None:
    if st.button(label, icon=icon, key=f"live-way-{source}"):
        put(SOURCE, source, "camera")
        st.rerun()  # as a whole, also from a part of the page that renews itself


def _words(trouble: Trouble) -> tuple[str, str, str]:
    """Return a title, what to do, and a command, if one helps."""
    if trouble is Trouble.INSECURE:
        return (
            t("The browser gives out the camera only over HTTPS or on this very machine."),
            t(
                "This page came over plain HTTP from another machine. Start the server with a certificate, "
                "as below, or let a tunnel bring it to your machine (`ssh -L 8501:localhost:8501 server`) "
                "and open `http://localhost:8501`."
            ),
            'make run ARGS="--server.address 0.0.0.0 --server.sslCertFile cert.pem '
            '--server.sslKeyFile key.pem"',
        )
    if trouble is Trouble.NO_WAY:
        return (
            t("This browser has no way to give out a camera."),
            t("Open the page in a current Chrome, Edge, Firefox or Safari."),
            "",
        )
    if trouble is Trouble.REFUSED:
        return (
            t("The camera is not allowed for this page."),
            t(
                "Allow it at the camera or lock sign in the address bar, or in the settings of the system "
                "under privacy, then reload the page. The picture goes to this server only."
            ),
            "",
        )
    if trouble is Trouble.NO_CAMERA:
        return (
            t("No camera was found."),
            t("Plug one in or turn it on: this message goes away by itself. Another program may hold it."),
            "",
        )
    return (
        t("The camera is on, but the connection to the server does not come about."),
        t(
            "Browser and server look for a direct way for the video (WebRTC). A firewall or a router is "
            "between them: name a STUN or TURN server in the setting {name} and start the server again.",
            name=f"`{SETTING}`",
        ),
        f'{SETTING}="stun:stun.example.org:3478, turn:name:password@turn.example.org:3478" make run',
    )


def connecting(waits: bool) -> bool:
    """Note whether the page waits for a first frame; return whether it has waited too long."""
    if not waits:
        st.session_state.pop(_SINCE, None)
        return False
    since = st.session_state.setdefault(_SINCE, time.monotonic())
    return bool(time.monotonic() - since > PATIENCE)
