"""A network of the catalogue without its weights: how large its tensors are, and which stages it has."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import nn

from explainer.models.building import blank, skeleton
from explainer.models.entries import find
from explainer.models.published import construct
from explainer.training.stages import Stage, stages_of


@lru_cache(maxsize=32)
def outline(network: str, classes: int | None = None) -> tuple[nn.Module, tuple[Stage, ...]]:
    """Return a network that is not to be changed or run, the same one for everybody, and its stages.

    Args:
        network: key of the catalogue.
        classes: to tell apart; as published without.

    Raises:
        ReaderError: there is no such network, or it has no layer with weights.
    """
    find(network)
    model = skeleton(lambda: construct(network, classes))
    return model, stages_of(model)


@lru_cache(maxsize=256)
def fits(network: str, classes: int, shape: tuple[int, int, int]) -> bool:
    """Whether a network that learns takes images of a shape [C, H, W]: small ones may be pooled away."""
    return _runs(skeleton(lambda: construct(network, classes)), shape) or _runs(
        _real(network, classes), shape
    )


def _runs(model: nn.Module, shape: tuple[int, int, int]) -> bool:
    device = next(model.parameters()).device
    try:
        with torch.no_grad():
            model(torch.zeros(2, *shape, device=device))
    except (RuntimeError, ValueError, AssertionError):  # timm asserts the side
        return False
    return True


def _real(network: str, classes: int) -> nn.Module:
    """Build with memory: not every operation works without."""
    with blank():
        return construct(network, classes)
