"""Exercises on the 2-D convolution; every answer is computed by PyTorch."""

from __future__ import annotations

import random
from collections.abc import Mapping

import torch
from torch import nn

from explainer.playground.convolution import Convolution, formula
from explainer.playground.exercises import Exercise, Maker, matrix
from explainer.playground.layer_specs import layer
from explainer.wording import later


def _shape(module: nn.Module, *size: int) -> tuple[int, int]:
    with torch.no_grad():
        rows, columns = module(torch.zeros(1, *size)).shape[2:]
    return int(rows), int(columns)


def output_size(dice: random.Random) -> Exercise:
    """Ask for the size of an output; the floor matters."""
    from explainer.playground.layer_code import build, write_layer

    kernel, stride = dice.choice((3, 5)), dice.choice((2, 3))
    padding = dice.randint(0, kernel // 2)
    rows, columns = dice.sample(range(14, 34), 2)
    spec = layer("Conv2d", in_channels=3, out_channels=8, kernel_size=kernel, stride=stride, padding=padding)
    made = Convolution(3, 8, (kernel, kernel), (stride, stride), (padding, padding))
    down, across = made.axes((rows, columns))
    return Exercise(
        question=later(
            "A picture of {rows} × {columns} with 3 channels goes through `{code}`. "
            "How many rows and columns has the output?"
        ),
        answer=_shape(build(spec), 3, rows, columns),
        why=later("${down}$ and ${across}$. The {outputs} channels do not change that."),
        fields={
            "rows": rows,
            "columns": columns,
            "code": write_layer(spec),
            "down": formula(down, "H"),
            "across": formula(across, "W"),
            "outputs": 8,
        },
    )


def one_value(dice: random.Random) -> Exercise:
    """Ask for one number of an output."""
    window = torch.tensor([[float(dice.randint(0, 3)) for _ in range(3)] for _ in range(3)])
    kernel = torch.tensor([[float(dice.randint(-2, 2)) for _ in range(3)] for _ in range(3)])
    bias = float(dice.randint(-3, 3))
    value = nn.functional.conv2d(window[None, None], kernel[None, None], torch.tensor([bias])).item()
    terms = " + ".join(
        f"{x:g} \\cdot {f'({w:g})' if w < 0 else f'{w:g}'}"
        for x, w in zip(window.flatten().tolist(), kernel.flatten().tolist(), strict=True)
        if x and w
    )
    return Exercise(
        question=later(
            "The window shows $X = {window}$, the kernel is $K = {kernel}$, the bias {bias:g}. "
            "What does `nn.Conv2d` give there?"
        ),
        answer=int(value),
        why=later("Multiply what lies on top of each other and add: ${terms} + ({bias:g}) = {value:g}$."),
        fields={
            "window": matrix(window.tolist()),
            "kernel": matrix(kernel.tolist()),
            "bias": bias,
            "terms": terms or "0",
            "value": value,
        },
    )


def same_padding(dice: random.Random) -> Exercise:
    """Ask for the padding that keeps the size."""
    kernel, dilation = dice.choice((3, 5, 7)), dice.choice((1, 2, 3))
    answer = next(
        padding
        for padding in range(20)
        if _shape(nn.Conv2d(1, 1, kernel, padding=padding, dilation=dilation), 1, 32, 32) == (32, 32)
    )
    return Exercise(
        question=later(
            "A kernel of {kernel} × {kernel} with dilation {dilation} and stride 1: "
            "with which padding is the output as large as the input?"
        ),
        answer=answer,
        why=later(
            "The window spans $D(K-1)+1 = {span}$ cells, {less} more than one; half of that on each side: "
            "$P = {dilation} \\cdot ({kernel}-1)/2 = {answer}$."
        ),
        fields={
            "kernel": kernel,
            "dilation": dilation,
            "span": dilation * (kernel - 1) + 1,
            "less": dilation * (kernel - 1),
            "answer": answer,
        },
    )


def how_many_windows(dice: random.Random) -> Exercise:
    """Ask into how many outputs one number of the input goes."""
    kernel, stride = 3, dice.choice((1, 2))
    size = dice.randint(6, 9)
    y, x = (dice.choice((0, 1, size // 2, size - 1)) for _ in range(2))
    image = torch.zeros(1, 1, size, size, requires_grad=True)
    weight = torch.ones(1, 1, kernel, kernel)
    nn.functional.conv2d(image, weight, stride=stride).sum().backward()
    assert image.grad is not None
    # With weights of 1 the gradient of the sum counts the windows that a number is in.
    answer = int(image.grad[0, 0, y, x])
    made = Convolution(kernel=(kernel, kernel), stride=(stride, stride))
    down, across = made.axes((size, size))
    return Exercise(
        question=later(
            "`nn.Conv2d(1, 1, 3, stride={stride})` slides over {size} × {size} cells without padding. "
            "In how many windows is the cell at row {y}, column {x} (counted from 0)?"
        ),
        answer=answer,
        why=later(
            "Rows and columns count apart: {down} windows contain the row, {across} the column, "
            "so {down} · {across} = {answer}. At the edges a cell has less say."
        ),
        fields={
            "stride": stride,
            "size": size,
            "y": y,
            "x": x,
            "down": len(down.fed(y)),
            "across": len(across.fed(x)),
            "answer": answer,
        },
    )


EXERCISES: Mapping[str, Maker] = {
    "output_size": output_size,
    "one_value": one_value,
    "same_padding": same_padding,
    "how_many_windows": how_many_windows,
}
