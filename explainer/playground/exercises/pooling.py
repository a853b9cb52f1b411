"""Exercises about pooling; PyTorch computes the answers."""

from __future__ import annotations

import random
from collections.abc import Mapping

import torch

from explainer.playground.exercises import Exercise, Maker, matrix
from explainer.playground.layer_code import layer, write_layer
from explainer.playground.pooling import pool, shifted
from explainer.wording import later


def output_size(dice: random.Random) -> Exercise:
    """Ask for the size of the output."""
    size = dice.randint(11, 40)
    kernel = dice.choice([2, 3, 3, 4, 5])
    spec = layer(
        "MaxPool2d",
        kernel_size=kernel,
        stride=dice.choice([2, 2, 3]),
        padding=dice.choice([0, kernel // 2]),
        ceil_mode=dice.random() < 0.3,
    )
    found = pool(spec, torch.zeros(size, size))
    rounding = "ceil" if spec["ceil_mode"] else "floor"
    return Exercise(
        question=later("A map of {size} × {size} goes through `{code}`. How many rows come out?"),
        answer=found.shape[0],
        why=later(
            r"$\left\l{rounding} \frac{{{size} + 2 \cdot {padding} - {kernel}}}{{{stride}}} "
            r"\right\r{rounding} + 1$, as PyTorch confirms. (A window that `ceil_mode` would let begin "
            r"behind the input is left out.)"
        ),
        fields={
            "size": size,
            "code": write_layer(spec),
            "rounding": rounding,
            "padding": spec["padding"][0],
            "kernel": kernel,
            "stride": spec["stride"][0],
        },
    )


def maximum(dice: random.Random) -> Exercise:
    """Ask for the outputs of a small max pooling."""
    values = torch.tensor([[dice.randint(0, 9) for _ in range(4)] for _ in range(4)], dtype=torch.float)
    found = pool(layer("MaxPool2d", kernel_size=2), values)
    return Exercise(
        question=later(
            "Max pooling with size 2 and stride 2 of ${values}$: which four numbers come out, row by row?"
        ),
        answer=tuple(int(one) for one in found.flatten()),
        why=later("Each quarter of the map keeps its largest number: ${found}$."),
        fields={"values": matrix(values.tolist()), "found": matrix(found.tolist())},
    )


def after_a_move(dice: random.Random) -> Exercise:
    """Ask how many outputs a move of one pixel changes."""
    values = torch.tensor([[0.0] * 8])
    places = dice.sample(range(1, 7), 2)
    for place in places:
        values[0, place] = dice.randint(3, 9)
    spec = layer("MaxPool2d", kernel_size=(1, 2))
    before, after = pool(spec, values), pool(spec, shifted(values, 0, 1))
    return Exercise(
        question=later(
            "Max pooling with size 2 and stride 2 along the row ${values}$. The row moves one place to the "
            "right, and a zero comes in. How many of the four outputs change?"
        ),
        answer=int((before != after).sum()),
        why=later(
            "Before: ${before}$, after: ${after}$. A number that stays within its window changes nothing; "
            "one that crosses a border changes both windows (unless something larger is there)."
        ),
        fields={
            "values": matrix(values.tolist()),
            "before": matrix(before.tolist()),
            "after": matrix(after.tolist()),
        },
    )


def padded_average(dice: random.Random) -> Exercise:
    """Ask for an average in a corner with padding."""
    values = torch.tensor([[dice.randint(0, 9) for _ in range(4)] for _ in range(4)], dtype=torch.float)
    counted = dice.random() < 0.5
    spec = layer("AvgPool2d", kernel_size=3, stride=2, padding=1, count_include_pad=counted)
    corner = values[:2, :2]
    return Exercise(
        question=later(
            "`{code}` of ${values}$: what is the first output, in the upper left corner? (Two decimals do.)"
        ),
        answer=float(pool(spec, values)[0, 0]),
        why=later(
            "The window sees ${corner}$ and five cells of padding. The sum is {total}, and it is divided by "
            "{divisor}: `count_include_pad` is {counted}."
        ),
        fields={
            "code": write_layer(spec),
            "values": matrix(values.tolist()),
            "corner": matrix(corner.tolist()),
            "total": int(corner.sum()),
            "divisor": 9 if counted else 4,
            "counted": str(counted),
        },
        tolerance=0.0051,
    )


EXERCISES: Mapping[str, Maker] = {
    "output_size": output_size,
    "maximum": maximum,
    "after_a_move": after_a_move,
    "padded_average": padded_average,
}
