"""Exercises on the landmarks; the answers are read from what the tracer measured."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import combinations

from explainer.models.architectures import ARCHITECTURES, Architecture, pareto
from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

_APART = 1.3
"""Two numbers are asked to be compared where one is so many times the other."""


def _photos() -> tuple[Architecture, ...]:
    return tuple(one for one in ARCHITECTURES if one.published)


def work_against_weights(random: random.Random) -> Exercise:
    """Ask which of two networks needs more multiply-adds, told which has more parameters."""
    pairs = [
        (heavy, light)
        for one, other in combinations(_photos(), 2)
        for heavy, light in ((one, other), (other, one))
        if heavy.structure.parameters > _APART * light.structure.parameters
        and max(heavy.structure.multiply_adds, light.structure.multiply_adds)
        > _APART * min(heavy.structure.multiply_adds, light.structure.multiply_adds)
    ]
    reversed_pairs = [
        pair for pair in pairs if pair[0].structure.multiply_adds < pair[1].structure.multiply_adds
    ]
    heavy, light = random.choice(reversed_pairs if random.random() < 0.7 else pairs)
    more = max(heavy, light, key=lambda one: one.structure.multiply_adds)
    return Exercise(
        later(
            "{heavy} has {many} million parameters, {light} has {few} million. Which of them needs more "
            "multiply-adds for one picture?"
        ),
        more.title,
        later(
            "{heavy} needs {one} and {light} {other} billion multiply-adds. A weight of a convolution is "
            "used at every place of its map, a weight of a linear layer once: parameters do not tell the "
            "work."
        ),
        {
            "heavy": heavy.title,
            "light": light.title,
            "many": _millions(heavy),
            "few": _millions(light),
            "one": f"{heavy.structure.multiply_adds / 1e9:.2f}",
            "other": f"{light.structure.multiply_adds / 1e9:.2f}",
        },
        choices=tuple(sorted((heavy.title, light.title))),
    )


def linear_share(random: random.Random) -> Exercise:
    """Ask what share of the parameters lies in the linear layers."""
    keys = ("lenet5", "alexnet", "vgg16", "resnet50", "mobilenet_v2")
    one = random.choice([one for one in ARCHITECTURES if one.key in keys])
    linear = sum(block.parameters for block in one.structure.blocks if len(block.shape) == 1)
    share = 100 * linear / one.structure.parameters
    return Exercise(
        later(
            "What share of the {whole} parameters of {title} lies in its linear layers, in percent? "
            "(Within 5 is right.)"
        ),
        share,
        later(
            "{linear} of {whole}: a linear layer has a weight for every pair of an input and an output. "
            "Open its row: the upper bars show it."
        ),
        {
            "title": one.title,
            "linear": f"{linear:,}",
            "whole": f"{one.structure.parameters:,}",
        },
        tolerance=5,
    )


def beaten(random: random.Random) -> Exercise:
    """Ask which of three networks is beaten by another: no cheaper and no better."""
    found = []
    for three in combinations(_photos(), 3):
        points = [(one.title, one.structure.multiply_adds, one.published[0].top1) for one in three]
        front = pareto(points)
        if len(front) == 2:
            found.append((three, next(one for one in three if one.title not in front)))
    three, loser = random.choice(found)
    rows = "; ".join(
        f"{one.title} {one.structure.multiply_adds / 1e9:.2f} · 10⁹, {one.published[0].top1:.1f} %"
        for one in three
    )
    return Exercise(
        later(
            "Multiply-adds and top-1 accuracy of three networks: {rows}. Which of them is beaten: another is "
            "at least as good and costs no more?"
        ),
        loser.title,
        later(
            "Something in this list costs less than {loser} and is better. The others form the Pareto front: "
            "to gain accuracy on it one has to pay."
        ),
        {"rows": rows, "loser": loser.title},
        choices=tuple(sorted(one.title for one in three)),
    )


def _millions(one: Architecture) -> str:
    return f"{one.structure.parameters / 1e6:.3g}"


EXERCISES: Mapping[str, Maker] = {
    "work_against_weights": work_against_weights,
    "linear_share": linear_share,
    "beaten": beaten,
}
