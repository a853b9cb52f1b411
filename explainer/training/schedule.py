"""How the learning rate goes: one formula for each schedule, drawn before a run as it is used in it."""

from __future__ import annotations

import math

from explainer.training.recipe import Recipe

FIRST, LAST = 1 / 25, 1 / 25e4
"""Where the one-cycle schedule begins and ends, as a share of its peak: as PyTorch has it."""


def rate_factor(recipe: Recipe, step: int, steps: int) -> float:
    """Return the learning rate of a step as a share of the recipe's.

    ``one_cycle`` rises from 1/25 and falls to 1/250,000, both along half a cosine. The others rise linearly
    in the warm-up and then go on by themselves: ``constant``; ``step``, lowered by ``drop`` at each of the
    ``milestones``; ``cosine``, half a cosine down to zero (Loshchilov and Hutter, 2017, equation 5).

    Args:
        recipe: its ``schedule``, ``warmup``, ``milestones`` and ``drop``.
        step: from 0.
        steps: of the whole run.
    """
    if recipe.schedule == "one_cycle":
        peak, end = recipe.warmup * steps - 1, steps - 1
        if step <= peak:
            return _half_cosine(FIRST, 1.0, step / peak if peak > 0 else 1.0)
        return _half_cosine(1.0, LAST, (step - peak) / (end - peak) if end > peak else 1.0)
    warm = round(recipe.warmup * steps)
    if step < warm:
        return (step + 1) / warm
    if recipe.schedule == "step":
        return recipe.drop ** sum(step >= round(share * steps) for share in recipe.milestones)
    if recipe.schedule == "cosine":
        return _half_cosine(1.0, 0.0, (step - warm) / max(1, steps - warm))
    return 1.0


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
