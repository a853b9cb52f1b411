"""A one-dimensional convolution in a link: what stands in it may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from explainer.errors import ReaderError
from explainer.playground.exercises import read_numbers
from explainer.playground.line_presets import FIRST
from explainer.playground.signal import LARGEST, MODES, MOST_DATA, MOST_KERNEL, MOST_STEP, Line

NAMES = tuple(field.name for field in fields(Line))
"""The parameters, named like the fields; what is as in the first preset does not stand in the link."""
_LOWEST = {"stride": 1, "padding": 0, "dilation": 1}


def read_line(link: Mapping[str, object]) -> Line:
    """Return the line that a link asks for; what makes no sense is as in the first preset.

    Args:
        link: texts (or numbers) by name; ``data`` and ``kernel`` are numbers with spaces between.
    """
    steps = {name: _step(link.get(name), low, getattr(FIRST, name)) for name, low in _LOWEST.items()}
    mode = str(link.get("mode", ""))
    return Line(
        data=_numbers(link.get("data"), MOST_DATA) or FIRST.data,
        kernel=_numbers(link.get("kernel"), MOST_KERNEL) or FIRST.kernel,
        **steps,
        mode=mode if mode in MODES else FIRST.mode,
        flip=str(link.get("flip", "")) == "1",
    )


def write_line(line: Line) -> dict[str, str]:
    """Return the parameters of a link to ``line``; ``read_line`` gives the same line again."""
    return {name: _text(getattr(line, name)) for name in NAMES if getattr(line, name) != getattr(FIRST, name)}


def spaced(values: tuple[float, ...]) -> str:
    """Return numbers as they are typed: ``0 1 0.5 -2``."""
    return " ".join(f"{value:.6g}" for value in values)


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return spaced(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _numbers(text: object, most: int) -> tuple[float, ...]:
    if not isinstance(text, str) or len(text) > 16 * most:
        return ()
    try:
        # Six digits are what a link keeps; more would make another line of the same link.
        found = tuple(float(f"{value:.6g}") + 0.0 for value in read_numbers(text))
    except ReaderError:
        return ()
    return found if len(found) <= most and all(abs(value) <= LARGEST for value in found) else ()


def _step(text: object, low: int, usual: int) -> int:
    digits = str(text)
    value = int(digits) if digits.isdecimal() and len(digits) < 4 else usual
    return value if low <= value <= MOST_STEP else usual
