"""Read a video that anyone may upload: its frames upright and in right colours, or a sentence why not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import Colorspace

from explainer.detection.detections import Picture
from explainer.errors import ReaderError
from explainer.live.encoding import even

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,gif,mp3,wav,flac,aac"
"""Files that hold everything themselves (some only sound, which is then said). What names other files or
addresses, as playlists do, is not opened."""

_EMPTY = "The file {name} is empty. Choose a video file."
_HEAVY = "The video {name} is larger than {limit} MB. Make it shorter or smaller and try again."
_UNKNOWN = "The file {name} is not a video in a known format. Use MP4, MOV, WebM, MKV or AVI."
_SOUND = "The file {name} holds no moving picture, only sound or text. Choose a video file."
_DAMAGED = "The video {name} is damaged or incomplete. Open it elsewhere, save it again and try that file."
_LONG = "The video {name} is longer than {limit} seconds. Cut it and try again."
_MANY = "The video {name} has more than {limit} frames. Cut it, or save it with fewer frames a second."
_HUGE = "The video {name} has {width} × {height} pixels, more than {limit} million. Save it smaller."
_STILL = "The video {name} holds no frame that can be shown."

_BT709, _UNSAID = 1, 2
"""ITU-T H.273's numbers for the colours of HD television, and for colours that the file does not tell."""
_HD = 720
"""Lines from which a video that does not tell its colours has those of HD television, as players take it."""
_BROKEN = (
    av.FFmpegError,
    OSError,
    ValueError,
    ArithmeticError,
    LookupError,
    EOFError,
    MemoryError,
    RuntimeError,
)
"""What PyAV raises on damaged files."""
_BEGINNINGS = (b"....ftyp", b"....moov", b"\x1aE\xdf\xa3", b"RIFF....AVI ", b"OggS", b"FLV", b"GIF8")
"""How files of videos begin; dots stand for anything."""


@dataclass(frozen=True)
class Limits:
    """What a video may have."""

    size: int = 100_000_000
    """Bytes of the file."""
    seconds: float = 120.0
    frames: int = 7300
    """Two minutes at sixty frames a second, and a little."""
    pixels: int = 4096 * 2304
    """Of one frame, before it is shrunk."""
    side: int = 1280
    """Pixels of the longer side after it is shrunk."""


LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame of a video."""

    frame: Picture
    at: float
    """Seconds since the first frame."""


class VideoSource:
    """A video that is being read; use it as a context manager.

    ``rate`` is its frames a second, ``expected`` how many frames there should be, as far as the file tells.

    Args:
        file: a path, or the opened file.
        name: what it is called in messages.
        limits: what it may have.

    Raises:
        ReaderError: it is empty, too large, too long, damaged or no video.
    """

    def __init__(self, file: Path | BinaryIO, name: str = "", limits: Limits = LIMITS) -> None:
        self.name = name or (file.name if isinstance(file, Path) else "(no name)")
        self.limits = limits
        self._check(_length(file))
        try:
            self._container = av.open(
                str(file) if isinstance(file, Path) else file,
                "r",
                container_options={
                    "format_whitelist": FORMATS,
                    "protocol_whitelist": "file" if isinstance(file, Path) else "none",
                },
                metadata_errors="replace",
            )
        except _BROKEN as error:
            raise ReaderError(_DAMAGED if _begins_as_video(file) else _UNKNOWN, name=self.name) from error
        try:
            self._prepare()
        except BaseException:
            self._container.close()
            raise

    def _check(self, size: int) -> None:
        if size == 0:
            raise ReaderError(_EMPTY, name=self.name)
        if size > self.limits.size:
            raise ReaderError(_HEAVY, name=self.name, limit=self.limits.size // 1_000_000)

    def _prepare(self) -> None:
        streams = [
            one for one in self._container.streams.video if not one.disposition & Disposition.attached_pic
        ]
        if not streams:
            raise ReaderError(_SOUND, name=self.name)
        self._stream = stream = streams[0]
        stream.codec_context.thread_count = 1  # the other readers' pages want the other processors
        self._check_picture(stream.codec_context.width, stream.codec_context.height)
        told = (self._container.duration or 0) / av.time_base
        if stream.duration and stream.time_base:
            told = float(stream.duration * stream.time_base)
        self.rate = float(stream.average_rate or stream.guessed_rate or 30)
        if told > self.limits.seconds + 1:
            raise ReaderError(_LONG, name=self.name, limit=round(self.limits.seconds))
        if stream.frames > self.limits.frames:
            raise ReaderError(_MANY, name=self.name, limit=self.limits.frames)
        self.expected = stream.frames or max(1, round(told * self.rate))

    def _check_picture(self, width: int, height: int) -> None:
        if width * height > self.limits.pixels:
            limit = self.limits.pixels // 1_000_000
            raise ReaderError(_HUGE, name=self.name, width=width, height=height, limit=limit)

    def __iter__(self) -> Iterator[Moment]:
        """Yield all frames, in the order in which they are shown.

        Raises:
            ReaderError: it is damaged, or turns out to be larger than it said.
        """
        first, last, count = None, -1.0, 0
        try:
            for frame in self._container.decode(self._stream):
                self._check_picture(frame.width, frame.height)
                count += 1
                moment = frame.time if frame.time is not None else count / self.rate
                first = moment if first is None else first
                at = moment - first
                if at <= last:  # of a file that tells two frames the same moment
                    at = last + 1 / self.rate
                last = at
                if at > self.limits.seconds + 1:
                    raise ReaderError(_LONG, name=self.name, limit=round(self.limits.seconds))
                if count > self.limits.frames:
                    raise ReaderError(_MANY, name=self.name, limit=self.limits.frames)
                yield Moment(self._upright(frame), at)
        except _BROKEN as error:
            raise ReaderError(_DAMAGED, name=self.name) from error
        if not count:
            raise ReaderError(_STILL, name=self.name)

    def _upright(self, frame: av.VideoFrame) -> Picture:
        """Return a frame as a player shows it: turned, with square pixels, at most so large."""
        shape = float(self._stream.sample_aspect_ratio or 1)  # of one pixel: old cameras' are not square
        width, height = even(frame.width * shape, frame.height, self.limits.side)
        untold = int(frame.colorspace) == _UNSAID
        hd = untold and frame.height >= _HD
        pixels = frame.to_ndarray(
            format="rgb24", width=width, height=height, src_colorspace=Colorspace.ITU709 if hd else None
        )
        return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90) % 4))

    def __enter__(self) -> VideoSource:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()


def _length(file: Path | BinaryIO) -> int:
    if isinstance(file, Path):
        return file.stat().st_size
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _begins_as_video(file: Path | BinaryIO) -> bool:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            start = opened.read(12)
    else:
        file.seek(0)
        start = file.read(12)
    return any(
        len(start) >= len(wanted)
        and all(expected in (ord("."), found) for expected, found in zip(wanted, start, strict=False))
        for wanted in _BEGINNINGS
    )
