"""What lives as long as the reader's camera is on: the worker, and what was shown in the last seconds."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

if TYPE_CHECKING:
    import av

    from explainer.live.recorder import Recorder
    from explainer.live.worker import LiveWorker, Seen
    from explainer.ui.live.choices import Choice

_log = logging.getLogger("convscope")
_STATE = "live_studio"
_FROZEN = "live_frozen"


@dataclass(eq=False)
class Studio:
    """One reader's camera, from frames to frames."""

    worker: LiveWorker
    recorder: Recorder
    choice: Choice | None = None
    """What was done with frames last: goes on where what was chosen since cannot be had."""
    failed: bool = False
    """Whether a frame could not be drawn on, and the log knows why."""

    def show(self, given: av.VideoFrame) -> av.VideoFrame:
        """Return a frame with the latest result on it; never waits for the network.

        Called by the stream in a thread of its own. What goes wrong here would end the stream, so the plain
        frame is the answer to anything.
        """
        import av

        picture = np.asarray(given.to_ndarray(format="rgb24"), np.uint8)
        try:
            shown = self.worker.show(picture)
            self.recorder.add(shown)
        except Exception:  # noqa: BLE001 - a drawing that fails must not end the reader's stream
            if not self.failed:
                _log.exception("a frame could not be drawn on")
            self.failed, shown = True, picture
        return av.VideoFrame.from_ndarray(shown, format="rgb24")

    def rest(self) -> None:
        """Let threads and pictures go: the stream has ended. The last seconds can still be saved."""
        self.worker.rest()


def studio() -> Studio:
    """Return the session's own studio; nothing runs in it before the first frame."""
    found: Studio | None = st.session_state.get(_STATE)
    if found is None:
        from explainer.live.recorder import Recorder
        from explainer.live.worker import LiveWorker

        found = st.session_state[_STATE] = Studio(LiveWorker(), Recorder())
    return found


def frozen() -> Seen | None:
    """Return the frame that the reader has frozen."""
    return st.session_state.get(_FROZEN)


def freeze(seen: Seen | None) -> None:
    """Keep a frame with its result in place of the one before; ``None`` lets it go."""
    if seen is None:
        st.session_state.pop(_FROZEN, None)
    else:
        st.session_state[_FROZEN] = seen
