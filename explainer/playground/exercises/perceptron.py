"""Exercises about the perceptron."""

from __future__ import annotations

from random import Random

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

_CAN, _CANNOT = later("yes, one line is enough"), later("no, there is no such line")
_SAME, _FASTER = later("the same mistakes, only longer weights"), later("half as many mistakes")
_MORE = later("twice as many mistakes")


def one_look(random: Random) -> Exercise:
    """Ask for the weights after one look at a point that is answered wrongly."""
    from explainer.playground.perceptron import Point, Weights, look

    while True:
        weights = Weights(*(float(random.randint(-2, 2)) for _ in range(3)))
        point = Point(float(random.randint(-2, 2)), float(random.randint(-2, 2)), random.randint(0, 1))
        found = look(weights, [point], 0, 1.0)
        if found.error and (point.x1 or point.x2):
            break
    after = found.after
    return Exercise(
        later(
            "The weights are $w_1={w1}$, $w_2={w2}$ and the bias is $b={b}$; the learning rate is 1. The "
            "rule looks at the point $({x1}, {x2})$ with target {target}. What are $w_1$, $w_2$ and $b$ "
            "afterwards?"
        ),
        (int(after.w1), int(after.w2), int(after.b)),
        later(
            "$z={z}$, so the answer is {output} and the error $e=t-y={error}$. The point is added $e$ "
            "times to the weights, and $e$ to the bias."
        ),
        {
            "w1": f"{weights.w1:g}",
            "w2": f"{weights.w2:g}",
            "b": f"{weights.b:g}",
            "x1": f"{point.x1:g}",
            "x2": f"{point.x2:g}",
            "target": point.target,
            "z": f"{found.total:g}",
            "output": found.output,
            "error": found.error,
        },
    )


def separable(random: Random) -> Exercise:
    """Ask whether one line can give four corners the answers wanted."""
    from explainer.playground.perceptron import CORNERS, Point, obstacle

    answers = [random.randint(0, 1) for _ in CORNERS]
    if random.random() < 0.4:  # only two of the sixteen cannot be divided
        answers = random.choice(([0, 1, 1, 0], [1, 0, 0, 1]))
    points = [Point(*corner, answer) for corner, answer in zip(CORNERS, answers, strict=True)]
    return Exercise(
        later(
            "The inputs (0, 0), (0, 1), (1, 0), (1, 1) shall be answered {answers}, in this order. Can a "
            "single perceptron do that?"
        ),
        _CAN if obstacle(points) is None else _CANNOT,
        later(
            "It can if a line has all the ones on one side and all the zeros on the other. Of the 16 "
            "tables with two inputs only two fail: those in which the ones stand at opposite corners, "
            "XOR and its opposite."
        ),
        {"answers": ", ".join(map(str, answers))},
        (_CAN, _CANNOT),
    )


def rate_from_zero(random: Random) -> Exercise:
    """Ask what doubling the learning rate does to a run from zeros."""
    from explainer.playground.perceptron import DATA, data, learn

    name = random.choice(("and", "or", "nand"))
    one, two = (learn(data(name), rate=rate).mistakes for rate in (1.0, 2.0))
    answer = _SAME if one == two else _FASTER if two < one else _MORE
    return Exercise(
        later(
            "A run for {name} starts with weights and bias of zero. What does the learning rate 2 do "
            "instead of 1?"
        ),
        answer,
        later(
            "All weights are then twice as large at every moment, so the sum $z$ keeps its sign and "
            "every answer is the same: {count} mistakes with either rate. Only the ratio of the first "
            "weights to the rate matters."
        ),
        {"name": DATA[name], "count": one},
        (_SAME, _FASTER, _MORE),
    )


EXERCISES: dict[str, Maker] = {
    "one_look": one_look,
    "separable": separable,
    "rate_from_zero": rate_from_zero,
}
