"""What the test's camera shows: a photograph that moves slowly, and the number of the frame as bars."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from skimage import data

WIDTH, HEIGHT, RATE = 640, 480, 15
COUNT = 128
"""Frames; then it begins again. 8.5 s: longer than any delay that is measured with it."""
BITS = 7
CELL = 40
"""Pixels of a bar, both ways: survives whatever a video call does to the picture."""
SCALE = 0.8
"""Of the photograph."""
FACE = (175, 58, 282, 188)
"""Left, top, right and bottom of the face in the photograph, read off by eye."""
REACH = 70
"""Pixels that it goes to either side."""


def place(number: int) -> tuple[float, float]:
    """Return where the photograph's upper left corner is in a frame."""
    turn = 2 * math.pi * number / COUNT
    return 115 + REACH * math.sin(turn), 8 + 8 * math.sin(2 * turn)


def face(number: int) -> tuple[float, ...]:
    """Return left, top, right and bottom of the face in a frame."""
    left, top = place(number)
    return tuple(SCALE * side + (left, top)[at % 2] for at, side in enumerate(FACE))


def picture(number: int) -> np.ndarray:
    """Return a frame, RGB uint8 [480, 640, 3]; the bars are in its last rows.

    Each bit of the number is a bar, and beside it one of the opposite brightness: a reader knows when it has
    read none.
    """
    left, top = place(number % COUNT)
    matrix = np.array([[SCALE, 0, left], [0, SCALE, top]])
    frame = cv2.warpAffine(data.astronaut(), matrix, (WIDTH, HEIGHT), borderValue=(96, 104, 112))
    for bit in range(BITS):
        lit = bool(number >> bit & 1)
        for half, bright in enumerate((lit, not lit)):
            at = CELL + (2 * bit + half) * CELL
            frame[HEIGHT - CELL :, at : at + CELL] = 235 if bright else 16
    return frame


def write(path: Path) -> None:
    """Write the film as Y4M, which Chromium takes for a camera: 59 MB."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(COUNT):
            planes = cv2.cvtColor(picture(number), cv2.COLOR_RGB2YUV_I420)
            file.write(b"FRAME\n" + planes.tobytes())
