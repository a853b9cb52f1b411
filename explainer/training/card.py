"""The model card of a network that was trained here."""

from __future__ import annotations

import dataclasses
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import torch
from torch import nn

from explainer.models.entries import find
from explainer.models.networks import NETWORKS
from explainer.models.timing import machine
from explainer.training.data import Dataset, learned_from
from explainer.training.measuring import evaluate
from explainer.training.recipe import RECIPES, Recipe


def model_card(
    recipe: Recipe,
    data: Dataset,
    model: nn.Module,
    lines: Sequence[Mapping[str, Any]] = (),
    device: torch.device | None = None,
) -> dict[str, Any]:
    """Return what a reader must know of the weights, with accuracies measured now.

    Args:
        recipe: what was followed.
        data: the images, those of the report among them.
        model: the result, in evaluation mode, on the CPU.
        lines: the run's log, if there is one: it says how long it took and how far it came.
        device: what it was trained on, if that is known.
    """
    train, validation = learned_from(data.train, recipe)
    channels, height, width = data.train.images.shape[1:]
    chosen = (
        "The weights of the epoch with the lowest loss on the images held out for validation."
        if len(validation)
        else "The weights after the last epoch; no checkpoint was chosen."
    )
    splits = {"train": train, "validation": validation, "test": data.test}
    card = {
        "name": recipe.name,
        "network": recipe.network,
        "architecture": _architecture(recipe.network, model),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "data": _described(data, recipe),
        "accuracy": {
            name: {"top1": evaluate(model, part, recipe), "count": len(part)}
            for name, part in splits.items()
            if len(part)
        },
        "how_chosen": f"{chosen} {recipe.note}".strip(),
        "preprocessing": {
            "size": [height, width],
            "mode": "L" if channels == 1 else "RGB",
            "mean": _each(recipe.mean, channels),
            "std": _each(recipe.std, channels),
        },
        "classes": list(data.classes),
        "run": _course(lines) | ({"device": _named(device)} if device is not None else {}),
        "recipe": _without_folders(dataclasses.asdict(recipe)),
        "created_with": f"torch {torch.__version__}, Python {platform.python_version()}",
    }
    if (RECIPES / f"{recipe.name}.toml").is_file():
        card["licence"] = "Apache-2.0"  # of the project's own networks; a reader's are the reader's
    return card


def _described(data: Dataset, recipe: Recipe) -> str:
    if not recipe.images_per_class:
        return data.description
    return (
        f"{data.description}; of the training images, at most {recipe.images_per_class} of each class were "
        f"used, drawn by the seed {recipe.seed}"
    )


def _without_folders(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe's fields with files by their names alone: a card is given away with the weights."""
    files = ("dataset", "start", "teacher")
    return {
        name: re.sub(r"[^=]*[/\\]", "", value) if name in files else value for name, value in fields.items()
    }


def _architecture(key: str, model: nn.Module) -> str:
    if key in NETWORKS:
        return (type(model).__doc__ or "").strip().partition("\n")[0] or type(model).__name__
    entry = find(key)
    return f"{entry.title} ({entry.source} {version(entry.source)})"


def _each(values: tuple[float, ...], channels: int) -> list[float]:
    """Return one value for each channel; a single one is that of all."""
    return list(values) * channels if len(values) == 1 else list(values[:channels])


def _course(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how far a run came, how long it took without its breaks, and which epoch was its best."""
    epochs = [line for line in lines if line.get("kind") == "epoch"]
    if not epochs:
        return {}
    course = {
        "epochs": epochs[-1]["epoch"],
        "steps": epochs[-1]["step"],
        "seconds": round(sum(line.get("seconds", 0.0) for line in epochs), 1),
    }
    judged = [line for line in epochs if "validation" in line]
    if judged:
        course["best_epoch"] = min(judged, key=lambda line: line["validation"]["loss"])["epoch"]
    return course


def _named(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else machine()
