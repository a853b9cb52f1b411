"""Chains of layers: against networks that ran, the closed formula, gradients, and numbers worked by hand."""

import math
import random
import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.playground.exercises import make
from explainer.playground.exercises.stack import EXERCISES
from explainer.playground.layer_code import build, read_chain
from explainer.playground.stacking import PRESETS, Stack, mended, stack, window_ranges
from explainer.render.stacking import growth
from explainer.tracing import cost, receptive_fields, trace


def of(code: str, side: int = 32) -> Stack:
    return stack(read_chain(code), side)


@pytest.mark.parametrize("name", PRESETS)
def test_a_chain_is_what_it_is_when_it_runs(name):
    """Built with real weights and run with real numbers, not on the meta device."""
    preset = PRESETS[name]
    side = min(preset.side, 32)
    found = stack(read_chain(preset.chain), side)
    network = nn.Sequential(*map(build, found.specs)).eval()
    recorded = trace(network, torch.zeros(1, *found.input_shape))
    fields, costs = receptive_fields(recorded), cost(recorded)
    for step, node in zip(found.steps, recorded.nodes[1:], strict=True):
        assert step.shape == node.shape[1:]
        assert step.size == fields[node].size
        assert step.stride == fields[node].stride
        assert step.parameters == costs[node].parameters
        assert step.multiply_adds == costs[node].flops // 2
    assert found.parameters == sum(p.numel() for p in network.parameters())


def test_nothing_random_is_used_up():
    before = torch.get_rng_state()
    of("Conv2d(3, 7, 3); ReLU(); Dropout(0.3); Conv2d(7, 9, 3)", 33)
    assert torch.equal(before, torch.get_rng_state())


def test_two_small_kernels_against_one_large():
    small, large = (read_chain(code) for code in (PRESETS["two"].chain, PRESETS["two"].against))
    first, second = stack(small, 32), stack(large, 32)
    assert first.steps[-1].size == second.steps[-1].size == (5, 5)
    assert (first.parameters, second.parameters) == (2 * (9 * 64 * 64 + 64), 25 * 64 * 64 + 64)
    assert (first.nonlinearities, second.nonlinearities) == (2, 1)


def test_the_other_presets():
    assert of(PRESETS["three"].chain).steps[-1].size == of(PRESETS["three"].against).steps[-1].size == (7, 7)
    assert of(PRESETS["dilated"].chain).steps[-1].size == (15, 15)
    assert of(PRESETS["dilated"].against).steps[-1].size == (13, 13)
    vgg = of(PRESETS["vgg"].chain, 224)
    assert (vgg.steps[-1].shape, vgg.steps[-1].size, vgg.steps[-1].stride) == ((64, 112, 112), (6, 6), (2, 2))
    lenet = of(PRESETS["lenet"].chain)
    maps = [step.shape for step in lenet.steps if step.spec.kind not in ("Tanh", "Flatten")]
    assert maps == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120,), (84,), (10,)]
    assert lenet.parameters == 61_706


def random_chain(rng: random.Random) -> str:
    lines = []
    for _ in range(rng.randint(1, 4)):
        size = rng.choice([1, 2, 3, 5])
        if rng.random() < 0.6:
            lines.append(
                f"Conv2d(3, 3, {size}, stride={rng.randint(1, 2)}, padding={rng.randint(0, 2)}, "
                f"dilation={rng.randint(1, 2)})"
            )
        else:
            lines.append(
                f"MaxPool2d({size}, stride={rng.randint(1, 2)}, padding={rng.randint(0, size // 2)})"
            )
    return "; ".join(lines)


def test_the_formula_with_numbers_is_right_in_every_line():
    rng = random.Random(1)
    seen = 0
    for _ in range(40):
        for line in growth(of(random_chain(rng), 64)):
            _, left, right = line.split("=")
            assert eval(left.replace(r"\cdot", "*")) == int(right), line
            seen += 1
    assert seen > 40


def test_windows_of_single_layers_compose_to_the_traced_field():
    rng = random.Random(2)
    for _ in range(25):
        found = of(random_chain(rng), 48)
        for direction in (0, 1):
            last = found.steps[-1]
            table = (last.table.rows, last.table.columns)[direction]
            first, end = torch.arange(len(table)), torch.arange(len(table)) + 1
            sizes = [found.input_shape[1], *(step.shape[1] for step in found.steps)]
            for step, size in zip(reversed(found.steps), reversed(sizes[:-1]), strict=True):
                ranges = torch.from_numpy(window_ranges(step, direction))
                first, end = ranges[first, 0].clamp(0, size - 1), ranges[end - 1, 1].clamp(1, size)
            side = found.input_shape[1]
            middle = len(table) // 2
            if table[middle][0] >= 0 and table[middle][1] <= side:  # no padding on the way
                assert (int(first[middle]), int(end[middle])) == tuple(table[middle])


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("Conv2d(3, 8, 3); Conv2d(16, 8, 3)", "Layer 2: nn.Conv2d expects 16 channels, but 8 come in."),
        ("Conv2d(3, 8, 33)", "Layer 1: nn.Conv2d does not fit"),
        ("MaxPool2d(8); MaxPool2d(8)", "Layer 2"),
        ("Flatten(); Conv2d(3, 8, 3)", "Layer 2"),
        ("Conv2d(3, 8, 3); Linear(8, 2)", "Layer 2: nn.Linear expects 8 numbers, but 30 come in."),
        ("Conv2d(3, 8, 3, padding_mode='reflect')", "padding is zeros"),
    ],
)
def test_a_chain_that_does_not_fit_says_where(code, told):
    with pytest.raises(ReaderError) as caught:
        of(code)
    assert told in str(caught.value)


def test_a_chain_is_mended():
    code = (
        "Conv2d(3, 8, 3); BatchNorm2d(4); Conv2d(6, 6, 3, groups=6); Conv2d(6, 9, 1, groups=3); "
        "Flatten(); Linear(7, 2)"
    )
    found = mended(read_chain(code), 16)
    steps = stack(found, 16).steps
    assert [step.shape for step in steps][-1] == (2,)
    assert found[2]["groups"] == found[2]["out_channels"] == 8  # depthwise stays depthwise
    assert found[3]["groups"] == 1  # 8 channels cannot be shared out to 3 groups


def test_the_exercises_have_right_answers():
    for seed in range(12):
        found = make(EXERCISES, seed)
        codes = ";".join(re.findall("`(.*?)`", str(found["field"].fields["chain"])))
        network = nn.Sequential(*map(build, read_chain(codes))).double()
        image = torch.zeros(1, 3, 64, 64, dtype=torch.float64, requires_grad=True)
        for layer in network:
            for parameter in layer.parameters():
                nn.init.ones_(parameter)
        smooth = nn.Sequential(
            *(nn.AvgPool2d(2) if isinstance(one, nn.MaxPool2d) else one for one in network)
        )
        out = smooth(image)
        out[0, 0, out.shape[2] // 2, out.shape[3] // 2].backward()
        rows = image.grad[0, 0].any(dim=1).nonzero()
        assert found["field"].answer == int(rows.max() - rows.min()) + 1
        save = found["parameters"]
        channels, count = int(str(save.fields["channels"])), int(str(save.fields["count"]))
        assert save.answer == channels**2 * ((2 * count + 1) ** 2 - 9 * count)
        assert math.prod(found["shape"].answer) > 0
        assert "first" in str(found["where_to_stride"].answer)
        for exercise in found.values():
            exercise.question.format(**exercise.fields)
            exercise.why.format(**exercise.fields)


def test_holes_of_equal_dilations():
    """Which pixels reach the middle unit, by PyTorch's gradient: of 13 in a direction, every second."""
    found = of(PRESETS["dilated"].against)
    image = torch.ones(1, 1, 32, 32, dtype=torch.float64, requires_grad=True)
    value = image
    for spec in found.specs:
        if spec.kind == "Conv2d":
            kernel = torch.ones(1, 1, 3, 3, dtype=torch.float64)
            value = F.conv2d(value, kernel, padding=spec["padding"], dilation=spec["dilation"])
    value[0, 0, 16, 16].backward()
    assert image.grad is not None
    assert int(image.grad[0, 0].count_nonzero()) == 7 * 7
