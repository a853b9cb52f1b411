"""Pictures with objects and detections on them, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from explainer.detection.detections import Detections
from explainer.detection.evaluation import Truth


def truth(boxes: Sequence[Sequence[float]], labels: Sequence[int] | None = None) -> Truth:
    return Truth(
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array([0] * len(boxes) if labels is None else labels, np.int64),
    )


def found(
    boxes: Sequence[Sequence[float]], scores: Sequence[float], labels: Sequence[int] | None = None
) -> Detections:
    return Detections(
        torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        torch.tensor([0] * len(boxes) if labels is None else labels),
        torch.tensor(scores, dtype=torch.float32),
    )


def random_set(seed: int, pictures: int = 12, most: int = 9) -> tuple[list[Truth], list[Detections]]:
    """Small whole numbers, so that many scores and many overlaps are alike; some pictures are empty."""
    rng = np.random.default_rng(seed)
    truths, detections = [], []
    for _ in range(pictures):
        n = int(rng.integers(0, most)) if rng.random() > 0.15 else 0
        corner = rng.integers(0, 160, (n, 2))
        boxes = np.concatenate((corner, corner + rng.choice([4, 8, 20, 40, 100, 130], (n, 2))), 1)
        labels = rng.integers(0, 3, n)
        truths.append(Truth(boxes.astype(np.float64), labels.astype(np.int64)))
        again = np.repeat(np.arange(n), rng.integers(0, 4, n)) if n else np.zeros(0, int)
        near = boxes[again] + rng.integers(-2, 3, (len(again), 4))
        extra = int(rng.integers(0, 6))
        place = rng.integers(0, 160, (extra, 2))
        other = np.concatenate((place, place + rng.integers(3, 110, (extra, 2))), 1)
        all_boxes = np.concatenate((near, other)).reshape(-1, 4)
        all_labels = np.concatenate((labels[again], rng.integers(0, 4, extra)))
        wrong = rng.random(len(all_labels)) < 0.1
        all_labels[wrong] = rng.integers(0, 4, int(wrong.sum()))
        detections.append(
            Detections(
                torch.tensor(all_boxes).float(),
                torch.tensor(all_labels).long(),
                torch.tensor(rng.choice(np.arange(1, 12) / 12, len(all_boxes))).float(),
            )
        )
    return truths, detections
