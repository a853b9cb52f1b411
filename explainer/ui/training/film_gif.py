"""A film of a run as a GIF: the picture with Grad-CAM, answers, filters and feature maps by epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explainer.live.drawing import Colour, coloured, cover, fade, heat_layers, write
from explainer.live.gif import encoded_gif

WIDTH, HEIGHT = 720, 404
_GROUND: Colour = (14, 17, 23)
_INK: Colour = (236, 239, 244)
_QUIET: Colour = (150, 158, 170)
_OWN: Colour = (86, 160, 220)
_PHOTO = 176
_PAD = 20
_MOST = 24
"""Feature maps in the film."""
_REST = 1500
"""Milliseconds for which the last epoch stands."""


def film_gif(
    film: Mapping[str, Any],
    classes: Sequence[str],
    name: str,
    *,
    rate: float,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> bytes:
    """Return an animation that repeats.

    Colours are fixed over all epochs. Letters that the font has not (it is Latin) are left out.

    Args:
        film: ``explainer.render.film.reel``, packed and unpacked.
        classes: their names, in English.
        name: of the run.
        rate: epochs a second.
        progress: told how many epochs are drawn, of how many.
    """
    count = len(film["epochs"])
    frames = []
    for at in range(count):
        progress(at, count)
        frames.append(Image.fromarray(_frame(film, at, classes, name)))
    return encoded_gif(frames, [round(1000 / rate)] * (count - 1) + [_REST], dither=False)


def _frame(film: Mapping[str, Any], at: int, classes: Sequence[str], name: str) -> np.ndarray:
    canvas = np.full((HEIGHT, WIDTH, 3), _GROUND, np.uint8)
    epochs = film["epochs"]
    write(canvas, f"epoch {epochs[at]} / {epochs[-1]}", _PAD, 14, 20, _INK, 650)
    write(canvas, _latin(name), _PAD + 190, 18, 14, _QUIET)
    _progress_line(canvas, at, len(epochs))
    top = 62
    _photo(canvas, film, at, _PAD, top)
    _answers(canvas, film, at, classes, _PAD, top + _PHOTO + 14)
    left = _PAD + _PHOTO + 110
    y = _filters(canvas, film, at, left, top)
    _maps(canvas, film, at, left, y + 30)
    return canvas


def _progress_line(canvas: np.ndarray, at: int, count: int) -> None:
    right = WIDTH - _PAD
    cv2.line(canvas, (_PAD, 46), (right, 46), (48, 54, 64), 2)
    cv2.line(canvas, (_PAD, 46), (_PAD + (right - _PAD) * at // max(1, count - 1), 46), _OWN, 2)


def _values(part: Mapping[str, Any], at: int, count: int, group: int) -> tuple[NDArray[np.float32], float]:
    """Return the values of one group at an epoch, flat, and the magnitude with the full colour."""
    scale = part["scale"].reshape(count, -1)
    pixels = part["pixels"].reshape(*scale.shape, -1)
    values = (pixels[at, group].astype(np.float32) - 128) / 127 * scale[at, group]
    return values, float(scale[:, group].max())


def _photo(canvas: np.ndarray, film: Mapping[str, Any], at: int, x: int, y: int) -> None:
    photo = film["photo"]
    pixels = photo["pixels"].reshape(photo["height"], photo["width"], 3)
    shown = cv2.resize(pixels, (_PHOTO, _PHOTO), interpolation=cv2.INTER_CUBIC)
    fade(shown, 0.9)
    values, peak = _values(film["heat"], at, len(film["epochs"]), 0)
    if peak > 0:
        cover(
            shown,
            *heat_layers(np.float32(1 / peak) * values.reshape(film["heat"]["size"]), (_PHOTO, _PHOTO), 0.75),
        )
    canvas[y : y + _PHOTO, x : x + _PHOTO] = shown


def _answers(
    canvas: np.ndarray, film: Mapping[str, Any], at: int, classes: Sequence[str], x: int, y: int
) -> None:
    shown = film["answers"]["classes"]
    every = film["answers"]["values"].reshape(-1, len(shown))
    # The rows stay where they are: the likeliest of the last epoch, and the true class.
    rows = sorted(range(len(shown)), key=lambda i: (shown[i] != film["label"], -every[-1, i]))[:6]
    for place, row in enumerate(rows):
        top = y + 22 * place
        ink = _INK if shown[row] == film["label"] else _QUIET
        write(canvas, _latin(classes[shown[row]])[:12], x, top, 13, ink)
        left, whole = x + 90, _PHOTO - 90 + 40
        cv2.rectangle(canvas, (left, top + 4), (left + whole, top + 14), (36, 41, 50), cv2.FILLED)
        length = round(whole * float(every[at, row]))
        colour = _OWN if shown[row] == film["label"] else _QUIET
        cv2.rectangle(canvas, (left, top + 4), (left + length, top + 14), colour, cv2.FILLED)
        write(canvas, f"{every[at, row]:.0%}", left + whole + 8, top, 13, ink)


def _filters(canvas: np.ndarray, film: Mapping[str, Any], at: int, x: int, y: int) -> int:
    """Draw the filters of the first convolution; return where they end."""
    part = film["first"]
    filters, inputs, height, width = part["size"]
    side, gap = 30, 4
    across = (WIDTH - _PAD - x + gap) // (side + gap)
    for number in range(min(filters, 2 * across)):
        values, peak = _values(part, at, len(film["epochs"]), number)
        planes = values.reshape(inputs, height, width)
        if inputs == 3:
            tile = (128 + 127 * planes / (peak or 1)).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
        else:
            tile = coloured(planes[0], "signed", peak)
        left, top = x + number % across * (side + gap), y + number // across * (side + gap)
        canvas[top : top + side, left : left + side] = cv2.resize(
            np.ascontiguousarray(tile), (side, side), interpolation=cv2.INTER_NEAREST
        )
    rows = -(-min(filters, 2 * across) // across)
    return y + rows * (side + gap)


def _maps(canvas: np.ndarray, film: Mapping[str, Any], at: int, x: int, y: int) -> None:
    part = film["maps"]
    count, height, width = part["size"]
    write(canvas, _latin(part["name"]), x, y - 22, 13, _QUIET)
    room, tall, gap = WIDTH - _PAD - x, HEIGHT - 14 - y, 4
    shown = min(count, _MOST)
    side = max(
        one
        for one in range(8, 97)
        if (room + gap) // (one + gap) * ((tall + gap) // (one + gap)) >= shown or one == 8
    )
    fitting = max(1, (room + gap) // (side + gap))
    across = -(-shown // -(-shown // fitting))  # rows alike
    for number in range(shown):
        values, peak = _values(part, at, len(film["epochs"]), number)
        tile = cv2.resize(
            coloured(values.reshape(height, width), "signed", peak),
            (side, side),
            interpolation=cv2.INTER_AREA if width > side else cv2.INTER_NEAREST,
        )
        left, top = x + number % across * (side + gap), y + number // across * (side + gap)
        canvas[top : top + side, left : left + side] = tile


def _latin(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isprintable())
