"""Streams that drop frames rather than queue them: whatever kept the server busy, the picture is of now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from streamlit import runtime

if TYPE_CHECKING:
    from aiortc.contrib.media import MediaRelay


def newest_frames_only() -> None:
    """Let all streams of this server hand on the newest frame only.

    streamlit-webrtc connects a stream's parts through one relay (aiortc's ``MediaRelay``), which keeps every
    frame until the next part has taken it. A server that was busy for four seconds, or that encodes more
    slowly than a camera films, would show the past from then on.
    """
    if runtime.exists():
        from streamlit_webrtc.relay import get_global_relay

        without_queues(get_global_relay())


def without_queues(relay: MediaRelay) -> None:
    """Let whoever subscribes to a relay from now on get the newest frame, and none that is older."""
    if not isinstance(relay.subscribe, partial):
        relay.subscribe = partial(relay.subscribe, buffered=False)  # type: ignore[method-assign]
