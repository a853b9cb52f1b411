"""Automatic mixed precision: which kind of number each part of a step is computed in, on which device."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from explainer.errors import ReaderError
from explainer.training.recipe import Recipe

TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def device_of(recipe: Recipe, place: int = 0) -> torch.device:
    """Return the device of a recipe; with several GPUs each process takes its own.

    Args:
        recipe: its ``device`` and ``precision``.
        place: of this process on its machine, from 0.

    Raises:
        ReaderError: this machine has no such device, or it cannot train in that precision.
    """
    name = recipe.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        if device.type == "cuda" and device.index is None:
            device = torch.device("cuda", place)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ReaderError("This machine has no device {device} for PyTorch.", device=name) from error
    if recipe.precision == "float16" and device.type != "cuda":
        raise ReaderError("float16 needs a GPU: choose bfloat16 or float32 for {device}.", device=device.type)
    return device


def autocast(recipe: Recipe, device: torch.device) -> AbstractContextManager[Any]:
    """Return a context in which convolutions and matrix products run in the recipe's precision."""
    if recipe.precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=TYPES[recipe.precision])


def loss_scaler(recipe: Recipe, device: torch.device) -> torch.amp.GradScaler:
    """Return what keeps small float16 gradients from vanishing (Micikevicius et al., 2018, section 3.2).

    bfloat16 has the range of float32 and needs none; the scaler then passes everything through.
    """
    return torch.amp.GradScaler(device.type, enabled=recipe.precision == "float16")
