"""Two detectors on one photo: their boxes drawn with the same numbers, and the code behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from explainer.detection.agreement import Agreement
    from explainer.detection.detections import Detections, Picture

BOTH, OTHER_NAME, ALONE = "#2fd27d", "#39a0ff", "#ffb020"
"""Colours of boxes that both found, that both found under different names, that only one found."""
_SIDE = 900
"""Pixels of the longer side of what is drawn: boxes stay thin and sharp on small photos."""


@dataclass(frozen=True)
class Marked:
    """One box as it is drawn and listed."""

    number: int
    """The same in both pictures for a box that both found."""
    place: int
    """In its detector's answer."""
    colour: str


def numbered(found: Agreement) -> tuple[tuple[Marked, ...], tuple[Marked, ...]]:
    """Return the boxes of both answers with numbers: those that both found, then those of the first alone."""
    first, second = [], []
    for number, pair in enumerate(found.pairs, 1):
        colour = BOTH if pair.same else OTHER_NAME
        first.append(Marked(number, pair.first, colour))
        second.append(Marked(number, pair.second, colour))
    start = len(found.pairs) + 1
    first += [Marked(number, place, ALONE) for number, place in enumerate(found.only_first, start)]
    start += len(found.only_first)
    second += [Marked(number, place, ALONE) for number, place in enumerate(found.only_second, start)]
    return tuple(first), tuple(second)


def drawn(picture: Picture, answer: Detections, marks: Sequence[Marked]) -> Image.Image:
    """Return the photo with numbered boxes on it."""
    height, width, _ = picture.shape
    factor = _SIDE / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    image = Image.fromarray(np.ascontiguousarray(picture)).resize(size, Image.Resampling.BICUBIC)
    canvas = ImageDraw.Draw(image)
    font = ImageFont.load_default(22)
    for mark in reversed(marks):  # the first on top
        left, top, right, bottom = (float(one) * factor for one in answer.boxes[mark.place])
        canvas.rectangle((left - 2, top - 2, right + 2, bottom + 2), outline="#101418", width=7)
        canvas.rectangle((left, top, right, bottom), outline=mark.colour, width=4)
        text = str(mark.number)
        wide = canvas.textlength(text, font=font) + 14
        x = min(max(0.0, left), size[0] - wide)
        y = min(max(0.0, top), size[1] - 30)
        canvas.rectangle((x, y, x + wide, y + 30), fill=mark.colour)
        canvas.text((x + 7, y + 2), text, fill="#06131f", font=font)
    return image


def side_by_side_code(
    first: tuple[str, str],
    second: tuple[str, str],
    image: str,
    imports: Sequence[str],
    *,
    score: float,
    iou: float,
) -> str:
    """Return a script that runs both detectors, times them and pairs their boxes.

    It runs in a fresh interpreter in the project's folder.

    Args:
        first: key and weights of a detector.
        second: likewise.
        image: an expression that gives the photo as a PIL image.
        imports: lines that it needs.
        score: least score.
        iou: threshold of the suppression.
    """
    lines = [
        *dict.fromkeys(
            (
                *imports,
                "import time",
                "import numpy as np",
                "import torch",
                "from torchvision.ops import box_iou",
                "from explainer.detection import load_detector",
            )
        ),
        "",
        "torch.set_num_threads(1)",
        f'photo = np.array({image}.convert("RGB"))',
        "answers = []",
        f"for key, weights in [{first!r}, {second!r}]:",
        "    detector = load_detector(key, weights)",
        "    seconds = []",
        "    for _ in range(6):",
        "        begun = time.perf_counter()",
        f"        (answer,) = detector.detect([photo], score={score:g}, iou={iou:g})",
        "        seconds.append(time.perf_counter() - begun)",
        '    print(f"{key}: {len(answer)} boxes, {1000 * np.median(seconds[1:]):.1f} ms")',
        "    for box, label, sure in zip(answer.boxes, answer.labels, answer.scores):",
        '        print(f"  {detector.classes[label]} {sure:.3f}", box.round().int().tolist())',
        "    answers.append(answer)",
        'print("IoU of every box of one with every box of the other:")',
        "print(box_iou(answers[0].boxes, answers[1].boxes))",
        "",
    ]
    return "\n".join(lines)
