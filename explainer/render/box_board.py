"""What the board of boxes is sent: situations, what stands in the link, and PyTorch's word on it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torchvision import ops

from explainer.detection.boxes import soft_nms
from explainer.wording import later

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from explainer.detection import Detections

Method = Literal["nms", "linear", "gaussian"]
METHODS: tuple[Method, ...] = ("nms", "linear", "gaussian")
BOARD = (480, 320)
"""Width and height of the board without a photo, for which the situations are drawn."""
MOST = 60
"""Boxes on the board."""
CANDIDATES = 40
"""Boxes of a detector that are shown, the surest."""
LARGEST = 640
"""Longer side of a photo on the board, in pixels."""
DETECTOR = "detector"
"""Key of the situation that a detector makes."""


@dataclass(frozen=True)
class Placed:
    """A box on the board."""

    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels of the board."""
    score: float
    """0 to 1, in thousandths."""
    label: int


@dataclass(frozen=True)
class Setting:
    """How boxes are suppressed."""

    method: Method = "nms"
    iou: float = 0.5
    """Threshold of NMS and of the linear decay."""
    sigma: float = 0.5
    """Width of the Gaussian decay."""
    least: float = 0.3
    """Score below which soft-NMS drops a box."""
    aware: bool = True
    """Whether only boxes of one class suppress each other."""


@dataclass(frozen=True)
class Situation:
    """Boxes to begin with."""

    key: str
    title: str
    """In English; the key of its translation."""
    boxes: tuple[Placed, ...]
    look: Literal["measure", "nms"] = "measure"
    things: tuple[tuple[str, tuple[int, int, int, int]], ...] = ()
    """Outlines on the paper: "person" or "bicycle", and where."""

    def on(self, width: int, height: int) -> Situation:
        """Return the situation on a board of another size: scaled, in the middle."""
        scale = min(width / BOARD[0], height / BOARD[1])
        shift = ((width - BOARD[0] * scale) / 2, (height - BOARD[1] * scale) / 2)

        def fit(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
            left, top, right, bottom = (round(one * scale + shift[i % 2]) for i, one in enumerate(box))
            return left, top, right, bottom

        boxes = tuple(Placed(fit(one.box), one.score, one.label) for one in self.boxes)
        return Situation(self.key, self.title, boxes, self.look, self.things)


def _two(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[Placed, ...]:
    return Placed(a, 0.9, 0), Placed(b, 0.8, 0)


SITUATIONS = (
    Situation("half", later("Half of each"), _two((130, 50, 290, 210), (162, 110, 322, 270))),
    Situation("nested", later("One in the other"), _two((100, 50, 380, 270), (130, 130, 260, 240))),
    Situation("apart", later("Apart"), _two((60, 50, 200, 150), (290, 170, 410, 280))),
    Situation(
        "crowd",
        later("A crowd"),
        (
            Placed((100, 32, 200, 300), 0.94, 0),
            Placed((128, 36, 230, 304), 0.88, 0),
            Placed((104, 44, 210, 306), 0.81, 0),
            Placed((132, 44, 226, 306), 0.74, 0),
            Placed((84, 20, 182, 284), 0.66, 0),
            Placed((92, 60, 176, 250), 0.45, 0),
            Placed((124, 28, 218, 298), 0.57, 0),
            Placed((220, 160, 440, 306), 0.91, 1),
            Placed((236, 150, 448, 296), 0.72, 1),
            Placed((206, 176, 400, 310), 0.49, 1),
            Placed((170, 120, 400, 308), 0.33, 1),
        ),
        "nms",
        (
            ("bicycle", (222, 162, 438, 304)),
            ("person", (102, 32, 200, 302)),
            ("person", (130, 36, 230, 304)),
        ),
    ),
)
"""All but the one that a detector makes."""
CLASSES = (later("person"), later("bicycle"))
"""In English: of boxes that no detector has made."""


def read_boxes(text: str, width: int, height: int) -> tuple[Placed, ...] | None:
    """Return the boxes that a text of the link names, kept inside of the board; ``None`` where it is none.

    The text is ``left.top.right.bottom.score.class`` in whole numbers, the score in thousandths, and ``_``
    between boxes; ``none`` for an empty board.
    """
    if text == "none":
        return ()
    found = []
    for part in text.split("_"):
        numbers = part.split(".")
        if len(numbers) != 6 or not all(
            one.isascii() and one.isdecimal() and len(one) < 6 for one in numbers
        ):
            return None
        left, top, right, bottom, score, label = map(int, numbers)
        right, bottom = min(right, width), min(bottom, height)
        if left >= right or top >= bottom or score > 1000 or label > 99:
            return None
        found.append(Placed((left, top, right, bottom), score / 1000, label))
    return tuple(found) if len(found) <= MOST else None


def write_boxes(boxes: Sequence[Placed]) -> str:
    """Return boxes as the text of a link."""
    return "_".join(
        ".".join(str(one) for one in (*placed.box, round(placed.score * 1000), placed.label))
        for placed in boxes
    )


def from_detections(
    found: Detections, classes: Sequence[str], width: int, height: int
) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    """Return the surest boxes of a detector and the names of the classes that occur among them."""
    placed: list[Placed] = []
    names: list[str] = []
    rows = zip(found.boxes.tolist(), found.scores.tolist(), found.labels.tolist(), strict=True)
    for corners, score, label in rows:
        limits = (width, height, width, height)
        left, top, right, bottom = (
            max(0, min(round(one), most)) for one, most in zip(corners, limits, strict=True)
        )
        if right <= left or bottom <= top:
            continue
        if classes[label] not in names:
            names.append(classes[label])
        score = min(1.0, round(score, 3))
        placed.append(Placed((left, top, right, bottom), score, names.index(classes[label])))
        if len(placed) == CANDIDATES:
            break
    return tuple(placed), tuple(names)


def tensors(boxes: Sequence[Placed]) -> tuple[Tensor, Tensor, Tensor]:
    """Return boxes [n, 4], scores [n], labels [n]."""
    corners = torch.tensor([one.box for one in boxes], dtype=torch.float).reshape(-1, 4)
    scores = torch.tensor([one.score for one in boxes], dtype=torch.float)
    return corners, scores, torch.tensor([one.label for one in boxes], dtype=torch.long)


def check(boxes: Sequence[Placed], setting: Setting) -> dict[str, Any]:
    """Return what PyTorch keeps, in order and with which scores, and the state it says that of.

    NMS is torchvision's own; soft-NMS, which it lacks, ``explainer.detection.boxes``.
    """
    corners, scores, labels = tensors(boxes)
    if setting.method == "nms":
        kept = (
            ops.batched_nms(corners, scores, labels, setting.iou)
            if setting.aware
            else ops.nms(corners, scores, setting.iou)
        ).tolist()
        # Of equal scores batched_nms promises no order; the board keeps that of the boxes.
        kept.sort(key=lambda i: (-boxes[i].score, i))
        final = [boxes[i].score for i in kept]
    else:
        exact = torch.tensor([one.score for one in boxes], dtype=torch.double)
        rivals = labels if setting.aware else None
        more = {"iou": setting.iou, "sigma": setting.sigma, "least": setting.least}
        found = soft_nms(corners.double(), exact, setting.method, **more, labels=rivals)
        kept = [one.keeper for one in found]
        final = [float(one.before[one.keeper]) for one in found]
    numbers = (setting.iou, setting.sigma, setting.least)
    state = [write_boxes(boxes), setting.method, *(f"{one:.2f}" for one in numbers), str(int(setting.aware))]
    return {"state": "|".join(state), "kept": kept, "scores": final}


def photo_file(image: Image.Image) -> tuple[Image.Image, Any]:
    """Return a photo as it lies on the board, at most ``LARGEST`` pixels long, and its JPEG file [bytes]."""
    small = image.convert("RGB")
    small.thumbnail((LARGEST, LARGEST))
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=90)
    return small, np.frombuffer(stream.getvalue(), np.uint8)


def frame(
    boxes: Sequence[Placed],
    setting: Setting,
    *,
    key: str,
    size: tuple[int, int],
    photo: Any,
    identity: str,
    situations: Sequence[tuple[Situation, str]],
    classes: Sequence[str],
    pair: tuple[int, int],
    look: str,
    metric: str,
    step: int,
    serial: float,
) -> dict[str, Any]:
    """Return the board's frame without its texts.

    Args:
        boxes: all of them.
        setting: how they are suppressed.
        key: of the situation they come from.
        size: width and height of the board.
        photo: what lies under them, from ``photo_file``; ``None`` for paper.
        identity: of the board: another one begins anew.
        situations: those offered and their titles, translated.
        classes: names of the labels, translated.
        pair: numbers of the two boxes that are measured.
        look: ``"measure"`` or ``"nms"``.
        metric: ``"iou"``, ``"giou"`` or ``"diou"``: what is drawn on the board.
        step: rounds that are over.
        serial: of the reader's last change that is in it.
    """
    return {
        "identity": identity,
        "serial": serial,
        "width": size[0],
        "height": size[1],
        "photo": photo,
        "boxes": write_boxes(boxes),
        "key": key,
        "situations": [
            {
                "key": one.key,
                "title": title,
                "boxes": write_boxes(one.boxes),
                "look": one.look,
                "things": [] if photo is not None else [{"kind": k, "box": list(b)} for k, b in one.things],
            }
            for one, title in situations
        ],
        "classes": list(classes),
        "setting": {name: getattr(setting, name) for name in ("method", "iou", "sigma", "least", "aware")},
        "pair": list(pair),
        "look": look,
        "metric": metric,
        "step": step,
        "check": check(boxes, setting),
    }
