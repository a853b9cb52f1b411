"""Exercises about multilayer perceptrons; every answer is computed by building or running the network."""

from __future__ import annotations

import random
from functools import cache

import torch

from explainer.playground.exercises import Exercise, Maker
from explainer.playground.learner import Learner, Measured, Rule, Shape, build, flat
from explainer.playground.points import make
from explainer.wording import later

_NEVER, _ALWAYS = later("No, never"), later("Yes, with enough steps")
_OVER, _UNDER, _WELL = (
    later("It overfits: it has learnt the training points by heart"),
    later("It underfits: it has not learnt even the training points"),
    later("It generalises: it answers new points as well as known ones"),
)


def count_parameters(dice: random.Random) -> Exercise:
    """Count weights and biases of a small network."""
    hidden = tuple(dice.randint(2, 8) for _ in range(dice.randint(1, 3)))
    shape = Shape(2, hidden, 1, "tanh")
    terms = " + ".join(f"({a} + 1) · {b}" for a, b in zip(shape.sizes, shape.sizes[1:], strict=False))
    return Exercise(
        later("A network has 2 inputs, hidden layers of {hidden} units and 1 output. How many parameters?"),
        len(flat(build(shape))),
        later("Every unit has one weight for each unit before it, and a bias: {terms}."),
        {"hidden": ", ".join(map(str, hidden)), "terms": terms},
    )


def one_unit(dice: random.Random) -> Exercise:
    """Compute one ReLU unit by hand."""
    weights = [dice.randint(-3, 3) or 1 for _ in range(2)]
    bias, inputs = dice.randint(-2, 2), [dice.randint(-2, 3) for _ in range(2)]
    total = torch.nn.functional.linear(
        torch.tensor(inputs, dtype=torch.float32),
        torch.tensor([weights]).float(),
        torch.tensor([bias]).float(),
    )
    return Exercise(
        later(
            "A ReLU unit has the weights {weights} and the bias {bias}. What does it answer to the input "
            "{inputs}?"
        ),
        int(total.relu()),
        later("The sum is {total}; ReLU keeps what is positive and makes 0 of the rest."),
        {
            "weights": ", ".join(map(str, weights)),
            "bias": bias,
            "inputs": ", ".join(map(str, inputs)),
            "total": int(total),
        },
    )


def xor_by_a_line(dice: random.Random) -> Exercise:
    """Ask how many of XOR's four points one line gets right at most."""
    corners = torch.cartesian_prod(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0]))
    labels = corners[:, 0] != corners[:, 1]
    chance = torch.Generator().manual_seed(dice.randrange(1 << 30))
    lines = torch.randn(3, 4000, generator=chance)
    answers = corners @ lines[:2] + lines[2] > 0
    return Exercise(
        later(
            "XOR has four points: (0, 0) and (1, 1) of class 0, (0, 1) and (1, 0) of class 1. A network "
            "without "
            "hidden layers draws one straight line. How many of the four points can it get right at most?"
        ),
        int((answers == labels[:, None]).sum(0).max()),
        later(
            "Whichever line one draws, at least one point is on the wrong side: the two classes lie "
            "crosswise. "
            "One hidden layer with two units is enough for all four."
        ),
    )


def linear_layers(dice: random.Random) -> Exercise:
    """Ask whether hidden layers without activation help on XOR; the answer is tried out."""
    layers = dice.randint(2, 5)
    corners = torch.cartesian_prod(torch.tensor([-1.0, 1.0]), torch.tensor([-1.0, 1.0]))
    network = build(Shape(2, (6,) * layers, 1, "linear", seed=dice.randrange(1000)))
    # A straight function of the plane has the same sum over both diagonals of a square.
    with torch.no_grad():
        scores = network(corners)[:, 0]
    straight = bool((scores[0] + scores[3] - scores[1] - scores[2]).abs() < 1e-4)
    return Exercise(
        later(
            "A network has {layers} hidden layers of 6 units, but no activation function between them. "
            "Can it "
            "learn XOR?"
        ),
        _NEVER if straight else _ALWAYS,
        later("Linear layers in a row are one linear layer: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂)."),
        {"layers": layers},
        choices=(_ALWAYS, _NEVER),
    )


@cache
def _trained(kind: str, noise: float, hidden: tuple[int, ...], steps: int, seed: int) -> Measured:
    """Train a network on points in the plane; few where there is much noise."""
    points = make(kind, count=40 if noise == 0.3 else 120, noise=noise, held_out=0.5, seed=seed)
    learner = Learner(
        Shape(2, hidden, 1, "tanh"),
        (points.train, points.train_labels),
        (points.test, points.test_labels),
        kept=2,
    )
    learner.run(steps, Rule(rate=0.05))
    return learner.measure()


def reading_curves(dice: random.Random) -> Exercise:
    """Ask what curves of loss say; the curves are those of a training that is run."""
    kind, noise, hidden, steps = dice.choice(
        (("moons", 0.3, (8, 8), 200), ("circles", 0.1, (), 30), ("moons", 0.05, (8,), 150))
    )
    found = _trained(kind, noise, hidden, steps, dice.randrange(100))
    assert found.held_loss is not None
    by_heart = found.held_loss > max(0.3, 3 * found.loss)
    answer = _UNDER if found.loss > 0.5 else _OVER if by_heart else _WELL
    return Exercise(
        later(
            "After training, the loss is {loss} on the training points and {held} on the points held out. "
            "What "
            "has happened?"
        ),
        answer,
        later(
            "Compare the two numbers: both high means too little was learnt, a low one and a high one "
            "that the "
            "training points were learnt by heart, both low that it carries over."
        ),
        {"loss": f"{found.loss:.3f}", "held": f"{found.held_loss:.3f}"},
        choices=(_OVER, _UNDER, _WELL),
    )


EXERCISES: dict[str, Maker] = {
    "count_parameters": count_parameters,
    "one_unit": one_unit,
    "xor_by_a_line": xor_by_a_line,
    "linear_layers": linear_layers,
    "reading_curves": reading_curves,
}
