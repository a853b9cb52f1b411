"""What a recipe plans, before anything is learned: the learning rate, and which stages learn when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import nn

from explainer.training.recipe import Recipe
from explainer.training.schedule import rate_factor
from explainer.training.stages import Stage, learning, rates

MOST_POINTS = 600


def plan_frame(recipe: Recipe, stages: Sequence[Stage], model: nn.Module, images: int) -> dict[str, Any]:
    """Return the learning rate over the epochs, and that of each stage.

    The header has ``at`` [n] in epochs, ``rate`` [n], ``stages`` (``title``, ``parameters``: how many) and
    ``rates`` [stages * n], 0 where a stage is frozen.

    Args:
        recipe: what is planned.
        stages: of the network, from the input.
        model: whose stages they are; only its shapes are read.
        images: that are learned from in an epoch.
    """
    per_epoch = max(1, images // min(recipe.batch_size, max(1, images)))
    steps = per_epoch * recipe.epochs
    shown = np.unique(np.linspace(0, steps - 1, min(steps, MOST_POINTS)).round().astype(int))
    factor = np.array([rate_factor(recipe, int(step), steps) for step in shown], np.float32)
    first = np.array([learning(recipe, tuple(stages), int(step) // per_epoch) for step in shown])
    peaks = rates(recipe, tuple(stages))
    each = [np.where(first <= place, peak * factor, 0.0) for place, peak in enumerate(peaks)]
    sizes = {name: parameter.numel() for name, parameter in model.named_parameters()}
    return {
        "at": (shown + 1) / per_epoch,
        "rate": recipe.learning_rate * factor,
        "epochs": recipe.epochs,
        "stages": [
            {"title": stage.title, "parameters": sum(sizes[name] for name in stage.parameters)}
            for stage in stages
        ],
        "rates": np.array(each, np.float32).reshape(-1),
    }
