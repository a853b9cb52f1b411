"""Exercises on pictures as arrays; PyTorch answers them."""

from __future__ import annotations

import random
from collections.abc import Mapping

import torch

from explainer.playground.exercises import Exercise, Maker
from explainer.playground.pixels import batch, bits_of, codes, grey
from explainer.wording import later


def shape(random: random.Random) -> Exercise:
    """Ask for the shape of a batch."""
    width, height, count = (
        random.choice((320, 640, 224)),
        random.choice((180, 240, 480)),
        random.randint(2, 9),
    )
    one = batch(torch.zeros(height, width, 3, dtype=torch.uint8))
    found = tuple(torch.cat([one] * count).shape)
    return Exercise(
        later(
            "{count} colour photos, each {width} pixels wide and {height} high, go into a network together. "
            "What is the shape (N, C, H, W) of the tensor?"
        ),
        found,
        later("The number of pictures, three channels, then rows before columns: ({shape})."),
        {"count": count, "width": width, "height": height, "shape": ", ".join(map(str, found))},
    )


def memory(random: random.Random) -> Exercise:
    """Ask where a value stands in memory."""
    height, width = random.randint(4, 9), random.randint(4, 9)
    c, y, x = random.randint(1, 2), random.randrange(height), random.randrange(width)
    numbered = torch.arange(3 * height * width).view(3, height, width)
    return Exercise(
        later(
            "A tensor of shape (C, H, W) = (3, {height}, {width}) stands in memory row after row, "
            "channel after "
            "channel. How many numbers stand before `planes[{c}, {y}, {x}]`?"
        ),
        int(numbered[c, y, x]),
        later(
            r"$c\cdot H\cdot W + y\cdot W + x = {c}\cdot{height}\cdot{width} + {y}\cdot{width} + {x} = "
            r"{answer}$"
        ),
        {"height": height, "width": width, "c": c, "y": y, "x": x, "answer": int(numbered[c, y, x])},
    )


def code(random: random.Random) -> Exercise:
    """Ask for the binary code of a grey level."""
    level, bits = random.randint(1, 254), random.randint(2, 4)
    step = int(codes(torch.tensor([level], dtype=torch.uint8), bits))
    digits = f"{step:0{bits}b}"
    return Exercise(
        later(
            "A pixel has the grey {level} of 0 to 255. Its picture is stored with {steps} grey levels. "
            "What is its code in binary digits?"
        ),
        int(digits),
        later(
            r"$\lfloor{level}\cdot{steps}/256\rfloor = {step}$, in binary digits {digits}: the first "
            r"{bits} bits of {whole}."
        ),
        {
            "level": level,
            "steps": 2**bits,
            "step": step,
            "digits": digits,
            "bits": bits,
            "whole": f"{level:08b}",
        },
    )


def bits(random: random.Random) -> Exercise:
    """Ask how many bytes a grey picture takes."""
    width, height, depth = (
        random.choice((64, 128, 256)),
        random.choice((32, 64, 96)),
        random.choice((2, 3, 4)),
    )
    answer = bits_of(height, width, depth) // 8
    return Exercise(
        later(
            "A picture of {width} × {height} pixels has {steps} grey levels. How many bytes does it take "
            "without compression?"
        ),
        answer,
        later(
            r"{steps} levels need {bits} bits a pixel: ${width}\cdot{height}\cdot{bits}/8 = {answer}$ bytes."
        ),
        {"width": width, "height": height, "steps": 2**depth, "bits": depth, "answer": answer},
    )


def luminance(random: random.Random) -> Exercise:
    """Ask for the grey of a colour."""
    colour = [random.choice((0, 50, 100, 200)) for _ in range(3)]
    if len(set(colour)) == 1:
        colour[1] = 250
    r, g, b = colour
    level = int(grey(torch.tensor(colour, dtype=torch.uint8)))
    return Exercise(
        later("What grey is (R, G, B) = ({r}, {g}, {b}) by ITU-R BT.601? (One more or less is right, too.)"),
        level,
        later(
            r"$0.299\cdot{r} + 0.587\cdot{g} + 0.114\cdot{b}$ is about {level}: green counts most, blue "
            r"least."
        ),
        {"r": r, "g": g, "b": b, "level": level},
        tolerance=1,
    )


EXERCISES: Mapping[str, Maker] = {
    "shape": shape,
    "memory": memory,
    "code": code,
    "bits": bits,
    "luminance": luminance,
}
