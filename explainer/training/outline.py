"""A network of the catalogue without its weights: how large its tensors are, and which stages it has."""

from __future__ import annotations

from functools import lru_cache

from torch import nn

from explainer.models.building import skeleton
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
