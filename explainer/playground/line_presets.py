"""One-dimensional convolutions worth looking at."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from explainer.playground.signal import Line
from explainer.wording import later


@dataclass(frozen=True)
class Preset:
    """A line with a name."""

    key: str
    title: str
    note: str
    """What to look for."""
    line: Line
    view: str
    """What is best shown below it: ``"pattern"``, ``"plot"`` or ``"matrix"``."""


def _bits(text: str) -> tuple[float, ...]:
    return tuple(map(float, text))


def _hills(count: int = 40) -> tuple[float, ...]:
    """Two slow waves under noise that is always the same."""
    noise = random.Random(7)
    waves = (3 * math.sin(i / 4.2) + 1.2 * math.sin(i / 9 + 1) for i in range(count))
    return tuple(round(value + noise.uniform(-1.4, 1.4), 1) for value in waves)


def _hidden(pattern: tuple[float, ...], places: tuple[int, ...], count: int = 36) -> tuple[float, ...]:
    """Noise in which a pattern stands at some places, louder each time."""
    noise = random.Random(3)
    found = [round(noise.uniform(-0.9, 0.9), 1) for _ in range(count)]
    for loud, place in enumerate(places, 1):
        for i, value in enumerate(pattern):
            found[place + i] = round(found[place + i] * 0.3 + value * (0.6 + 0.7 * loud), 1)
    return tuple(value + 0.0 for value in found)  # no -0


FIRST = Line(_bits("0101001110"), _bits("101"))
_BARKER = (1.0, 1.0, 1.0, -1.0, -1.0, 1.0, -1.0)
"""Moved by any number of places it is hardly like itself: Barker's code of length 7 (1953)."""

PRESETS = (
    Preset(
        "101",
        later("Pattern 1 0 1"),
        later(
            "The kernel looks for itself: where do the data read 1 0 1? And why does 1 1 1 answer 2 as well?"
        ),
        FIRST,
        "pattern",
    ),
    Preset(
        "101-other",
        later("Same kernel, other data"),
        later(
            "A 2 in the data counts twice, also where the pattern is not there: a sum does not know why "
            "it is large."
        ),
        Line(_bits("0121001110"), _bits("101")),
        "pattern",
    ),
    Preset(
        "121",
        later("Kernel 1 2 1"),
        later("The largest answer lies where data and kernel have the same shape: 1 2 1 on 1 2 1 gives 6."),
        Line(_bits("0121001110"), _bits("121")),
        "pattern",
    ),
    Preset(
        "edge",
        later("Edge detector"),
        later(
            "Right neighbour minus left neighbour: zero on level ground, up on the way up, down on the "
            "way down."
        ),
        Line(_bits("00005555522223456788888"), (-1.0, 0.0, 1.0), padding=1, mode="replicate"),
        "plot",
    ),
    Preset(
        "average",
        later("Moving average"),
        later("Each answer is the mean of five neighbours: what jitters cancels out, what is slow stays."),
        Line(_hills(), (0.2,) * 5, padding=2, mode="replicate"),
        "plot",
    ),
    Preset(
        "curve",
        later("Second difference"),
        later("1 −2 1 is zero on every straight slope and answers only where the slope changes."),
        Line(_bits("0000123456666543210000"), (1.0, -2.0, 1.0), padding=1, mode="replicate"),
        "plot",
    ),
    Preset(
        "hidden",
        later("Pattern in noise"),
        later(
            "The kernel is the shape that was hidden three times, louder each time. Likeness finds all "
            "three alike."
        ),
        Line(_hidden(_BARKER, (3, 14, 26)), _BARKER),
        "pattern",
    ),
    Preset(
        "impulse",
        later("Flip: a single 1"),
        later(
            "A single 1 shows the kernel itself, backwards. Switch to convolution, and it comes out the "
            "right way round."
        ),
        Line(_bits("000010000"), _bits("123")),
        "matrix",
    ),
    Preset(
        "halve",
        later("Stride 2"),
        later(
            "Every second place is skipped, so the output is half as long; the weights stand two columns "
            "further each row."
        ),
        Line(_bits("1335577442211366"), (0.5, 0.5), stride=2),
        "matrix",
    ),
    Preset(
        "holes",
        later("Dilation 3"),
        later(
            "Three weights reach over seven cells; what lies in the holes is never looked at by that window."
        ),
        Line(_bits("0012345432100123"), _bits("111"), padding=3, dilation=3),
        "matrix",
    ),
)
