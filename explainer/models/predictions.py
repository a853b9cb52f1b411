"""From logits to the classes a network finds most likely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Prediction(NamedTuple):
    """One class of an answer."""

    index: int  # type: ignore[assignment]  # shadows tuple.index, which nobody needs here
    name: str
    probability: float
    """Softmax over all classes."""
    logit: float


def top_classes(logits: Tensor, classes: Sequence[str] = (), k: int = 5) -> list[Prediction]:
    """Return the ``k`` most likely classes, best first.

    Args:
        logits: [C] or [1, C].
        classes: names in the order of the outputs; an output without a name is called ``"class 17"``.
        k: how many; fewer when there are fewer classes.
    """
    import torch

    scores = logits.detach().reshape(-1).to("cpu", torch.float64)
    probabilities = scores.softmax(0)
    best = scores.argsort(descending=True, stable=True)[:k].tolist()
    return [
        Prediction(
            index,
            classes[index] if index < len(classes) else f"class {index}",
            float(probabilities[index]),
            float(scores[index]),
        )
        for index in best
    ]
