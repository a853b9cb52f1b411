"""The camera: the stream through the reader's browser, and what is shown while it is off or cannot be had."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.camera_check import FOLDER, camera_check
from explainer.errors import ReaderError
from explainer.live.ice import SETTING, read_ice_servers
from explainer.ui.language import t, texts_for
from explainer.ui.live.film import draw_recording
from explainer.ui.live.freezing import draw_freeze, draw_frozen
from explainer.ui.live.newest import newest_frames_only
from explainer.ui.live.poster import draw_poster
from explainer.ui.live.status import draw_status
from explainer.ui.live.studio import Studio, studio
from explainer.ui.live.trouble import Trouble, connecting, draw_help, tell, trouble_of
from explainer.ui.messages import message

if TYPE_CHECKING:
    from explainer.ui.live.choices import Choice

KEY = "live_stream"
WIDTH, HEIGHT, RATE = 640, 480, 24
"""What the camera is asked for; browsers give less under load."""
_IDLE = """
[data-testid="stMain"] iframe[src*="webrtc_streamer"][height="152"] {
  margin-top: -112px; clip-path: inset(112px 0 0 0);
}
"""
"""While the camera is off the stream's place is an empty box, 112 pixels of the 152: its buttons are enough.
With a message in it, it has another height and is shown whole."""


def draw_camera(choice: Choice) -> None:
    """Draw the stream with what belongs to it."""
    found = trouble_of(camera_check(key="camera_check_view", texts=texts_for(FOLDER)))
    ours = studio()
    ours.worker.mode, ours.choice = choice.mode, choice
    if found is not None and not ours.worker.running:
        tell(found)
        draw_poster(choice)
        return
    context = _stream(ours)
    if not (context.state.playing or context.state.signalling):
        connecting(False)
        st.html(f"<style>{_IDLE}</style>")
        st.caption(
            t(
                "Every frame goes to this server, through the network and back. Only the last seconds are "
                "kept, in memory, until you leave this page."
            )
        )
        draw_poster(choice)
        draw_help()
        draw_frozen(choice)
        if len(ours.recorder):
            draw_recording(ours.recorder)
        return
    _watch(ours)
    draw_freeze(ours, choice)
    draw_recording(ours.recorder)


def _stream(ours: Studio) -> Any:
    """Draw the video with its buttons and return its state."""
    from streamlit_webrtc import WebRtcMode, webrtc_streamer

    newest_frames_only()
    return webrtc_streamer(
        key=KEY,
        mode=WebRtcMode.SENDRECV,
        rtc_configuration={"iceServers": ice_servers()},
        media_stream_constraints={
            "video": {
                "width": {"ideal": WIDTH},
                "height": {"ideal": HEIGHT},
                "frameRate": {"ideal": RATE, "max": 30},
            },
            "audio": False,
        },
        video_frame_callback=ours.show,
        on_video_ended=ours.rest,
        async_processing=True,
        media_toggle_controls=False,
        video_html_attrs={
            "autoPlay": True,
            "controls": False,
            "muted": True,
            "playsInline": True,
            "style": {"width": "100%", "borderRadius": "8px", "background": "#12161b"},
        },
        translations={
            "start": t("Start the camera"),
            "stop": t("Stop the camera"),
            "select_device": t("Choose a camera"),
            "select_camera": t("Camera"),
            "media_api_not_available": t("This browser has no way to give out a camera."),
            "device_ask_permission": t("Allow the camera in the browser's question."),
            "device_not_available": t("No camera was found."),
            "device_access_denied": t("The camera is not allowed for this page."),
            "turn_camera_on": t("Turn the camera on"),
            "turn_camera_off": t("Turn the camera off"),
        },
    )


def ice_servers() -> list[dict[str, Any]]:
    """Return the servers of the setting; none, with a message, where that cannot be read."""
    try:
        return read_ice_servers(os.environ.get(SETTING, ""))
    except ReaderError as error:
        st.error(message(error), icon=":material/info:")
        return []


def _watch(ours: Studio) -> None:
    @st.fragment(run_every=1.0)
    def look() -> None:
        waits = ours.worker.figures().frames == 0
        if connecting(waits):
            tell(Trouble.BLOCKED)
        else:
            draw_status(ours)

    look()
