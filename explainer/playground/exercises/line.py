"""Exercises on convolution in one dimension; PyTorch answers them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from explainer.playground.exercises import Exercise, Maker
from explainer.playground.line_link import spaced
from explainer.playground.signal import Line, convolve, likeness
from explainer.wording import later

_KERNELS = ((1, 0, 1), (1, 2, 1), (1, 0, -1), (-1, 1, 0), (0, 1, 1), (2, -1, 0))


def slide(random: random.Random) -> Exercise:
    """Ask for the whole output."""
    line = Line(_digits(random, 7, 2), _kernel(random))
    return Exercise(
        later(
            "The kernel $({kernel})$ slides over the data $({data})$: stride 1, no padding. What comes out?"
        ),
        _whole(line),
        later("There are ${count} - 3 + 1 = {size}$ places. The first sum is ${first}$."),
        {
            "kernel": _row(line.kernel),
            "data": _row(line.data),
            "count": 7,
            "size": line.size,
            "first": _sum(line),
        },
    )


def size(random: random.Random) -> Exercise:
    """Ask for the size of the output."""
    line = Line(
        data=(0.0,) * random.randint(16, 60),
        kernel=(1.0,) * random.choice((3, 5, 7)),
        stride=random.randint(1, 3),
        padding=random.randint(0, 3),
        dilation=random.randint(1, 2),
    )
    return Exercise(
        later(
            "`Conv1d(1, 1, {kernel}, stride={stride}, padding={padding}, dilation={dilation})` is given "
            "{count} values. How many come out?"
        ),
        len(convolve(line)),
        later(
            r"$\lfloor({count} + 2\cdot{padding} - {dilation}\cdot({kernel} - 1) - 1)/{stride}\rfloor + "
            r"1 = {size}$: "
            "with its holes the kernel reaches over {reach} cells."
        ),
        {
            "kernel": len(line.kernel),
            "stride": line.stride,
            "padding": line.padding,
            "dilation": line.dilation,
            "count": len(line.data),
            "size": line.size,
            "reach": line.reach,
        },
    )


def flip(random: random.Random) -> Exercise:
    """Ask for a true convolution."""
    one = random.randint(2, 4)
    data = tuple(float(i == one) for i in range(7))
    kernel = tuple(map(float, random.sample(range(1, 6), 3)))
    line = Line(data, kernel)
    return Exercise(
        later(
            "Data $({data})$, kernel $({kernel})$. What comes out of a true **convolution**, "
            "which reads the kernel backwards?"
        ),
        _whole(replace(line, flip=True)),
        later(
            "A single 1 makes the kernel itself appear, the right way round. Cross-correlation, which "
            "`conv1d` "
            "computes, gives it backwards: ${other}$."
        ),
        {"data": _row(data), "kernel": _row(kernel), "other": _row(tuple(convolve(line).tolist()))},
    )


def detector(random: random.Random) -> Exercise:
    """Ask where the window fits best, which is not where the output is largest."""
    kernel = (1.0, 0.0, 1.0)
    while True:
        data = [float(random.randint(0, 1)) for _ in range(10)]
        exact, loud = random.sample((0, 5), 2)
        data[exact : exact + 3] = kernel
        data[loud : loud + 3] = [2.0, 3.0, 1.0]
        line = Line(tuple(data), kernel)
        output = convolve(line)
        fits = [place for place, value in enumerate(likeness(line).tolist()) if value > 0.999]
        loudest = [place for place, value in enumerate(output.tolist()) if value == output.max()]
        if len(fits) == len(loudest) == 1 and fits != loudest:
            break
    return Exercise(
        later(
            "The kernel $({kernel})$ looks for itself in $({data})$. At which place (counted from 0) "
            "does the window "
            "have exactly its shape, $\\cos\\theta = 1$?"
        ),
        fits[0],
        later(
            "The window at place {place} is a multiple of the kernel. The largest output, {most}, is at "
            "place {loud}: "
            "the values are larger there, not more alike."
        ),
        {
            "kernel": _row(kernel),
            "data": _row(line.data),
            "place": fits[0],
            "most": f"{output.max():g}",
            "loud": loudest[0],
        },
    )


EXERCISES: Mapping[str, Maker] = {"slide": slide, "size": size, "flip": flip, "detector": detector}


def _digits(random: random.Random, count: int, most: int) -> tuple[float, ...]:
    return tuple(float(random.randint(0, most)) for _ in range(count))


def _kernel(random: random.Random) -> tuple[float, ...]:
    return tuple(map(float, random.choice(_KERNELS)))


def _whole(line: Line) -> tuple[int, ...]:
    return tuple(round(value) for value in convolve(line).tolist())


def _row(values: tuple[float, ...]) -> str:
    return r"\;".join(spaced(values).split())


def _sum(line: Line) -> str:
    terms = zip(line.data, line.weights, strict=False)
    written = (rf"{x:g}\cdot{f'({w:g})' if w < 0 else f'{w:g}'}" for x, w in terms)
    return f"{' + '.join(written)} = {convolve(line)[0]:g}"
