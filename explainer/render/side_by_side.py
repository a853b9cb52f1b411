"""Two detectors on one photo: their boxes drawn with the same numbers, and the code behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from explainer.render.box_board import photo_file

if TYPE_CHECKING:
    from explainer.detection.agreement import Agreement
    from explainer.detection.detections import Detections, Picture

BOTH, OTHER_NAME, ALONE = "#2fd27d", "#39a0ff", "#ffb020"
"""Colours of boxes that both found, that both found under different names, that only one found."""


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


def frame(
    picture: Picture, answer: Detections, marks: Sequence[Marked], names: Sequence[str], label: str
) -> dict[str, Any]:
    """Return the photo with numbered boxes on it, as the component ``pair_photo`` takes it.

    Args:
        picture: uint8 [H, W, 3].
        answer: what a detector found on it.
        marks: number and colour of each box.
        names: of the classes, as they are to be read.
        label: what the photo is called by a screen reader.
    """
    image, file = photo_file(Image.fromarray(picture))
    factor = image.width / picture.shape[1]
    boxes = [
        {
            "number": mark.number,
            "box": [round(float(one) * factor, 2) for one in answer.boxes[mark.place]],
            "colour": mark.colour,
            "said": f"{names[int(answer.labels[mark.place])]} {float(answer.scores[mark.place]):.1%}",
        }
        for mark in marks
    ]
    boxes.sort(key=_area, reverse=True)  # small ones lie on top, where they can be pointed at
    return {"width": image.width, "height": image.height, "photo": file, "boxes": boxes, "label": label}


def _area(mark: dict[str, Any]) -> float:
    left, top, right, bottom = mark["box"]
    return float((right - left) * (bottom - top))


def side_by_side_code(
    first: str,
    second: str,
    image: str,
    imports: Sequence[str],
    *,
    score: float,
    iou: float,
) -> str:
    """Return a script that runs both detectors, times them and pairs their boxes.

    It runs in a fresh interpreter in the project's folder.

    Args:
        first: an expression that opens a detector, as ``opener`` gives it.
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
        f"for detector in [{first}, {second}]:",
        "    seconds = []",
        "    for _ in range(6):",
        "        begun = time.perf_counter()",
        f"        (answer,) = detector.detect([photo], score={score:g}, iou={iou:g})",
        "        seconds.append(time.perf_counter() - begun)",
        '    print(f"{detector.key}: {len(answer)} boxes, {1000 * np.median(seconds[1:]):.1f} ms")',
        "    for box, label, sure in zip(answer.boxes, answer.labels, answer.scores):",
        '        print(f"  {detector.classes[label]} {sure:.3f}", box.round().int().tolist())',
        "    answers.append(answer)",
        'print("IoU of every box of one with every box of the other:")',
        "print(box_iou(answers[0].boxes, answers[1].boxes))",
        "",
    ]
    return "\n".join(lines)
