"""Costs against modules that were built and passes that were traced."""

import random
import re

import pytest
import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.playground.costs import LayerCost, compare, dense_cost, formulas, layer_cost, separable
from explainer.playground.layer_code import build, layer, read_layer
from explainer.playground.shapes import output_shape
from explainer.tracing import cost, trace


def measured(module: nn.Module, shape: tuple[int, ...]) -> tuple[LayerCost, tuple[int, ...]]:
    recorded = trace(module.eval(), torch.zeros(1, *shape))
    costs = cost(recorded).values()
    flops = sum(one.flops for one in costs)
    assert flops % 2 == 0
    return LayerCost(sum(one.parameters for one in costs), flops // 2), recorded.nodes[-1].shape[1:]


CODES = [
    "nn.Conv2d(3, 8, 3, stride=2, padding=1)",
    "nn.Conv2d(4, 8, (1, 5), groups=2, bias=False)",
    "nn.Conv2d(4, 6, 3, dilation=2, padding='same')",
    "nn.ConvTranspose2d(4, 6, 4, stride=2, padding=1)",
    "nn.ConvTranspose2d(4, 6, 3, stride=3, output_padding=1, groups=2, bias=False)",
]


@pytest.mark.parametrize("code", [*CODES, "nn.MaxPool2d(2)", "nn.BatchNorm2d(4)", "nn.ReLU()"])
def test_a_layer_costs_what_its_trace_does(code):
    spec = read_layer(code)
    shape = (spec.arguments.get("in_channels", 4), 12, 15)
    expected, after = measured(nn.Sequential(build(spec)), shape)
    assert layer_cost(spec, shape) == expected
    assert output_shape(spec, shape) == after


@pytest.mark.parametrize("code", [CODES[0], CODES[2], CODES[3]])
def test_the_alternatives_cost_what_they_do_when_built(code):
    spec = read_layer(code)
    shape = (spec["in_channels"], 8, 9)
    found = compare(spec, shape)
    apart, after = measured(nn.Sequential(*map(build, separable(spec))), shape)
    assert found.separable == apart
    assert found.output_shape == after
    inputs, outputs = torch.Size(shape).numel(), torch.Size(after).numel()
    dense, _ = measured(nn.Sequential(nn.Flatten(), nn.Linear(inputs, outputs)), shape)
    assert found.dense == dense == dense_cost(shape, after)


def test_the_ratio_of_the_paper():
    spec = layer("Conv2d", in_channels=32, out_channels=64, kernel_size=3, padding=1, bias=False)
    found = compare(spec, (32, 20, 20))
    assert found.separable is not None
    for kind in ("parameters", "multiply_adds"):
        ratio = getattr(found.separable, kind) / getattr(found.itself, kind)
        assert ratio == pytest.approx(1 / 64 + 1 / 9)


def test_no_separable_where_it_saves_nothing_by_its_nature():
    assert compare(read_layer("nn.Conv2d(8, 8, 3, groups=8)"), (8, 9, 9)).separable is None
    assert compare(read_layer("nn.Conv2d(8, 16, 1)"), (8, 9, 9)).separable is None


def test_the_formulas_give_the_numbers_behind_them():
    rng = random.Random(3)
    for _ in range(40):
        groups = rng.choice([1, 1, 2])
        spec = layer(
            rng.choice(["Conv2d", "ConvTranspose2d"]),
            in_channels=2 * rng.randint(1, 4),
            out_channels=2 * rng.randint(1, 4),
            kernel_size=(rng.randint(1, 4), rng.randint(1, 4)),
            stride=rng.randint(1, 3),
            padding=rng.randint(0, 1),
            groups=groups,
            bias=rng.random() < 0.5,
        )
        found = compare(spec, (spec["in_channels"], 9, 11))
        costs = [found.dense, found.itself, *([found.separable] if found.separable else [])]
        for pair, one in zip(formulas(found), costs, strict=True):
            for text, number in zip(pair, (one.parameters, one.multiply_adds), strict=True):
                left, right = text.replace("{,}", "").split("=")
                plain = re.sub(r"\\tfrac{(\d+)}{(\d+)}", r"(\1 // \2)", left).replace(r"\cdot", "*")
                assert eval(plain) == int(right) == number, text


@pytest.mark.parametrize(
    ("code", "shape", "told"),
    [
        ("nn.Conv2d(3, 8, 3)", (1, 9, 9), "expects 3 channels, but 1"),
        ("nn.Conv2d(1, 8, 11)", (1, 9, 9), "kernel is larger than the data"),
        ("nn.Linear(10, 2)", (9,), "expects 10 numbers"),
        ("nn.MaxPool2d(2)", (9,), "only a list of numbers is left"),
        ("nn.Conv2d(1, 8, 3, padding=9, padding_mode='reflect')", (1, 9, 9), "the padding than the data"),
        ("nn.ConvTranspose2d(1, 4096, 64, stride=64)", (1, 60, 60), "numbers; up to"),
    ],
)
def test_what_does_not_fit_is_said(code, shape, told):
    with pytest.raises(ReaderError) as caught:
        layer_cost(read_layer(code), shape)
    assert told in str(caught.value)
