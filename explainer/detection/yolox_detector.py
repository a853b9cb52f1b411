"""YOLOX from a photograph to boxes on it, in one go or with everything in between."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torchvision.ops import nms

from explainer.detection.boxes import Round, nms_rounds
from explainer.detection.detections import Detections, Picture
from explainer.detection.fast import Engine, Run, faster
from explainer.detection.yolox import YOLOX, cells, decode
from explainer.errors import ReaderError

FILL = 114
"""Grey of the canvas where the picture does not reach; the published weights were trained with it."""
_SLACK = 1e-3
"""Of logits: rounding must not lose a cell before its score is worked out."""


@dataclass(frozen=True, eq=False)
class YoloStages:
    """Everything between a picture and what YOLOX finds on it; C classes."""

    picture: Picture
    canvas: Tensor
    """float [3, side, side], BGR in 0..255: what the network is fed."""
    factor: float
    """Pixels of the canvas for one of the picture."""
    raw: Tensor
    """float [cells, 5 + C]: tx, ty, tw, th, then logits of objectness and classes."""
    places: Tensor
    """float [cells, 2]: column and row of each cell in its grid."""
    strides: Tensor
    """float [cells, 1]: pixels of the canvas between neighbouring cells of its grid."""
    boxes: Tensor
    """float [cells, 4]: left, top, right, bottom on the canvas."""
    objectness: Tensor
    """float [cells], 0..1."""
    class_scores: Tensor
    """float [cells, C], 0..1."""
    labels: Tensor
    """int64 [cells]: the likeliest class."""
    scores: Tensor
    """float [cells]: objectness times the score of that class."""
    candidates: Tensor
    """int64 [n]: cells whose score reaches the threshold, the surest first."""
    rounds: tuple[Round, ...]
    """Non-maximum suppression among the candidates; numbers in it are places in ``candidates``."""
    kept: Tensor
    """int64 [k]: cells that are left, the surest first; the k-th made the k-th detection."""
    result: Detections
    """What ``detect`` returns."""


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Cells over the threshold, the surest first."""

    cells: Tensor
    boxes: Tensor
    """On the canvas."""
    labels: Tensor
    scores: Tensor


class YoloxDetector:
    """A YOLOX network with what comes before and after it; any number of threads may use one.

    Args:
        key: its name in the catalogue.
        model: in evaluation mode.
        classes: names of the classes.
        side: of the input that is usual for it, in pixels.
        trained: whether the weights are trained ones.
        run: what computes ``model`` in its place.
        engine: what ``run`` is: ``"torch"`` or ``"onnxruntime"``; empty for ``model`` as it is.
        trouble: why another engine was wanted than this one, for the reader.
    """

    def __init__(
        self,
        key: str,
        model: YOLOX,
        classes: Sequence[str],
        *,
        side: int = 416,
        trained: bool = True,
        run: Run | None = None,
        engine: Engine | Literal[""] = "",
        trouble: ReaderError | None = None,
    ) -> None:
        self.key = key
        self.model: nn.Module = model
        self._network = model
        self.classes = tuple(classes)
        self.side = side
        self.trained = trained
        self.engine = engine
        self.trouble = trouble
        self._run = run or model
        self._faster: dict[tuple[Engine, int], YoloxDetector] = {}
        self._making = threading.Lock()

    def detect(
        self, images: Sequence[Picture], *, score: float = 0.25, iou: float = 0.45, side: int | None = None
    ) -> list[Detections]:
        """Return what is on each picture, the surest first; boxes in pixels of the picture.

        Pictures go through the network one by one: on a CPU a batch of 8 takes longer than 8 times one, and
        so what is found on a picture never depends on its neighbours.

        Args:
            images: uint8 [H, W, 3], RGB, of any sizes.
            score: least objectness times class score.
            iou: overlap from which of two boxes of one class only the surer stays.
            side: of the square canvas, a multiple of 32; the detector's own by default.

        Raises:
            ValueError: a side that is no positive multiple of 32, or no picture.
        """
        found = []
        for image in images:
            canvas, factor = fitted(image, side or self.side)
            raw = self._raw(canvas)
            candidates = _candidates(raw, canvas.shape[-1], score)
            keep = _suppressed(candidates, iou)
            found.append(_result(candidates, keep, factor, image))
        return found

    def stages(
        self, image: Picture, *, score: float = 0.25, iou: float = 0.45, side: int | None = None
    ) -> YoloStages:
        """Return everything between a picture and what is found on it; the end is that of ``detect``."""
        canvas, factor = fitted(image, side or self.side)
        raw = self._raw(canvas).clone()
        found = _candidates(raw, canvas.shape[-1], score)
        rounds = nms_rounds(found.boxes, found.scores, iou, found.labels)
        keep = torch.tensor([one.keeper for one in rounds], dtype=torch.int64)
        places, strides = cells(*canvas.shape[-2:])
        objectness, class_scores = raw[:, 4].sigmoid(), raw[:, 5:].sigmoid()
        best, labels = raw[:, 5:].max(1)
        return YoloStages(
            picture=image,
            canvas=canvas[0].contiguous(),
            factor=factor,
            raw=raw,
            places=places,
            strides=strides,
            # The last digit of exp() may hang on how many numbers are worked out together.
            boxes=decode(raw, places, strides).index_copy(0, found.cells, found.boxes),
            objectness=objectness,
            class_scores=class_scores,
            labels=labels.index_copy(0, found.cells, found.labels),
            scores=(objectness * best.sigmoid()).index_copy(0, found.cells, found.scores),
            candidates=found.cells,
            rounds=rounds,
            kept=found.cells[keep],
            result=_result(found, keep, factor, image),
        )

    def faster(self, engine: Engine = "torch", *, threads: int = 1) -> YoloxDetector:
        """Return a detector that finds the same with less work, made once; ``model`` is still the network.

        Args:
            engine: ``"torch"`` with batch normalisation folded away, or ``"onnxruntime"`` on the same
                weights. The numbers are compared with PyTorch's first; where they differ, or it cannot run,
                the detector returned runs in PyTorch, and its ``trouble`` says why.
            threads: of onnxruntime.
        """
        with self._making:
            if (engine, threads) not in self._faster:
                made = faster(self._network, engine, threads)
                self._faster[engine, threads] = YoloxDetector(
                    self.key,
                    self._network,
                    self.classes,
                    side=self.side,
                    trained=self.trained,
                    run=made.run,
                    engine=made.engine,
                    trouble=made.trouble,
                )
            return self._faster[engine, threads]

    def _raw(self, canvas: Tensor) -> Tensor:
        with torch.inference_mode():
            return self._run(canvas)[0]


def fitted(image: Picture, side: int) -> tuple[Tensor, float]:
    """Return a picture scaled to fit at the top left of a grey square, and the factor.

    As YOLOX's own ``preproc`` does it: bilinear without smoothing, blue first, 0..255, nothing normalised.

    Args:
        image: uint8 [H, W, 3], RGB.
        side: of the square, a multiple of 32.

    Returns:
        float [1, 3, side, side], its colours next to each other in memory (channels last); and the factor.
    """
    if side < 32 or side % 32:
        raise ValueError(f"the side must be a multiple of 32, not {side}")
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"a picture is uint8 [H, W, 3], not {image.dtype} {list(image.shape)}")
    height, width = image.shape[:2]
    factor = min(side / height, side / width)
    small = (max(1, int(width * factor)), max(1, int(height * factor)))
    scaled = cv2.resize(image, small, interpolation=cv2.INTER_LINEAR)
    canvas = np.full((side, side, 3), FILL, np.uint8)
    cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR, dst=canvas[: small[1], : small[0]])
    return torch.from_numpy(canvas).permute(2, 0, 1)[None].float(), factor


def _candidates(raw: Tensor, side: int, score: float) -> _Candidates:
    """Return the cells over the threshold, decoded; the others cost next to nothing."""
    # No class can lift a score above the objectness, so that most cells are out by one comparison.
    near = (raw[:, 4] >= _logit(score) - _SLACK).nonzero()[:, 0]
    rows = raw[near]
    best, labels = rows[:, 5:].max(1)
    scores = rows[:, 4].sigmoid() * best.sigmoid()
    order = scores.argsort(descending=True, stable=True)
    order = order[scores[order] >= score]
    chosen = near[order]
    places, strides = _grid(side)
    return _Candidates(
        cells=chosen,
        boxes=decode(rows[order], places[chosen], strides[chosen]),
        labels=labels[order],
        scores=scores[order],
    )


def _suppressed(found: _Candidates, iou: float) -> Tensor:
    """Return the places of the candidates that are left, in their order; each class by itself."""
    left = torch.zeros(len(found.cells), dtype=torch.bool)
    for label in found.labels.unique():
        of_class = (found.labels == label).nonzero()[:, 0]
        left[of_class[nms(found.boxes[of_class], found.scores[of_class], iou)]] = True
    return left.nonzero()[:, 0]


def _result(found: _Candidates, keep: Tensor, factor: float, image: Picture) -> Detections:
    height, width = image.shape[:2]
    boxes = found.boxes[keep] / factor
    edge = torch.tensor([width, height, width, height], dtype=boxes.dtype)
    return Detections(boxes.clamp(min=0).minimum(edge), found.labels[keep], found.scores[keep])


def _logit(score: float) -> float:
    if score <= 0:
        return -math.inf
    score = min(score, 1 - 1e-6)  # what float32 calls 1 begins there
    return math.log(score / (1 - score))


@lru_cache(maxsize=32)
def _grid(side: int) -> tuple[Tensor, Tensor]:
    return cells(side, side)
