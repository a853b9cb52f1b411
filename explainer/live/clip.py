"""A short film to try things on without a file of one's own: the camera goes over a photograph."""

from __future__ import annotations

import io
import math
from functools import cache

import cv2
import numpy as np

from explainer.detection.detections import Picture
from explainer.live.encoding import Mp4Writer
from explainer.samples import sample

SECONDS, RATE = 4.0, 15
WIDTH, HEIGHT = 640, 480
_PHOTO = "astronaut"
"""Eileen Collins, by NASA: 512 × 512 pixels, public domain."""


@cache
def sample_clip() -> bytes:
    """Return the film as an MP4: it begins wide, comes near to the face and goes back."""
    photo = np.asarray(sample(_PHOTO).load())
    count = round(SECONDS * RATE)
    file = io.BytesIO()
    with Mp4Writer(file, (WIDTH, HEIGHT), RATE) as writer:
        for number in range(count):
            writer.write(_view(photo, number / count), number / RATE, 1 / RATE)
    return file.getvalue()


def _view(photo: Picture, share: float) -> Picture:
    """Return what the camera sees after a share of the time; it ends where it began."""
    side = min(photo.shape[:2])
    near = (1 - math.cos(2 * math.pi * share)) / 2
    width = side * (1 - 0.45 * near)
    height = width * HEIGHT / WIDTH
    left = (side - width) * (0.35 + 0.2 * math.sin(2 * math.pi * share))
    top = (side - height) * 0.12
    scale = WIDTH / width
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    seen = cv2.warpAffine(photo, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.uint8)
