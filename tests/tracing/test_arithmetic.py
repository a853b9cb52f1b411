"""Every operation that is taken apart, against PyTorch's own result at random positions."""

from __future__ import annotations

import json
import math
import random
import time

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.tracing import Node, trace
from explainer.tracing.arithmetic import EXPLAINED, Arithmetic, explain, extent, maps
from explainer.tracing.arithmetic.activations import ACTIVATION


class Apply(nn.Module):
    """A network of one function."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(x)


def traced(function, images: torch.Tensor):
    model = function if isinstance(function, nn.Module) else Apply(function)
    with torch.no_grad():
        return trace(model, images)


def last(function, images: torch.Tensor) -> Node:
    return traced(function, images).nodes[-1]


def positions(node: Node, count: int, seed: int = 0):
    """Random positions, the corners first."""
    bounds = extent(node)
    draw = random.Random(seed)
    yield 0, 0, 0
    yield tuple(size - 1 for size in bounds)
    for _ in range(count):
        yield tuple(draw.randrange(size) for size in bounds)


def check(node: Node, count: int = 25, item: int = 0) -> Arithmetic:
    """Compare a node with its tensor at random positions; return the last answer."""
    found = None
    for channel, y, x in positions(node, count):
        found = explain(node, channel, y, x, item=item)
        assert found.form != "unknown", found.note
        assert found.value == maps(node, item)[channel, y, x].item()
        assert found.agrees, (node, (channel, y, x), found.error, found.tolerance, found.expression)
        assert found.error <= 1e-4 * max(1.0, abs(found.value))
    assert found is not None
    return found


def sources_hold(trace_, found: Arithmetic, item: int = 0) -> int:
    """Check that every factor with a source has the value that stands there; return how many there are."""
    count = 0
    for term in found.terms:
        product = 1.0
        for factor in term.factors:
            product *= factor.value
            if factor.source is not None:
                channel, y, x = factor.position
                assert maps(trace_.nodes[factor.source], item)[channel, y, x].item() == factor.value
                count += 1
        if found.form in ("sum", "product"):
            assert term.product == pytest.approx(product, rel=1e-12)
    return count


def randomised(layer: nn.Module, seed: int = 0) -> nn.Module:
    """Give a layer parameters and statistics none of which is 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
        for name, buffer in layer.named_buffers():
            if "var" in name:
                buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.2)
            elif "mean" in name:
                buffer.copy_(torch.randn(buffer.shape, generator=generator))
    return layer.eval()


# --- worked by hand ------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kernel", "expected"),
    [
        ([0, 1, 0, 1, 0, 0, 1, 1, 1, 0], [1, 0, 1], [0, 2, 0, 1, 1, 1, 2, 1]),
        ([0, 1, 2, 1, 0, 0, 1, 1, 1, 0], [1, 2, 1], [4, 6, 4, 1, 1, 3, 4, 3]),
    ],
)
def test_convolution_by_hand(data, kernel, expected):
    weight = torch.tensor([[kernel]], dtype=torch.float32)
    node = last(lambda x: F.conv1d(x, weight), torch.tensor([[data]], dtype=torch.float32))
    found = [explain(node, 0, 0, x) for x in range(len(expected))]
    assert [one.total for one in found] == expected
    assert [one.value for one in found] == expected
    assert found[1].expression == "×".join(["1", "1 + 0"] if kernel[1] == 0 else ["1", "1 + 2"]) + (
        "×0 + 1×1 = 2" if kernel[1] == 0 else "×2 + 1×1 = 6"
    )


def test_expression_of_a_short_sum_is_written_out():
    weight = torch.tensor([[[0.5, -0.25, 2.0]]])
    node = last(lambda x: F.conv1d(x, weight, torch.tensor([-1.0])), torch.tensor([[[1.0, 2.0, -3.0]]]))
    found = explain(node, 0, 0, 0)
    assert found.expression == "1×0.5 + 2×(−0.25) − 3×2 + bias (−1) = −7"
    assert found.bias == -1
    assert found.total == -7


def test_expression_of_a_long_sum_shows_the_largest_terms():
    node = last(nn.Linear(50, 1), torch.randn(1, 50))
    text = explain(node, 0).expression
    assert "… (46 more) + bias" in text
    assert text.count("×") == 4


# --- sums ------------------------------------------------------------


def random_convolution(draw: random.Random, axes: int, *, transposed: bool):
    groups = draw.choice([1, 1, 2, 3])
    inputs, outputs = groups * draw.randint(1, 3), groups * draw.randint(1, 3)
    kernel = tuple(draw.randint(1, 4) for _ in range(axes))
    stride = tuple(draw.randint(1, 3) for _ in range(axes))
    dilation = tuple(draw.randint(1, 3) for _ in range(axes))
    options = {
        "kernel_size": kernel,
        "stride": stride,
        "dilation": dilation,
        "groups": groups,
        "bias": draw.random() < 0.7,
        "padding": tuple(draw.randint(0, 3) for _ in range(axes)),
    }
    if transposed:
        options["padding"] = tuple(
            min(p, d * (k - 1)) for p, d, k in zip(options["padding"], dilation, kernel, strict=True)
        )
        options["output_padding"] = tuple(
            draw.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)
        )
        return [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d][axes - 1](
            inputs, outputs, **options
        )
    if draw.random() < 0.4:
        options["padding_mode"] = draw.choice(["reflect", "replicate", "circular"])
    if draw.random() < 0.3:
        options.update(stride=1, padding="same")
    return [nn.Conv1d, nn.Conv2d, nn.Conv3d][axes - 1](inputs, outputs, **options)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_convolutions(axes, transposed, seed):
    torch.manual_seed(seed)
    draw = random.Random(100 * seed + axes)
    layer = random_convolution(draw, axes, transposed=transposed)
    sizes = [draw.randint(10, 13) for _ in range(axes)]
    result = traced(layer, torch.randn(2, layer.in_channels, *sizes))
    for node in result.nodes[1:]:  # circular and other padding modes are a node of their own
        found = check(node, 10, item=1)
        sources_hold(result, found, item=1)


@pytest.mark.parametrize("kernel", [2, 3, 4, (4, 3)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_same_padding(kernel, dilation):
    check(last(nn.Conv2d(3, 4, kernel, padding="same", dilation=dilation), torch.randn(1, 3, 9, 8)))


def test_depthwise_convolution_reads_one_channel():
    found = check(last(nn.Conv2d(6, 12, 3, groups=6, padding=1), torch.randn(1, 6, 8, 8)))
    assert len(found.groups) == 1
    node = last(nn.Conv2d(6, 12, 3, groups=6, padding=1), torch.randn(1, 6, 8, 8))
    assert [explain(node, channel, 4, 4).groups[0].channel for channel in (0, 1, 2, 11)] == [0, 0, 1, 5]


def test_convolution_terms_say_where_they_come_from():
    layer = nn.Conv2d(3, 4, 3, padding=1)
    result = traced(nn.Sequential(nn.ReLU(), layer), torch.randn(1, 3, 6, 6))
    found = explain(result.nodes[-1], 2, 0, 5)
    assert [group.channel for group in found.groups] == [0, 1, 2]
    assert len(found.terms) == 27
    value, weight = found.groups[1].terms[0].factors  # above and left of the first row: padding
    assert (value.value, value.source, value.position) == (0.0, None, None)
    assert weight.position == (1, 0, 0)
    assert weight.value == layer.weight[2, 1, 0, 0].item()
    value, weight = found.groups[1].terms[4].factors
    assert (value.source, value.position, value.role) == (1, (1, 0, 5), "input")
    assert weight.position == (1, 1, 1)
    assert sources_hold(result, found) == 3 * 4
    assert sum(group.subtotal for group in found.groups) + found.bias == pytest.approx(found.total, abs=1e-12)


def test_transposed_convolution_lists_only_the_inputs_that_reach_the_pixel():
    node = last(nn.ConvTranspose2d(1, 1, 2, stride=2), torch.randn(1, 1, 4, 4))
    found = explain(node, 0, 5, 2)
    assert len(found.terms) == 1
    assert found.terms[0].factors[0].position == (0, 2, 1)
    assert found.terms[0].factors[1].position == (0, 1, 0)


@pytest.mark.parametrize("shape", [(2, 12), (2, 5, 12), (2, 3, 4, 12)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(shape, bias):
    check(last(nn.Linear(12, 7, bias=bias), torch.randn(shape)), item=1)


def test_linear_over_a_flattened_map_knows_the_map():
    model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Flatten(), nn.Dropout(), nn.Linear(5 * 4 * 6, 3)).eval()
    result = traced(model, torch.randn(2, 3, 6, 8))
    found = check(result.nodes[-1], item=1)
    assert len(found.groups) == 5
    assert {term.factors[0].source for term in found.terms} == {1}
    assert sources_hold(result, found, item=1) == 5 * 4 * 6


def test_linear_over_features_has_a_group_for_each():
    found = check(last(nn.Linear(9, 2), torch.randn(1, 9)))
    assert len(found.groups) == 9


def test_matrix_products():
    check(last(lambda x: x @ x.transpose(-1, -2), torch.randn(2, 3, 4, 5)), item=1)
    check(last(lambda x: torch.bmm(x, x.transpose(1, 2)), torch.randn(2, 4, 5)), item=1)


# --- normalisation ------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.BatchNorm2d(6), (2, 6, 5, 4)),
        (nn.BatchNorm2d(6, affine=False), (2, 6, 5, 4)),
        (nn.BatchNorm2d(6, track_running_stats=False), (2, 6, 5, 4)),
        (nn.BatchNorm1d(6), (2, 6, 5)),
        (nn.BatchNorm1d(6), (2, 6)),
        (nn.GroupNorm(3, 6), (2, 6, 5, 4)),
        (nn.GroupNorm(1, 6, affine=False), (2, 6, 5, 4)),
        (nn.InstanceNorm2d(6), (2, 6, 5, 4)),
        (nn.InstanceNorm2d(6, affine=True, track_running_stats=True), (2, 6, 5, 4)),
        (nn.LayerNorm(6), (2, 5, 6)),
        (nn.LayerNorm([6, 5, 4]), (2, 6, 5, 4)),
        (nn.LayerNorm(4, elementwise_affine=False), (2, 6, 5, 4)),
        (nn.RMSNorm(6), (2, 5, 6)),
    ],
    ids=lambda value: str(value) if isinstance(value, nn.Module) else None,
)
@pytest.mark.parametrize("offset", [0.0, 30.0])
def test_normalisation(layer, shape, offset):
    torch.manual_seed(0)
    found = check(last(randomised(layer), torch.randn(shape) * 2 + offset), item=1)
    assert {"eps"} < set(found.facts)
    (term,) = found.terms
    assert term.product + found.bias == pytest.approx(found.total, rel=1e-9, abs=1e-9)


def test_batch_norm_in_training_mode_uses_the_batch():
    layer = randomised(nn.BatchNorm2d(4)).train()
    images = torch.randn(3, 4, 5, 5)
    node = last(lambda x: F.batch_norm(x, None, None, layer.weight, layer.bias, training=True), images)
    found = check(node, item=2)
    assert found.note is not None
    assert "75" in found.note


def test_layer_norm_2d_of_torchvision():
    from torchvision.models.convnext import LayerNorm2d

    result = traced(randomised(LayerNorm2d(6)), torch.randn(1, 6, 5, 4))
    for node in result.nodes[1:]:
        check(node)
        assert extent(node) == (6, 5, 4)


def test_batch_norm_by_hand():
    layer = nn.BatchNorm2d(1, eps=0.0).eval()
    with torch.no_grad():
        layer.running_mean.fill_(2.0)
        layer.running_var.fill_(4.0)
        layer.weight.fill_(3.0)
        layer.bias.fill_(0.5)
    found = explain(last(layer, torch.full((1, 1, 1, 1), 6.0)), 0, 0, 0)
    assert found.total == 6.5
    assert found.expression == "(6 − 2) / √(4 + 0) × 3 + 0.5 = 6.5"
    assert found.facts == {"mean": 2, "variance": 4, "eps": 0, "weight": 3, "bias": 0.5}


# --- functions of one number ------------------------------------------------------------

LAYERS = [
    nn.ReLU(),
    nn.ReLU(inplace=True),
    nn.ReLU6(),
    nn.LeakyReLU(0.2),
    nn.PReLU(),
    nn.PReLU(4),
    nn.ELU(0.7),
    nn.SELU(),
    nn.CELU(1.3),
    nn.GELU(),
    nn.GELU("tanh"),
    nn.SiLU(),
    nn.Mish(),
    nn.Sigmoid(),
    nn.LogSigmoid(),
    nn.Tanh(),
    nn.Hardswish(),
    nn.Hardsigmoid(),
    nn.Hardtanh(-0.3, 1.7),
    nn.Softplus(2.0, 5.0),
    nn.Softsign(),
    nn.Tanhshrink(),
    nn.Softshrink(0.3),
    nn.Hardshrink(0.3),
    nn.Threshold(0.1, -2.0),
]
FUNCTIONS = {
    "clamp": lambda x: x.clamp(-0.3, 0.9),
    "relu6": lambda x: F.relu6(x * 5),
    "clamp_open": lambda x: torch.clamp(x, max=0.1),
    "clamp_min": lambda x: x.clamp_min(0.1),
    "clamp_max": lambda x: x.clamp_max(0.1),
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "log1p": torch.log1p,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "reciprocal": torch.reciprocal,
    "square": torch.square,
    "pow": lambda x: x**3,
    "abs": torch.abs,
    "neg": lambda x: -x,
    "sign": torch.sign,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "round": torch.round,
    "erf": torch.erf,
    "sin": torch.sin,
    "cos": torch.cos,
}


@pytest.mark.parametrize("scale", [0.01, 1.0, 20.0])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_activation_layers(layer, scale):
    torch.manual_seed(1)
    found = check(last(layer, torch.randn(2, 4, 9, 9) * scale), 150)
    assert found.formula
    assert "{" not in found.expression


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_one_number(name):
    torch.manual_seed(2)
    images = torch.randn(2, 4, 9, 9)
    positive = name in ("log", "log1p", "sqrt", "rsqrt")
    check(last(FUNCTIONS[name], images.abs() if positive else images), 100)


def test_no_function_of_one_number_is_untested():
    images = torch.rand(1, 4, 2, 2)
    seen = {last(function, images).kind for function in [*LAYERS, *FUNCTIONS.values()]}
    assert seen >= set(ACTIVATION) - {"gelu_tanh"}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("layer", [nn.ReLU(), nn.Sigmoid(), nn.GELU(), nn.Conv2d(1, 1, 1), nn.MaxPool2d(1)])
def test_numbers_that_are_not_finite(layer, number):
    found = explain(last(layer, torch.full((1, 1, 1, 1), number)), 0, 0, 0)
    assert found.agrees
    json.dumps(found.to_json(), allow_nan=False)


# --- pooling ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_pooling(seed):
    draw = random.Random(seed)
    torch.manual_seed(seed)
    kernel = (draw.randint(2, 4), draw.randint(2, 4))
    padding = (kernel[0] // 2, kernel[1] // 2)
    stride = draw.choice([None, 1, (2, 3)])
    ceil = draw.random() < 0.5
    images = torch.randn(2, 3, 11, 12) - 3
    dilation = draw.choice([1, 2])
    check(last(nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil), images), item=1)
    average = nn.AvgPool2d(kernel, stride, padding, ceil, draw.random() < 0.5, draw.choice([None, 5]))
    result = traced(average, images)
    sources_hold(result, check(result.nodes[-1], item=1), item=1)
    size = (draw.randint(1, 13), draw.randint(1, 13))
    check(last(nn.AdaptiveAvgPool2d(size), images), item=1)
    check(last(nn.AdaptiveMaxPool2d(size), images), item=1)
    check(last(nn.MaxPool1d(3, 2, 1), images[:, 0]))
    check(last(nn.AvgPool1d(3, 2, 1), images[:, 0]))
    check(last(nn.AvgPool3d(2), images[:, None]))


def test_max_pool_points_at_the_winner():
    images = torch.arange(16.0).reshape(1, 1, 4, 4)
    found = explain(last(nn.MaxPool2d(2), images), 0, 1, 0)
    assert found.exact
    assert found.chosen == 3
    assert found.terms[found.chosen].factors[0].position == (0, 3, 1)
    assert found.expression == "max(8, 9, 12, 13) = 13"


def test_max_pool_with_indices():
    nodes = traced(lambda x: F.max_pool2d(x, 2, return_indices=True), torch.randn(1, 2, 6, 6)).nodes[1:]
    assert [explain(node, 1, 2, 2).form for node in nodes] == ["max", "unknown"]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.mean((2, 3)),
        lambda x: x.mean([2, 3], keepdim=True),
        lambda x: x.mean(1, keepdim=True),
        lambda x: x.mean(dim=-1),
        lambda x: x.mean(),
        lambda x: x.sum(2),
        lambda x: x.amax((2, 3), keepdim=True),
        lambda x: x.amin(1),
    ],
)
def test_reductions(function):
    check(last(function, torch.randn(2, 3, 4, 5)))


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic", "area"])
@pytest.mark.parametrize("size", [(5, 13), (14, 14)])
def test_interpolation(mode, size):
    node = last(lambda x: F.interpolate(x, size, mode=mode), torch.randn(2, 3, 7, 8))
    found = check(node, item=1)
    assert sum(term.factors[1].value for term in found.terms) == pytest.approx(1, abs=1e-5)


# --- two operands ------------------------------------------------------------

SHIFT = torch.randn(3, 1, 1)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + x.flip(3),
        lambda x: x - x.flip(3),
        lambda x: torch.add(x, x.flip(3), alpha=3),
        lambda x: torch.sub(x, x.flip(3), alpha=0.3),
        lambda x: x + 1.5,
        lambda x: 1.5 - x,
        lambda x: x + SHIFT,
        lambda x: SHIFT * x,
        lambda x: x * x.mean((2, 3), keepdim=True).sigmoid(),
        lambda x: x.mean((2, 3), keepdim=True) * x,
        lambda x: x * x[:1, :, :1, :1],
        lambda x: x * 0.3,
        lambda x: x / 3,
        lambda x: 3 / x,
        lambda x: x / SHIFT,
        lambda x: torch.maximum(x, x.flip(2)),
        lambda x: torch.minimum(x, x.flip(2)),
        lambda x: x.add_(1).mul_(x.flip(1)),
    ],
)
def test_two_operands(function):
    result = traced(function, torch.randn(2, 3, 4, 5))
    found = check(result.nodes[-1], item=1)
    assert len(found.groups) in (1, 2)


def test_squeeze_and_excitation_multiplies_pixel_and_gate():
    result = traced(lambda x: x * x.mean((2, 3), keepdim=True), torch.randn(1, 3, 4, 5))
    found = explain(result.nodes[-1], 2, 1, 3)
    ((pixel, gate),) = [term.factors for term in found.terms]
    assert (pixel.source, pixel.position) == (0, (2, 1, 3))
    assert (gate.source, gate.position) == (1, (2, 0, 0))
    assert found.form == "product"


# --- moved numbers ------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda x: torch.cat([x, x.relu(), x], 1),
        lambda x: torch.cat([x, torch.zeros(2, 1, 6, 8)], 1),
        lambda x: torch.stack([x, x.neg()], 1),
        lambda x: x.flatten(1),
        lambda x: x.view(2, -1),
        lambda x: x.reshape(2, 8, 6, 4),
        lambda x: x.permute(0, 2, 3, 1),
        lambda x: x.transpose(1, 2),
        lambda x: x.chunk(2, 1)[1],
        lambda x: x.split([1, 3], 1)[1],
        lambda x: x.unbind(2)[3],
        lambda x: x[:, 1:3, ::2],
        lambda x: x[..., 3],
        lambda x: x[:, [2, 0]],
        lambda x: x[:, :, :1, :1].squeeze(),
        lambda x: x.unsqueeze(1),
        lambda x: F.pad(x, (1, 2, 0, 3)),
        lambda x: F.pad(x, (1, 2, 0, 3), value=-7.5),
        lambda x: F.pad(x, (1, 2, 2, 3), mode="reflect"),
        lambda x: F.pad(x, (1, 2, 2, 3), mode="replicate"),
        lambda x: F.pad(x, (1, 2, 2, 3), mode="circular"),
        lambda x: F.dropout(x, 0.5, False),
        lambda x: x.roll((1, 2), (2, 3)),
        lambda x: x.flip(3),
        lambda x: x[:, :1].expand(2, 4, 6, 8),
        lambda x: x.repeat(1, 2, 1, 1),
        lambda x: F.pixel_shuffle(x, 2),
        lambda x: F.pixel_unshuffle(x, 2),
        lambda x: F.unfold(x, 3, padding=1),
        lambda x: x.view(2, 2, 2, 6, 8).transpose(1, 2).reshape(2, 4, 6, 8),
        lambda x: x.to(torch.float64),
        lambda x: x.to(torch.bfloat16),
        lambda x: x.contiguous().clone().detach(),
    ],
)
def test_moved_numbers(function):
    result = traced(function, torch.randn(2, 4, 6, 8))
    for node in result.nodes[1:]:
        if node.kind == "zeros" or node.output.ndim < 2:
            continue
        for channel, y, x in positions(node, 20):
            found = explain(node, channel, y, x, item=1)
            assert found.agrees, (node, channel, y, x, found)
            sources_hold(result, found) if node.output.shape[0] != 2 else sources_hold(result, found, item=1)


def test_concatenation_says_which_input_and_which_channel():
    result = traced(lambda x: torch.cat([x, x.relu()], 1), torch.randn(1, 3, 4, 4))
    found = explain(result.nodes[-1], 4, 2, 3)
    (factor,) = found.terms[0].factors
    assert (factor.source, factor.position) == (1, (1, 2, 3))
    assert found.note == "Taken from input 2 of 2, channel 1."
    assert found.exact


def test_padding_has_no_source():
    found = explain(last(lambda x: F.pad(x, (1, 1)), torch.randn(1, 1, 2, 2)), 0, 0, 0)
    assert found.terms[0].factors[0].source is None
    assert found.note is not None


def test_dropout_in_training_is_not_taken_apart():
    node = last(lambda x: F.dropout(x, 0.5, True), torch.randn(1, 1, 2, 2))
    assert explain(node, 0, 0, 0).form == "unknown"


# --- softmax ------------------------------------------------------------


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax, F.softmin])
@pytest.mark.parametrize("scale", [0.1, 3.0, 40.0])
def test_softmax(function, scale):
    torch.manual_seed(3)
    found = check(last(lambda x: function(x, dim=1), torch.randn(2, 10) * scale), item=1)
    assert len(found.terms if found.groups else ()) in (10, 0)
    check(last(lambda x: function(x, dim=1), torch.randn(2, 5, 3, 4) * scale), item=1)
    check(last(lambda x: function(x, dim=-1), torch.randn(2, 5, 3, 4) * scale), item=1)


def test_softmax_by_hand():
    found = explain(last(lambda x: x.softmax(1), torch.tensor([[0.0, math.log(3.0)]])), 1)
    assert found.total == pytest.approx(0.75)
    assert found.chosen == 1
    assert found.expression == "exp(1.099) / (exp(0) + exp(1.099)) = 0.75"


# --- the answer itself ------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(8, 8, 3),
        nn.Linear(9, 4),
        randomised(nn.BatchNorm2d(8)),
        nn.ReLU(),
        nn.GELU(),
        nn.MaxPool2d(2),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Softmax(1),
        nn.GroupNorm(2, 8),
    ],
    ids=str,
)
def test_a_corrupted_value_does_not_agree(layer):
    torch.manual_seed(4)
    node = last(layer, torch.rand(1, 8, 9, 9) + 0.1)
    channel, y, x = (size // 2 for size in extent(node))
    assert explain(node, channel, y, x).agrees
    corrupted = Node(
        node.index,
        node.kind,
        node.call,
        node.inputs,
        node.output.clone(),
        node.function,
        node.args,
        node.kwargs,
    )
    maps(corrupted)[channel, y, x] += 1e-4
    assert not explain(corrupted, channel, y, x).agrees


def test_a_wrong_weight_does_not_agree():
    layer = nn.Conv2d(8, 8, 3)
    node = last(layer, torch.rand(1, 8, 9, 9))
    with torch.no_grad():
        layer.weight[3, 2, 1, 1] += 1e-3
    assert not explain(node, 3, 2, 2).agrees
    assert explain(node, 4, 2, 2).agrees


def test_unknown_operations_are_shown_and_not_taken_apart():
    node = last(lambda x: torch.cumsum(x, 1), torch.randn(1, 3, 4, 4))
    found = explain(node, 1, 2, 3)
    assert node.kind not in EXPLAINED
    assert found.form == "unknown"
    assert found.value == node.output[0, 1, 2, 3].item()
    assert math.isnan(found.total)
    assert not found.agrees
    assert found.note == "The operation cumsum is shown but not taken apart."
    assert found.note.translated(lambda text: text.replace("The operation", "Die Operation")).startswith(
        "Die"
    )
    json.dumps(found.to_json(), allow_nan=False)


def test_the_image_is_given():
    found = explain(traced(nn.ReLU(), torch.randn(1, 3, 4, 4)).input, 2, 1, 1)
    assert (found.form, found.agrees, found.exact) == ("given", True, True)


@pytest.mark.parametrize("position", [(3, 0, 0), (0, 4, 0), (0, 0, 5), (-1, 0, 0), (0, -1, 0)])
def test_positions_outside_are_refused_in_words(position):
    node = last(nn.ReLU(), torch.randn(1, 3, 4, 5))
    with pytest.raises(ReaderError, match="counts from 0 to"):
        explain(node, *position)


def test_rows_and_columns_are_ignored_where_there_are_none():
    node = last(nn.Linear(3, 2), torch.randn(1, 3))
    assert explain(node, 1, 7, 9).value == node.output[0, 1].item()


def test_tokens_have_their_features_as_channels():
    node = last(nn.Linear(3, 4), torch.randn(1, 6, 3))
    assert extent(node) == (4, 1, 6)
    assert explain(node, 2, 0, 5).value == node.output[0, 5, 2].item()


def test_sequences_have_their_channels_first():
    node = last(nn.Sequential(nn.Conv1d(3, 4, 1), nn.ReLU()), torch.randn(1, 3, 6))
    assert extent(node) == (4, 1, 6)
    assert explain(node, 2, 0, 5).value == node.output[0, 2, 5].item()


def test_json_is_plain_and_can_be_limited():
    node = last(nn.Conv2d(20, 4, 3, padding=1), torch.randn(1, 20, 6, 6))
    found = explain(node, 1, 0, 0)
    whole = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert len(whole["groups"]) == 20
    assert whole["rest"] is None
    part = json.loads(json.dumps(found.to_json(max_groups=3), allow_nan=False))
    assert len(part["groups"]) == 3
    sizes = [abs(group["subtotal"]) for group in part["groups"]]
    assert sizes == sorted(sizes, reverse=True)
    assert part["rest"]["groups"] == 17
    assert part["rest"]["terms"] == 17 * 9
    total = sum(group["subtotal"] for group in part["groups"]) + part["rest"]["subtotal"] + part["bias"]
    assert total == pytest.approx(whole["total"])
    assert whole["groups"][0]["factors"][0]["positions"][0] is None  # padding
    assert whole["groups"][0]["factors"][0]["positions"][4] == [0, 0, 0]


@pytest.mark.parametrize(
    ("layer", "shape", "limit"),
    [(nn.Conv2d(512, 8, 3, padding=1), (1, 512, 7, 7), 0.010), (nn.Linear(25088, 8), (1, 25088), 0.100)],
    ids=["conv", "linear"],
)
def test_wide_layers_are_answered_at_once(layer, shape, limit):
    node = last(layer, torch.randn(shape))
    seconds = []
    for _ in range(5):
        start = time.process_time()
        explain(node, 1, 3, 3)
        seconds.append(time.process_time() - start)
    assert min(seconds) < limit


def test_half_precision_is_judged_by_its_own_rounding():
    layer = nn.Conv2d(16, 4, 3).to(torch.bfloat16)
    found = explain(last(layer, torch.randn(1, 16, 6, 6, dtype=torch.bfloat16)), 1, 2, 2)
    assert found.agrees
    assert found.tolerance > 1e-3


def test_explaining_changes_nothing_and_works_inside_inference_mode():
    images = torch.randn(1, 3, 6, 6)
    with torch.inference_mode():
        result = trace(nn.Sequential(nn.Conv2d(3, 3, 3), nn.Upsample(scale_factor=2), nn.Flatten()), images)
    before = [node.output.clone() for node in result.nodes]
    for node in result.nodes:
        assert explain(node, 1, 1, 1).agrees
    assert all(torch.equal(node.output, old) for node, old in zip(result.nodes, before, strict=True))
