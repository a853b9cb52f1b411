"""Newest frame only: a picture that never waits for the network, whatever the network takes.

A frame is put into a box that holds one; what was in it is forgotten. One thread takes from the box, runs the
mode, and leaves the result where everybody finds the latest. So nothing queues, and the delay of a result is
one run and a little, under any load.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from explainer.detection.detections import Picture
from explainer.errors import ReaderError
from explainer.live.modes.base import Mode, Result
from explainer.live.pace import Pace, Why

WANTED = 10.0
"""Results a second that the input size is chosen for."""
PATIENCE = 5.0
"""Seconds without a frame after which the thread ends and pictures are let go."""
WINDOW = 3.0
"""Seconds that figures look back."""
_STALE = 2.0
"""Seconds after which a result is no longer drawn if no newer one comes, on top of what a run takes."""
_log = logging.getLogger("convscope")


@dataclass(frozen=True, eq=False)
class Seen:
    """A frame and what the network made of it."""

    frame: Picture
    at: float
    """When the frame came, in seconds of the worker's clock."""
    result: Result
    mode: Mode
    done: float
    """When the result was there."""
    side: int | None
    """Input size that it was made with, where there is a choice."""

    @property
    def drawn(self) -> Picture:
        """The frame with the result on it."""
        return self.result.draw(self.frame)


@dataclass(frozen=True)
class Figures:
    """How it goes, over the last seconds."""

    frames: float
    """Frames shown a second."""
    results: float
    """Results a second."""
    delay: float | None
    """Seconds from a frame's coming until its result is first shown, the median; ``None`` without results."""
    worst: float | None
    """The longest of these."""
    run: float | None
    """Seconds that one run of the network takes."""
    side: int | None
    """Input size, where there is a choice."""
    why: Why
    """Why this size."""
    error: ReaderError | None
    """Why there is no result, if the last run failed."""


class LiveWorker:
    """Runs a mode on the newest frame, in a thread that lives as long as frames come.

    Args:
        mode: what to do; may be exchanged at any time.
        wanted: results a second that the input size is chosen for.
        patience: seconds without a frame after which the thread ends; the next frame starts a new one.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        mode: Mode | None = None,
        *,
        wanted: float = WANTED,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.patience = patience
        self._wanted = wanted
        self._clock = clock
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._box: tuple[Picture, float] | None = None
        self._seen: Seen | None = None
        self._shown: Seen | None = None
        self._error: ReaderError | None = None
        self._mode: Mode | None = None
        self._pace = Pace((), wanted)
        self._pacing: Hashable = None
        self._frames: deque[float] = deque(maxlen=600)
        self._results: deque[tuple[float, float]] = deque(maxlen=600)
        self._delays: deque[tuple[float, float]] = deque(maxlen=600)
        self.mode = mode

    # --- what may be called from anywhere -------------------------------------------------------------------

    @property
    def mode(self) -> Mode | None:
        """What is done with frames. A run of the mode before is finished, and its result forgotten."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode | None) -> None:
        with self._ready:
            if mode == self._mode:
                return
            self._mode, self._error = mode, None
            pacing = None if mode is None else (mode.weight, mode.sides)
            if pacing != self._pacing:
                self._pacing = pacing
                self._pace = Pace(() if mode is None else mode.sides, self._wanted)
                self._results.clear()
                self._delays.clear()

    @property
    def running(self) -> bool:
        """Whether the thread lives."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    def offer(self, frame: Picture, at: float | None = None) -> None:
        """Put a frame into the box; returns at once. Nobody may write to the frame afterwards.

        Args:
            frame: uint8 [H, W, 3], RGB.
            at: when it came; now, where it is not said.
        """
        with self._ready:
            if self._closed:
                return
            now = self._clock() if at is None else at
            self._box = (frame, now)
            self._frames.append(now)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="live-worker", daemon=True)
                self._thread.start()
            else:
                self._ready.notify()

    def latest(self) -> Seen | None:
        """Return the newest result with its frame."""
        return self._seen

    def show(self, frame: Picture, at: float | None = None) -> Picture:
        """Offer a frame and return it with the latest result drawn on it.

        A result that is too old to fit the picture is left out: the stream goes on without.
        """
        now = self._clock() if at is None else at
        self.offer(frame, now)
        seen = self._seen
        if seen is None or now - seen.done > _STALE + (seen.done - seen.at):
            return frame
        drawn = seen.result.draw(frame)
        if seen is not self._shown:
            self._shown = seen
            now = self._clock()
            self._delays.append((now, now - seen.at))
        return drawn

    def figures(self) -> Figures:
        """Return how it goes."""
        now = self._clock()
        since = now - WINDOW
        with self._ready:
            frames = [at for at in self._frames if at > since]
            runs = [(at, took) for at, took in self._results if at > since]
            delays = sorted(delay for at, delay in self._delays if at > since)
            pace, error = self._pace, self._error
        return Figures(
            _rate(frames, now),
            _rate([at for at, _ in runs], now),
            delays[len(delays) // 2] if delays else None,
            delays[-1] if delays else None,
            sorted(took for _, took in runs)[len(runs) // 2] if runs else None,
            pace.side,
            pace.why,
            error,
        )

    def rest(self) -> None:
        """Let the thread end and pictures go, until the next frame comes; the mode stays. Returns at once."""
        with self._ready:
            self._forget()
            self._thread = None
            self._ready.notify_all()

    def close(self, timeout: float = 2.0) -> None:
        """End for good; may be called twice. Waits so many seconds for a run that has begun."""
        thread = self._thread
        self._closed = True
        self.rest()
        with self._ready:
            self._mode = None
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    # --- the thread -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        me = threading.current_thread()
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._box is not None or self._thread is not me, self.patience)
                if self._box is None or self._thread is not me:
                    if self._thread is me:
                        self._thread = None
                        self._forget()
                    return
                (frame, at), self._box = self._box, None
                mode, pace = self._mode, self._pace
            if mode is not None:
                self._run(me, mode, pace, frame, at)
            del frame

    def _run(self, me: threading.Thread, mode: Mode, pace: Pace, frame: Picture, at: float) -> None:
        side, begun = pace.side, self._clock()
        error: ReaderError | None = None
        result: Result | None = None
        try:
            result = mode.run(frame, side)
        except ReaderError as found:
            error = found
        except Exception:  # noqa: BLE001 - the stream goes on, whatever a network does with a frame
            if self._error is None:
                _log.exception("a live mode failed")
            error = ReaderError("The network could not be run on this frame. The server's log says more.")
        done = self._clock()
        with self._ready:
            if self._thread is not me or self._mode is not mode:
                return
            self._error = error
            if result is None:
                return
            self._seen = Seen(frame, at, result, mode, done, side)
            self._results.append((done, done - begun))
            pace.note(done - begun)

    def _forget(self) -> None:
        self._box = self._seen = self._shown = None
        for figures in (self._frames, self._results, self._delays):
            figures.clear()


def _rate(moments: list[float], now: float) -> float:
    """Return how many moments there are a second, from the first of them until now."""
    if len(moments) < 2:
        return 0.0
    return (len(moments) - 1) / max(1e-6, max(moments[-1], now - 1.0) - moments[0])
