"""Write frames into an MP4 that browsers play, each at its own moment, with its colours said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import av
import cv2
import numpy as np
from av.video.reformatter import Colorspace

TICKS = 60_000
"""Steps of a second for the frames' moments: every usual rate comes out even; MPEG-4 allows no finer."""
_CODECS = {"libx264": {"preset": "veryfast", "crf": "20", "bf": "0"}, "mpeg4": {"qmin": "2", "qmax": "5"}}
"""What to encode with, the best first. No frame refers to a later one (``bf``): then the file's times are
exactly those of the frames, however unevenly they come."""
_BT709, _LIMITED = 1, 1
"""ITU-T H.273's numbers for the colours of HD television and for levels of 16..235."""


def encoder() -> str:
    """Return the name of what encodes: H.264 where this PyAV has it, which every browser plays, or MPEG-4."""
    return next(name for name in _CODECS if name in av.codecs_available)


def fitted(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a frame in a size, as large as it goes without distortion, the rest black.

    Args:
        frame: uint8 [H, W, 3].
        size: width and height.
    """
    width, height = size
    if frame.shape[:2] == (height, width):
        return frame
    scale = min(width / frame.shape[1], height / frame.shape[0])
    inner = (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale)))
    smaller = cv2.resize(frame, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    whole = np.zeros((height, width, 3), np.uint8)
    whole[top : top + inner[1], left : left + inner[0]] = smaller
    return whole


def even(width: float, height: float, longest: int | None = None) -> tuple[int, int]:
    """Return the nearest even size, as 4:2:0 colour needs; the longer side at most ``longest``."""
    scale = min(1.0, longest / max(width, height)) if longest else 1.0
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))


class Mp4Writer:
    """A video that is being written; leave the block to finish the file.

    Args:
        target: a path, or a file open for writing and seeking.
        size: width and height, both even.
        rate: frames a second, about: what the encoder reckons with, not what is written.
        name: of the encoder; the best there is, where it is not said.
    """

    def __init__(
        self, target: Path | BinaryIO, size: tuple[int, int], rate: float = 30.0, name: str | None = None
    ) -> None:
        name = name or encoder()
        path = isinstance(target, Path)
        self._container = av.open(
            str(target) if isinstance(target, Path) else target,
            "w",
            format="mp4",
            # The table of frames in front, so that a browser plays before it has everything; FFmpeg must be
            # able to read the file again for it.
            options={"movflags": "+faststart"} if path else {},
        )
        nearest = Fraction(min(max(rate, 1.0), 240.0)).limit_denominator(1001)
        stream = self._container.add_stream(name, rate=nearest, options=_CODECS[name])
        assert isinstance(stream, av.VideoStream)
        self._stream = stream
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.thread_count = 1  # the other readers' pages want the other processors
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED
        self._lasting: dict[int, int] = {}
        self._size = size
        self._last = -1

    def write(self, frame: np.ndarray, at: float, lasting: float) -> None:
        """Add a frame.

        Args:
            frame: RGB uint8 [H, W, 3]; another size than the video's is fitted in.
            at: seconds since the start, later than the one before.
            lasting: seconds that it is shown.
        """
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(fitted(frame, self._size)), "rgb24")
        picture = picture.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
        picture.pts = self._last = max(self._last + 1, round(at * TICKS))
        picture.time_base = Fraction(1, TICKS)
        self._lasting[picture.pts] = max(1, round(lasting * TICKS))
        self._put(picture)

    def _put(self, picture: av.VideoFrame | None) -> None:
        for packet in self._stream.encode(picture):
            if packet.pts is not None:
                packet.duration = self._lasting.pop(packet.pts, 1)
            self._container.mux(packet)

    def __enter__(self) -> Mp4Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._put(None)
        finally:
            self._container.close()
