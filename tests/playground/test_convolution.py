"""Geometry and arithmetic of the 2-D convolution, against PyTorch's own layers, autograd and scipy."""

import itertools
import math
import random
import re

import pytest
import torch
from scipy.signal import convolve2d
from torch import nn

from explainer.errors import ReaderError
from explainer.playground.convolution import PADDING_MODES, Axis, Convolution, by_input, formula


def module_of(layer: Convolution) -> nn.Module:
    """The layer as PyTorch makes it, in double precision."""
    common = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    common |= {"groups": layer.groups, "bias": layer.bias, "padding_mode": layer.padding_mode}
    shape = (layer.in_channels, layer.out_channels, layer.kernel)
    if layer.transposed:
        return nn.ConvTranspose2d(*shape, output_padding=layer.output_padding, **common).double()
    return nn.Conv2d(*shape, **common).double()


def some_layers(count: int, seed: int) -> list[tuple[Convolution, tuple[int, int]]]:
    """Settings of every kind, each with the size of an input."""
    dice = random.Random(seed)

    def pair(low: int, high: int) -> tuple[int, int]:
        return dice.randint(low, high), dice.randint(low, high)

    made = []
    while len(made) < count:
        transposed = dice.random() < 0.35
        groups = dice.choice((1, 1, 2))
        stride, dilation = pair(1, 3), pair(1, 3)
        extra = (0, 0)
        if transposed:
            extra = tuple(dice.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True))
        layer = Convolution(
            2, 2 * dice.randint(1, 2), pair(1, 4), stride, pair(0, 3), dilation, groups,
            "zeros" if transposed else dice.choice(PADDING_MODES), transposed, extra, dice.random() < 0.5,
        )  # fmt: skip
        if not transposed and dice.random() < 0.15:
            layer = Convolution(2, 2, layer.kernel, padding="same", dilation=dilation)
        made.append((layer, pair(4, 8)))
    return made


def fitting(count: int, seed: int) -> list[tuple[Convolution, tuple[int, int]]]:
    """Those of them that PyTorch accepts."""
    found = []
    for layer, size in some_layers(3 * count, seed):
        try:
            layer.axes(size)
        except ReaderError:
            continue
        found.append((layer, size))
    return found[:count]


def test_sizes_are_pytorchs_and_so_are_refusals():
    accepted = refused = 0
    for layer, size in some_layers(700, seed=1):
        try:
            expected = tuple(module_of(layer)(torch.zeros(1, 2, *size).double()).shape[2:])
        except (RuntimeError, ValueError):
            refused += 1
            with pytest.raises(ReaderError):
                layer.output_size(size)
        else:
            accepted += 1
            assert layer.output_size(size) == expected, (layer, size)
    assert accepted > 400
    assert refused > 30


def test_values_are_those_of_the_layers():
    for layer, size in fitting(120, seed=2):
        module = module_of(layer)
        weight = module.weight.detach()
        ours = by_output(weight, layer.groups) if layer.transposed else weight
        image = torch.randn(1, 2, *size, dtype=torch.float64)
        bias = module.bias.detach() if layer.bias else None
        torch.testing.assert_close(layer.apply(image, ours, bias), module(image).detach())


def by_output(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """[I, O / groups, ...] as one filter for each output, channel by channel."""
    each = weight.shape[0] // groups
    rows = []
    for group, nth in itertools.product(range(groups), range(weight.shape[1])):
        rows.append(weight[group * each : (group + 1) * each, nth])
    return torch.stack(rows)


def test_weights_by_input_and_by_output():
    weight = torch.randn(6, 2, 2, 3)
    for groups in (1, 2, 3):
        assert torch.equal(by_input(by_output(weight, groups), groups), weight)


def test_windows_are_where_the_gradient_is():
    """What an output reads, with which weight, is what autograd says, also where padding repeats a cell."""
    dice = random.Random(3)
    for layer, size in fitting(60, seed=4):
        weight = torch.rand(layer.weight_shape, dtype=torch.float64) + 0.5
        image = torch.rand(1, 2, *size, dtype=torch.float64, requires_grad=True)
        output = layer.apply(image, weight)
        y, x, o = dice.randrange(output.shape[2]), dice.randrange(output.shape[3]), layer.out_channels - 1
        (slope,) = torch.autograd.grad(output[0, o, y, x], image)
        expected = torch.zeros(2, *size, dtype=torch.float64)
        total = 0.0
        for tap in layer.window_of(size, y, x):
            for nth, channel in enumerate(layer.inputs(o)):
                if tap.source is not None:
                    expected[(channel, *tap.source)] += weight[o, nth, tap.row, tap.column]
                    total += float(
                        weight[o, nth, tap.row, tap.column] * image.detach()[(0, channel, *tap.source)]
                    )
        torch.testing.assert_close(slope[0], expected)
        assert float(output[0, o, y, x]) == pytest.approx(total)


def test_an_input_feeds_what_its_gradient_says():
    dice = random.Random(5)
    for layer, size in fitting(40, seed=6):
        y, x = dice.randrange(size[0]), dice.randrange(size[1])
        weight = torch.rand(layer.weight_shape, dtype=torch.float64) + 0.5
        image = torch.zeros(1, 2, *size, dtype=torch.float64)
        image[0, 0, y, x] = 1
        response = layer.apply(image, weight)[0, 0]  # output 0 reads input 0, also with groups
        expected = torch.zeros_like(response)
        for place, tap in layer.fed_by(size, y, x):
            expected[place] += weight[0, 0][tap]
        torch.testing.assert_close(response, expected)


def test_cells_that_no_window_reads():
    for layer, size in fitting(60, seed=7):
        if layer.transposed:
            continue
        padded = layer.padded(torch.rand(1, 2, *size, dtype=torch.float64)).detach().requires_grad_()
        plain = nn.functional.conv2d(padded, torch.ones(1, 2, *layer.kernel, dtype=torch.float64),
                                     stride=layer.stride, dilation=layer.dilation)  # fmt: skip
        (slope,) = torch.autograd.grad(plain.sum(), padded)
        rows, columns = layer.axes(size)
        for i, y in enumerate(rows.field):
            for j, x in enumerate(columns.field):
                assert (y in rows.read and x in columns.read) == (slope[0, 0, i, j] > 0)


def test_the_padding_is_pytorchs():
    image = torch.arange(1.0, 13).reshape(1, 1, 3, 4)
    for mode in PADDING_MODES:
        layer = Convolution(padding=(2, 2), padding_mode=mode)
        rows, columns = layer.axes((3, 4))
        padded = layer.padded(image)[0, 0]
        for i, y in enumerate(rows.field):
            for j, x in enumerate(columns.field):
                source = rows.source(y), columns.source(x)
                value = 0.0 if None in source else float(image[0, 0][source])
                assert value == padded[i, j], (mode, y, x)


def test_remainder_and_holes():
    assert Axis(7, 3, stride=3).remainder == 1
    assert [Axis(7, 3, stride=2).remainder, Axis(8, 3, stride=2).remainder] == [0, 1]
    spread = Axis(3, 3, stride=2, before=1, after=1, transposed=True)
    assert list(spread.field) == list(range(-1, 6))
    assert [at for at in spread.field if spread.is_hole(at)] == [1, 3]
    assert [at for at in spread.field if spread.is_input(at)] == [0, 2, 4]


def test_true_convolution_is_scipys_and_correlation_is_not():
    image, kernel = torch.randn(7, 6, dtype=torch.float64), torch.randn(3, 2, dtype=torch.float64)
    layer = Convolution(kernel=(3, 2), bias=False)
    turned = layer.apply(image[None, None], kernel[None, None], flip=True)[0, 0]
    expected = torch.from_numpy(convolve2d(image.numpy(), kernel.numpy(), mode="valid"))
    torch.testing.assert_close(turned, expected)
    plain = layer.apply(image[None, None], kernel[None, None])[0, 0]
    assert not torch.allclose(plain, expected)
    by_hand = convolve2d(image.numpy(), kernel.numpy()[::-1, ::-1], mode="valid")
    torch.testing.assert_close(plain, torch.from_numpy(by_hand.copy()))


def test_worked_by_hand():
    image = torch.tensor([[1.0, 2, 0], [0, 1, 3], [4, 0, 1]])[None, None]
    kernel = torch.tensor([[1.0, 0], [-1, 2]])[None, None]
    layer = Convolution(kernel=(2, 2))
    # 1·1 + 0·2 − 1·0 + 2·1 = 3, and so on; the bias 1 is added to each
    expected = torch.tensor([[4.0, 8], [-3, 4]])
    assert torch.equal(layer.apply(image, kernel, torch.tensor([1.0]))[0, 0], expected)
    stamped = Convolution(kernel=(2, 2), stride=(2, 2), transposed=True)
    found = stamped.apply(torch.tensor([[1.0, 3]])[None, None], kernel)[0, 0]
    assert found.tolist() == [[1, 0, 3, 0], [-1, 2, -3, 6]]


def numbers_of(line: str) -> list[float]:
    """Each member of a chain of equations that has no letters in it, worked out."""
    found = []
    for part in line.split("=")[1:]:
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", part)
        text = text.replace(r"\left\lfloor", "floor(").replace(r"\right\rfloor", ")").replace(r"\cdot", "*")
        if not re.search(r"[A-Z\\]", text):
            found.append(eval(text, {"floor": math.floor}))
    return found


def test_the_formula_says_what_the_layer_does():
    for layer, size in fitting(200, seed=8):
        for axis, letter, out in zip(layer.axes(size), "HW", layer.output_size(size), strict=True):
            values = numbers_of(formula(axis, letter))
            assert len(values) == (2 if layer.transposed else 3)
            assert all(value == out for value in values), formula(axis, letter)


def test_the_formula_in_words():
    layer = Convolution(3, 8, (3, 3), (2, 2), (1, 1))
    rows, _ = layer.axes((32, 32))
    assert formula(rows, "H") == (
        r"H_\text{out} = \left\lfloor \frac{H + 2P - D \cdot (K - 1) - 1}{S} \right\rfloor + 1 = "
        r"\left\lfloor \frac{32 + 2 \cdot 1 - 1 \cdot (3 - 1) - 1}{2} \right\rfloor + 1 = "
        r"\left\lfloor 15.5 \right\rfloor + 1 = 16"
    )
