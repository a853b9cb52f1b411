"""torchvision's detectors: Faster R-CNN (Ren et al., 2015) and SSDLite (Sandler et al., 2018)."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from explainer.detection.detections import Detections, Picture
from explainer.detection.ssd_steps import SsdStages, run_ssd
from explainer.detection.two_stage_steps import TwoStages, run_steps

if TYPE_CHECKING:
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.ssd import SSD


def as_input(picture: Picture) -> Tensor:
    """Return a picture as torchvision's detectors take it: float32 [3, H, W], RGB from 0 to 1."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float() / 255


class TwoStageDetector:
    """A Faster R-CNN with its class names, as a ``Detector``.

    Pictures go through one by one, so that what is found on one does not depend on the padding of another.
    """

    def __init__(
        self, key: str, classes: tuple[str, ...], model: FasterRCNN, *, trained: bool, side: int
    ) -> None:
        """Keep the network.

        Args:
            key: its name in the catalogue.
            classes: names of the classes from 1 on; 0, the background, has none.
            model: any of torchvision's; it is put into evaluation mode, once and for all.
            trained: whether its weights are.
            side: of the pictures it gets, for what the page says; it resizes on its own.
        """
        self.key, self.classes, self.trained, self.side = key, classes, trained, side
        self.model: FasterRCNN = model.eval()
        _settle(model)

    def detect(
        self, images: Sequence[Picture], *, score: float = 0.25, iou: float = 0.45, side: int | None = None
    ) -> list[Detections]:
        """Return what is on each picture; ``side`` is ignored, the network has a size of its own.

        With the network's own thresholds (``box_score_thresh``, ``box_nms_thresh``) this is what
        ``model([image])`` returns.
        """
        return [self._detect(as_input(image), score, iou) for image in images]

    @torch.no_grad()
    def _detect(self, image: Tensor, score: float, iou: float) -> Detections:
        model = self.model
        images, _ = model.transform([image])
        features: Any = model.backbone(images.tensors)
        if isinstance(features, Tensor):
            features = OrderedDict([("0", features)])
        proposals, _ = model.rpn(images, features)
        heads = copy.copy(model.roi_heads)  # shares all weights; only the two numbers are its own
        heads.score_thresh, heads.nms_thresh = score, iou
        found, _ = heads(features, proposals, images.image_sizes)
        photo = (image.shape[1], image.shape[2])
        return _as_detections(model.transform.postprocess(found, images.image_sizes, [photo])[0])

    def stages(self, image: Picture, *, score: float = 0.25, iou: float = 0.45) -> TwoStages:
        """Return everything between a picture and its detections."""
        return run_steps(self.model, as_input(image), score=score, iou=iou)


class SsdDetector:
    """torchvision's SSD or SSDLite with its class names, as a ``Detector``."""

    def __init__(self, key: str, classes: tuple[str, ...], model: SSD, *, trained: bool, side: int) -> None:
        """Keep the network; the arguments are those of ``TwoStageDetector``."""
        self.key, self.classes, self.trained, self.side = key, classes, trained, side
        self.model: SSD = model.eval()

    def detect(
        self, images: Sequence[Picture], *, score: float = 0.25, iou: float = 0.45, side: int | None = None
    ) -> list[Detections]:
        """Return what is on each picture; ``side`` is ignored, the network has a size of its own."""
        return [self._detect(as_input(image), score, iou) for image in images]

    @torch.no_grad()
    def _detect(self, image: Tensor, score: float, iou: float) -> Detections:
        model = copy.copy(self.model)  # shares all weights; only the two numbers are its own
        model.score_thresh, model.nms_thresh = score, iou
        return _as_detections(model([image])[0])

    def stages(self, image: Picture, *, score: float = 0.25, iou: float = 0.45) -> SsdStages:
        """Return how many boxes there are at each step, and which."""
        return run_ssd(self.model, as_input(image), score=score, iou=iou)


def _as_detections(found: dict[str, Tensor]) -> Detections:
    return Detections(found["boxes"], found["labels"] - 1, found["scores"])


@torch.no_grad()
def _settle(model: FasterRCNN) -> None:
    """Let RoIAlign learn the scales of the pyramid from a square picture.

    It guesses them from the first picture it ever sees, whose shape would then decide for all later ones.
    """
    pool = model.roi_heads.box_roi_pool
    side = 256
    first = next(model.parameters())
    features: Any = model.backbone(torch.zeros(1, 3, side, side, dtype=first.dtype, device=first.device))
    if isinstance(features, Tensor):
        features = OrderedDict([("0", features)])
    pool.scales = pool.map_levels = None
    pool(features, [torch.zeros(1, 4, dtype=first.dtype, device=first.device)], [(side, side)])
