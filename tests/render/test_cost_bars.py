"""Bars of costs, and the code that prints the same numbers."""

import io
import re
from contextlib import redirect_stdout

import pytest

from explainer.playground.costs import compare
from explainer.playground.layer_code import read_layer
from explainer.render.cost_bars import Bar, cost_bars, readable
from explainer.render.costs_code import costs_code

BARS = [("Parameters", [Bar("big <b>", 1_000_000), Bar("small", 1000, "× 2", strong=True), Bar("none", 0)])]


def widths(html: str) -> list[float]:
    return [float(found) for found in re.findall(r"class='bar' style='width:([\d.]+)%'", html)]


def test_the_lengths_of_the_bars():
    assert widths(cost_bars(BARS, logarithmic=False)) == [100, 0.1, 0]
    logarithmic = cost_bars(BARS, logarithmic=True)
    assert widths(logarithmic) == [100, 50, 0]
    assert logarithmic.count("class='tick'") == 3 * 5
    assert "&lt;b&gt;" in logarithmic


def test_long_numbers_are_readable():
    assert [readable(n) for n in (0, 224, 9_999_999, 15_123_000_000)] == ["0", "224", "9,999,999", "15.1 G"]


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("nn.Conv2d(3, 8, 3, stride=2, padding=1)", (3, 224, 224)),
        ("nn.Conv2d(4, 8, 3, groups=2, bias=False)", (4, 10, 12)),
        ("nn.ConvTranspose2d(4, 6, 4, stride=2)", (4, 9, 9)),
    ],
)
def test_the_code_prints_the_numbers_of_the_page(code, shape):
    found = compare(read_layer(code), shape)
    printed = io.StringIO()
    with redirect_stdout(printed):
        import torch

        try:
            exec(costs_code(found), {})
        finally:
            torch.set_default_device(None)
    numbers = [tuple(map(int, line.split()[1:])) for line in printed.getvalue().splitlines()]
    costs = [found.dense, found.itself, *([found.separable] if found.separable else [])]
    assert numbers == [(one.parameters, one.multiply_adds) for one in costs]
