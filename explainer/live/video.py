"""A video through the same modes as the camera: every frame annotated, written as a new video."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from explainer.detection.detections import Picture
from explainer.live.encoding import Mp4Writer
from explainer.live.modes.base import Mode, Result
from explainer.live.source import LIMITS, Limits, Moment, VideoSource
from explainer.progress import Progress

PATIENCE = 180.0
"""Seconds that the network may take for a whole video; where it would take longer, frames are left out."""
_LEAST = 5.0
"""Results for each second of the video that there are at least, however long it takes."""
_MEASURED = 4
"""Runs after which is known what one takes; the first one, which makes room, aside."""


@dataclass(frozen=True)
class Annotated:
    """A finished video."""

    path: Path
    frames: int
    seconds: float
    width: int
    height: int
    runs: int
    """How many times the network was run."""
    every: int
    """It was run on every so-manieth frame; those between carry the result before."""


def annotate(
    source: Path | BinaryIO,
    target: Path,
    mode: Mode,
    progress: Progress = lambda done, total: None,
    *,
    name: str = "",
    every: int | None = None,
    side: int | None = None,
    patience: float = PATIENCE,
    limits: Limits = LIMITS,
    look: Callable[[Picture], None] = lambda picture: None,
) -> Annotated:
    """Draw on every frame of a video what a mode says of it, and write it as an MP4 without sound.

    The frames keep their moments, so the rate stays as it was. The file appears under its name when it is
    whole; before, and where the work fails or is cancelled, there is none.

    Args:
        source: the video, a path or an opened file.
        target: where to write.
        mode: what to do with the frames.
        progress: told how many frames are done, and of how many there are about.
        name: what the video is called in messages.
        every: the network is run on every so-manieth frame. Without, on every one, or on as few as it takes
            to be done within ``patience`` (but five a second).
        side: input size for the mode, where it has several; the largest without.
        patience: seconds for the network's runs where ``every`` is not said.
        limits: what the video may have.
        look: shown every finished frame.

    Raises:
        ReaderError: it cannot be read, or the mode cannot be run.
    """
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".part")
    os.close(handle)
    try:
        with VideoSource(source, name, limits) as video:
            done = _Work(video, Path(part), mode, progress, look, side, patience).run(every)
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return replace(done, path=target)


class _Work:
    """One video, while it is annotated."""

    def __init__(
        self,
        video: VideoSource,
        path: Path,
        mode: Mode,
        progress: Progress,
        look: Callable[[Picture], None],
        side: int | None,
        patience: float,
    ) -> None:
        self.video, self.path, self.mode = video, path, mode
        self.progress, self.look = progress, look
        self.side, self.patience = side, patience
        self.runs = 0
        self.took: list[float] = []
        self.result: Result | None = None

    def run(self, every: int | None) -> Annotated:
        usual, chosen = 1 / self.video.rate, every or 1
        moments, count, end, next_run = iter(self.video), 0, 0.0, 0
        moment = next(moments)
        size = (moment.frame.shape[1], moment.frame.shape[0])
        with Mp4Writer(self.path, size, self.video.rate) as writer:
            while True:
                following = next(moments, None)
                if count == next_run:
                    self._see(moment)
                    if every is None and self.runs == _MEASURED:
                        chosen = self._step()
                    next_run = count + chosen
                assert self.result is not None
                lasting = usual if following is None else following.at - moment.at
                drawn = self.result.draw(moment.frame)
                writer.write(drawn, moment.at, lasting)
                self.look(drawn)
                count, end = count + 1, moment.at + lasting
                self.progress(count, max(count, self.video.expected))
                if following is None:
                    break
                moment = following
        return Annotated(self.path, count, end, *size, self.runs, chosen)

    def _see(self, moment: Moment) -> None:
        begun = time.perf_counter()
        self.result = self.mode.run(moment.frame, self.side)
        self.took.append(time.perf_counter() - begun)
        self.runs += 1

    def _step(self) -> int:
        """Return how many frames to go from run to run, by what the first ones took."""
        one = min(self.took[1:])
        wanted = -(-self.video.expected * one // self.patience)
        return int(max(1, min(wanted, self.video.rate // _LEAST)))
