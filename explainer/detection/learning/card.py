"""The model card of a trained detector: what a reader must know of its weights, measured on what is saved."""

from __future__ import annotations

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from explainer.detection.detections import Detector
from explainer.detection.evaluation import Truth, evaluate
from explainer.detection.learning.fit import DetectorRecipe
from explainer.detection.learning.pictures import Labelled
from explainer.detection.loading import load_detector
from explainer.detection.yolox import SIZES

LEAST_SCORE = 0.001
"""Of what is measured: average precision needs the unsure detections, too."""
SUPPRESSION = 0.5
"""IoU of the suppression while measuring."""
SIDES = (416, 608)
"""Sides of the input that a network of one stage is measured at besides its own."""
COMMON = ("face", "masked face")
"""Classes with enough pictures for a figure that says something."""

ARCHITECTURES = {
    "small_faster_rcnn": "Faster R-CNN (Ren et al., 2015), torchvision's, on the backbone of YOLOX-Nano with "
    "a feature pyramid.",
    "yolox_nano": "YOLOX-Nano (Ge et al., 2021): backbone, neck and decoupled head.",
}


def save(recipe: DetectorRecipe, model: nn.Module, pictures: list[Labelled], folder: Path) -> dict[str, Any]:
    """Write weights (kernels as float16) and card to ``folder``; return the card.

    Average precision is measured on ``pictures``, with the file that has just been written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{recipe.name}.safetensors"
    save_file({name: _small(value) for name, value in model.state_dict().items()}, path)
    card = {
        "name": recipe.name,
        "architecture": ARCHITECTURES.get(recipe.network, "YOLOX (Ge et al., 2021)"),
        "parameters": sum(p.numel() for p in model.parameters()),
        "data": "Face Mask Detection (published as CC0): 733 photographs for training, 120 for measuring",
        "classes": list(recipe.classes),
        "side": recipe.used_side or recipe.side,
        "how_chosen": f"The average of the weights after the last epoch; no checkpoint was chosen. "
        f"{recipe.note}".strip(),
        "recipe": dataclasses.asdict(recipe),
        "created_with": f"torch {torch.__version__}, Python {platform.python_version()}",
        "licence": "Apache-2.0",
    }
    write = folder / f"{recipe.name}.json"
    write.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    detector = load_detector(recipe.name, folder=folder)
    card["ap"] = measured(detector, pictures)
    if recipe.network in SIZES:  # many of the faces are small
        card["ap_at"] = {str(side): measured(detector, pictures, side) for side in SIDES}
    write.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return card


def measured(detector: Detector, pictures: list[Labelled], side: int | None = None) -> dict[str, Any]:
    """Return AP50 by class, its mean over the common classes, COCO's mAP, and the number of pictures."""
    seen = [np.asarray(cv2.cvtColor(one.pixels, cv2.COLOR_BGR2RGB), np.uint8) for one in pictures]
    found = detector.detect(seen, score=LEAST_SCORE, iou=SUPPRESSION, side=side)
    truths = [Truth(one.boxes.astype(np.float64), one.labels) for one in pictures]
    evaluation = evaluate(truths, found, detector.classes)
    by_class = dict(zip(detector.classes, evaluation.ap()[:, 0].round(4).tolist(), strict=True))
    return {
        "ap50": by_class,
        "ap50_common": round(sum(by_class[name] for name in COMMON) / len(COMMON), 4),
        "map": round(evaluation.map, 4),
        "count": len(pictures),
    }


def _small(value: Tensor) -> Tensor:
    """Kernels lose nothing that matters as float16; statistics may be too large for it."""
    return (value.half() if value.is_floating_point() and value.ndim > 1 else value).contiguous()
