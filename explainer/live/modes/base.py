"""What every mode of the live page takes and gives."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, Protocol

from explainer.detection.detections import Picture


class Said(NamedTuple):
    """One thing that a network says of a frame."""

    name: str
    """Of a class, or of a channel."""
    share: float | None = None
    """Score or probability, 0 to 1, where there is one."""


class Result(Protocol):
    """What a network made of one frame; it can be drawn on that frame and on later ones, of any size."""

    def draw(self, frame: Picture) -> Picture:
        """Return a picture of the frame's size with the result on it; the frame itself stays as it is."""
        ...

    def said(self) -> tuple[Said, ...]:
        """Return the result in words, the surest first: for those who cannot see it."""
        ...


class Mode(Protocol):
    """Something to do with every frame. It holds no frame, and any thread may run it, one at a time."""

    @property
    def sides(self) -> tuple[int, ...]:
        """Input sizes that it can be run with, in pixels, rising; empty where there is but one."""
        ...

    @property
    def weight(self) -> Hashable:
        """Two modes of the same weight cost the same time: what was learnt of one holds for the other."""
        ...

    def run(self, frame: Picture, side: int | None = None) -> Result:
        """Return what the network makes of a frame.

        Args:
            frame: uint8 [H, W, 3], RGB, of any size.
            side: one of ``sides``; the largest without.

        Raises:
            ReaderError: this cannot be done with this network.
        """
        ...
