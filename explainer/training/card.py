"""The model card of a network that was trained here."""

from __future__ import annotations

import dataclasses
import platform
from typing import Any

import torch
from torch import nn

from explainer.training.data import Dataset, held_out
from explainer.training.measuring import evaluate
from explainer.training.recipe import Recipe


def model_card(recipe: Recipe, data: Dataset, model: nn.Module) -> dict[str, Any]:
    """Return what a reader must know of the weights, with accuracies measured now."""
    train, validation = held_out(data.train, recipe.validation, recipe.seed)
    channels, height, width = data.train.images.shape[1:]
    chosen = (
        "The weights of the epoch with the lowest loss on the images held out for validation."
        if len(validation)
        else "The weights after the last epoch; no checkpoint was chosen."
    )
    splits = {"train": train, "validation": validation, "test": data.test}
    return {
        "name": recipe.name,
        "network": recipe.network,
        "architecture": (type(model).__doc__ or "").strip().partition("\n")[0] or type(model).__name__,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "data": data.description,
        "accuracy": {
            name: {"top1": evaluate(model, part, recipe), "count": len(part)}
            for name, part in splits.items()
            if len(part)
        },
        "how_chosen": f"{chosen} {recipe.note}".strip(),
        "preprocessing": {
            "size": [height, width],
            "mode": "L" if channels == 1 else "RGB",
            "mean": list(recipe.mean[:channels]),
            "std": list(recipe.std[:channels]),
        },
        "classes": list(data.classes),
        "recipe": dataclasses.asdict(recipe),
        "created_with": f"torch {torch.__version__}, Python {platform.python_version()}",
        "licence": "Apache-2.0",
    }
