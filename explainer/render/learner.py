"""A learning network as frames for the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explainer.playground.digits import SIDE
from explainer.playground.learner import ACTIVATIONS, Learner, Stage
from explainer.playground.points import MOST, REACH, Points

_PICTURED = 12
"""Stages whose weights are sent as pictures."""
_SHOWN_WRONG = 16
"""Digits shown that were misread."""


@dataclass(frozen=True)
class Turn:
    """What the browser needs to keep its place in a conversation."""

    run: str
    """Another text for another network: nothing of the one before is kept."""
    seen: int = 0
    """Serial number of the last request that was answered."""
    until: int = 0
    """Steps to which the network is to be trained at once."""
    longest: int = 0
    """Steps after which training ends."""
    painted: int = 0
    """Serial number of the last points taken over."""


def plane_frame(learner: Learner, points: Points, turn: Turn) -> dict[str, Any]:
    """Return the frame of a network on points in the plane, with the weights of every stage."""
    stages = _stages(learner)
    return {
        **_common(learner, stages, turn, "plane"),
        "reach": REACH,
        "most": MOST,
        "painted": turn.painted,
        "train": points.train,
        "trainLabels": points.train_labels.to(torch.uint8),
        "test": points.test,
        "testLabels": points.test_labels.to(torch.uint8),
        "stages": {**_curves(stages), "weights": torch.stack([one.weights for one in stages])},
    }


def digit_frame(learner: Learner, turn: Turn, drawn: Tensor | None) -> dict[str, Any]:
    """Return the frame of a network on digits: pictures of the first layer's weights, and what it reads.

    Args:
        learner: the network and its data, digits [N, 784].
        turn: the conversation.
        drawn: the reader's digit, float32 [1, 28, 28].
    """
    stages = _stages(learner)
    units = learner.shape.sizes[1]
    count = units * SIDE * SIDE
    chosen = np.unique(np.linspace(0, len(stages) - 1, min(_PICTURED, len(stages))).round().astype(int))
    rows = [stages[place].weights[:count] for place in chosen]
    scales = [float(row.abs().max()) or 1.0 for row in rows]
    pictures = torch.stack(
        [(row / scale * 127 + 128).round().to(torch.uint8) for row, scale in zip(rows, scales, strict=True)]
    )
    return {
        **_common(learner, stages, turn, "digits"),
        "stages": {
            **_curves(stages),
            "pictures": pictures,
            "pictureStages": chosen.tolist(),
            "pictureScales": scales,
        },
        "reading": None if drawn is None else read(learner.network, drawn),
        "wrong": _wrong(learner),
    }


@torch.no_grad()
def read(network: torch.nn.Sequential, drawn: Tensor) -> dict[str, Any]:
    """Return what a network makes of one digit: probabilities, and the first hidden layer's values."""
    row = drawn.reshape(1, -1)
    return {
        "picture": (row * 255).round().to(torch.uint8),
        "probabilities": network(row).softmax(1)[0].tolist(),
        "hidden": network[:2](row)[0].tolist() if len(network) > 1 else network(row)[0].tolist(),
    }


def _stages(learner: Learner) -> Sequence[Stage]:
    if learner.stages[-1].step == learner.step:
        return learner.stages
    return [*learner.stages, learner.stage()]


def _common(learner: Learner, stages: Sequence[Stage], turn: Turn, kind: str) -> dict[str, Any]:
    title, _ = ACTIVATIONS[learner.shape.activation]
    return {
        "kind": kind,
        "run": turn.run,
        "seen": turn.seen,
        "until": turn.until,
        "longest": turn.longest,
        "step": stages[-1].step,
        "sizes": list(learner.shape.sizes),
        "activation": learner.shape.activation,
        "activationName": title,
    }


def _curves(stages: Sequence[Stage]) -> Mapping[str, Any]:
    measured = [one.measured for one in stages]
    held = measured[-1].held_loss is not None

    def row(values: Sequence[float | None]) -> np.ndarray:
        return np.array([np.nan if one is None else one for one in values], np.float32)

    return {
        "steps": np.array([one.step for one in stages], np.int32),
        "loss": row([one.loss for one in measured]),
        "accuracy": row([one.accuracy for one in measured]),
        "heldLoss": row([one.held_loss for one in measured]) if held else None,
        "heldAccuracy": row([one.held_accuracy for one in measured]) if held else None,
    }


@torch.no_grad()
def _wrong(learner: Learner) -> dict[str, Any]:
    """Return the held-out digits that are misread."""
    images, labels = learner.held
    answers = learner.network(images).argmax(1)
    places = (answers != labels).nonzero()[:, 0]
    shown = places[:_SHOWN_WRONG]
    return {
        "pictures": (images[shown] * 255).round().to(torch.uint8),
        "labels": labels[shown].tolist(),
        "answers": answers[shown].tolist(),
        "count": len(places),
        "total": len(labels),
    }
