"""Boxes, words, bars and heat on frames: quick, and legible on any background.

Frames are uint8 [H, W, 3], RGB. Sizes follow the frame's, so that a small and a large one look alike.
"""

from __future__ import annotations

import threading
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from explainer.detection.detections import Picture

Colour = tuple[int, int, int]
"""Red, green, blue."""

COLOURS: tuple[Colour, ...] = (
    (86, 180, 233),
    (230, 159, 0),
    (204, 121, 167),
    (0, 158, 115),
    (240, 228, 66),
    (213, 94, 0),
    (0, 114, 178),
)
"""One for each class; colour-blind readers tell them apart, too (Okabe and Ito, 2008, "Color universal
design")."""
LIGHT: Colour = (255, 255, 255)
DARK: Colour = (18, 22, 27)
_ANCHORS = {
    "signed": "#ffc2b0 #f0806a #b33a3d #5c2530 #1d222b #1f4064 #2c73b0 #68aee0 #c4e4fa",
    "magnitude": "#1d222b #6b3119 #c2622b #f4a961 #fff0d0",
}
"""The app's maps on a dark ground, from the most negative value or from nothing: values and their colours are
the same in a video as on every page."""
_lock = threading.Lock()


def colour_of(label: int) -> Colour:
    """Return the colour of a class."""
    return COLOURS[label % len(COLOURS)]


def text_size(height: int) -> int:
    """Return the size of words on a frame of this height, in pixels."""
    return max(12, round(height / 27))


@lru_cache(512)
def written(text: str, size: int, weight: int = 500) -> NDArray[np.uint8]:
    """Return words as a mask, uint8 [h, w], 255 where there is ink; do not write to it.

    The letters are those that OpenCV brings along, so that they are the same on every machine.
    """
    with _lock:  # a font keeps what it draws with
        font = _font()
        box = cv2.getTextSize((0, 0), text, (0, 0), font, size, weight)
        width, height = max(1, box[0] + box[2]), round(1.25 * size)
        mask = np.zeros((height, width + 1, 3), np.uint8)
        cv2.putText(mask, text, (0, round(0.95 * size)), LIGHT, font, size, weight)
    return np.ascontiguousarray(mask[..., 0])


@lru_cache(1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")


def write(frame: Picture, text: str, left: int, top: int, size: int, ink: Colour, weight: int = 500) -> int:
    """Write words into a frame and return how wide they are; what lies outside is cut off."""
    mask = written(text, size, weight)
    y, x = max(0, top), max(0, left)
    part = frame[y : top + mask.shape[0], x : left + mask.shape[1]]
    if part.size:
        shown = mask[y - top :, x - left :][: part.shape[0], : part.shape[1], None].astype(np.uint16)
        part[:] = (part * (255 - shown) + np.array(ink, np.uint16) * shown + 127) // 255
    return mask.shape[1]


def chip(frame: Picture, text: str, left: int, top: int, size: int, colour: Colour) -> tuple[int, int]:
    """Write words on a ground of a colour, moved to lie within the frame; return width and height."""
    pad = max(2, size // 4)
    mask = written(text, size)
    width, height = mask.shape[1] + 2 * pad, mask.shape[0] + pad
    left = max(0, min(left, frame.shape[1] - width))
    top = max(0, min(top, frame.shape[0] - height))
    cv2.rectangle(frame, (left, top), (left + width - 1, top + height - 1), colour, cv2.FILLED)
    write(frame, text, left + pad, top + pad // 2, size, ink_on(colour))
    return width, height


def ink_on(colour: Colour) -> Colour:
    """Return dark or light, whichever can be read on a colour (WCAG 2.2, relative luminance)."""
    linear = [(c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4) for c in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return DARK if luminance > 0.179 else LIGHT


def outline(frame: Picture, box: tuple[int, int, int, int], colour: Colour, width: int) -> None:
    """Draw a box, left, top, right, bottom: a line of its colour with a dark seam on both sides."""
    left, top, right, bottom = box
    cv2.rectangle(frame, (left, top), (right, bottom), DARK, width + 2)
    cv2.rectangle(frame, (left, top), (right, bottom), colour, width)


def shade(frame: Picture, box: tuple[int, int, int, int], keep: float) -> None:
    """Darken a part of a frame, left, top, right, bottom, to a share of its light."""
    left, top, right, bottom = box
    part = frame[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if part.size:
        part[:] = cv2.convertScaleAbs(part, alpha=keep)


@lru_cache(4)
def colour_table(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours of a map, uint8 [256, 3]: ``"magnitude"``, or ``"signed"`` with zero at 128."""
    anchors = np.array([[int(hex[i : i + 2], 16) for i in (1, 3, 5)] for hex in _ANCHORS[name].split()])
    steps = np.clip(np.arange(256) - 1, 0, 254) / 254 * (len(anchors) - 1)
    table = np.stack([np.interp(steps, np.arange(len(anchors)), channel) for channel in anchors.T], 1)
    return np.round(table).astype(np.uint8)


def coloured(values: NDArray[np.float32], name: str, peak: float) -> Picture:
    """Return values as colours, uint8 [h, w, 3]; ``peak`` is the magnitude with the last colour."""
    zero, gain = (128.0, 127.0) if name == "signed" else (1.0, 254.0)
    steps = np.clip(zero + values * (gain / peak if peak > 0 else 0.0), 1, 255)
    return colour_table(name)[np.round(steps).astype(np.uint8)]


def heat_layers(
    values: NDArray[np.float32], size: tuple[int, int], opacity: float
) -> tuple[Picture, Picture]:
    """Return what a heat map adds to a photo and the share of the photo that stays, both uint8 [h, w, 3].

    Strong values cover it, weak ones leave it, by the same rule as on the other pages.

    Args:
        values: [h', w'], 0 to 1.
        size: width and height to return.
        opacity: 0 to 1.
    """
    large = cv2.resize(values, size, interpolation=cv2.INTER_LINEAR)
    steps = np.round(np.clip(1 + 254 * large, 1, 255)).astype(np.uint8)
    strength = np.clip(np.arange(256) - 1, 0, 254) / 254
    alpha = opacity ** (1 / (0.12 + 1.6 * strength)) if opacity > 0 else np.zeros(256)
    adds = np.round(colour_table("magnitude") * alpha[:, None]).astype(np.uint8)
    keeps = np.repeat(np.round(255 * (1 - alpha)).astype(np.uint8)[:, None], 3, 1)
    return adds[steps], keeps[steps]


def fade(frame: Picture, keep: float = 0.7) -> None:
    """Take the colours out of a frame and some of its light, in place: what is laid over it stands out."""
    grey = cv2.convertScaleAbs(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), alpha=keep)
    frame[:] = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def cover(frame: Picture, adds: Picture, keeps: Picture) -> None:
    """Lay what ``heat_layers`` returned over a frame of the same size, in place."""
    frame[:] = cv2.add(cv2.multiply(frame, keeps, scale=1 / 255), adds)
