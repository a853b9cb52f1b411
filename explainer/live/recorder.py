"""The last seconds of what was shown, in bounded memory, to take along as a video or a GIF."""

from __future__ import annotations

import io
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from PIL import Image

from explainer.errors import ReaderError
from explainer.live.encoding import Mp4Writer, even, fitted
from explainer.live.gif import encoded_gif

SECONDS = 6.0
"""What is kept while nothing else is asked for."""
BUDGET = 16_000_000
"""Bytes of one recording: six seconds of 640 × 480 at thirty frames a second are some 12 MB."""
GIF_SIDE = 320
GIF_RATE = 10.0
_QUALITY = 88
"""Of the JPEGs."""
_SHORTEST = 0.02
"""Seconds: what a last frame lasts at least, and what browsers take as a GIF's quickest."""
_NOTHING = "Nothing has been shown yet that could be saved. Start the camera and try again."


@dataclass(frozen=True)
class Shot:
    """One frame that was shown."""

    at: float
    """Moment in seconds, of any clock that only goes forward."""
    jpeg: bytes

    def pixels(self) -> np.ndarray:
        """Return the frame, RGB uint8 [H, W, 3]."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        if decoded is None:
            raise ValueError("no JPEG")
        return decoded


class Recorder:
    """Keeps the last seconds of what was shown; any thread may add to it and read it.

    Args:
        seconds: how far back it goes from the newest frame.
        budget: bytes at most; where they are used up, the oldest frames go first.
    """

    def __init__(self, seconds: float = SECONDS, budget: int = BUDGET) -> None:
        self.seconds = seconds
        self.budget = budget
        self._lock = threading.Lock()
        self._shots: deque[Shot] = deque()
        self._bytes = 0

    def add(self, frame: np.ndarray, at: float | None = None) -> None:
        """Keep a frame.

        Args:
            frame: RGB uint8 [H, W, 3], of any size.
            at: when it was shown, in seconds; now, where it is not said. One that is not later than the
                newest is dropped.
        """
        at = time.monotonic() if at is None else at
        bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
        done, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not done:
            return
        shot = Shot(at, encoded.tobytes())
        with self._lock:
            if self._shots and at <= self._shots[-1].at:
                return
            self._shots.append(shot)
            self._bytes += len(shot.jpeg)
            while self._shots and (self._bytes > self.budget or at - self._shots[0].at > self.seconds):
                self._bytes -= len(self._shots.popleft().jpeg)

    def shots(self) -> tuple[Shot, ...]:
        """Return what is kept at this moment, the oldest first."""
        with self._lock:
            return tuple(self._shots)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._shots.clear()
            self._bytes = 0

    def __len__(self) -> int:
        return len(self._shots)

    @property
    def size(self) -> int:
        """Bytes in use."""
        return self._bytes

    @property
    def span(self) -> float:
        """Seconds from the oldest frame to the newest."""
        with self._lock:
            return self._shots[-1].at - self._shots[0].at if self._shots else 0.0


def write_mp4(shots: Sequence[Shot]) -> bytes:
    """Return a video of the frames, with the time between them as it was.

    It is as large as the largest frame, in even numbers; others are fitted in.

    Raises:
        ReaderError: there is no frame.
    """
    times, ends = _times(shots)
    frames = [_size(shot) for shot in shots]
    size = even(*max(frames, key=lambda one: one[0] * one[1]))
    file = io.BytesIO()
    with Mp4Writer(file, size, len(shots) / ends[-1]) as writer:
        for shot, at, end in zip(shots, times, ends, strict=True):
            writer.write(shot.pixels(), at, end - at)
    return file.getvalue()


def write_gif(shots: Sequence[Shot], *, side: int = GIF_SIDE, rate: float = GIF_RATE) -> bytes:
    """Return an animation of the frames: smaller, fewer of them, with one palette for all.

    Args:
        shots: what to show, in order.
        side: pixels of the longer side, at most.
        rate: frames a second, at most.

    Raises:
        ReaderError: there is no frame.
    """
    times, ends = _times(shots)
    chosen = _thinned(times, 1 / rate)
    size = even(*_size(shots[0]), longest=side)
    frames = [Image.fromarray(fitted(shots[index].pixels(), size)) for index in chosen]
    # GIF counts in hundredths; rounding the moments, not the gaps, keeps errors from adding up.
    marks = [round(100 * times[index]) for index in chosen] + [round(100 * ends[-1])]
    lasting = [10 * max(2, after - before) for before, after in pairwise(marks)]
    return encoded_gif(frames, lasting, dither=True)


def _times(shots: Sequence[Shot]) -> tuple[list[float], list[float]]:
    """Return when each frame begins and ends, from the first on; the last lasts as long as is usual."""
    if not shots:
        raise ReaderError(_NOTHING)
    times = [shot.at - shots[0].at for shot in shots]
    gaps = np.diff(times)
    usual = max(_SHORTEST, float(np.median(gaps))) if len(gaps) else 1.0
    return times, [*times[1:], times[-1] + usual]


def _size(shot: Shot) -> tuple[int, int]:
    """Return width and height, from the JPEG's header."""
    return Image.open(io.BytesIO(shot.jpeg)).size


def _thinned(times: Sequence[float], gap: float) -> list[int]:
    """Return the frames that stand on the screen at every multiple of ``gap``, each once."""
    count = int(times[-1] / gap + 1e-9) + 1
    return list(dict.fromkeys(bisect_right(times, tick * gap + 1e-9) - 1 for tick in range(count)))
