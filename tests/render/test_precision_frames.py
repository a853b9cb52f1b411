"""Frames of mixed precision, against PyTorch's own numbers and its GradScaler."""

import math

import pytest
import torch

from explainer.render.precision_frames import (
    POWERS,
    compared,
    course,
    course_frame,
    fastest,
    magnitudes_frame,
    number_frame,
    number_text,
    vanished_in,
)
from explainer.render.wire import pack, unpack
from explainer.tracing.precision import FORMATS
from explainer.training.loss_scale import magnitudes
from explainer.training.throughput import Speed, Speeds

NUMBERS = (0.1, -1 / 3, 1.003, 65504.0, 65519.0, 65520.0, 1e5, 2e-8, 3e-8, -1e-7, 0.0, 3e38, 1e-40, -7.5)
WHOLE = {"float32": (torch.int32, 32), "bfloat16": (torch.int16, 16), "float16": (torch.int16, 16)}


@pytest.mark.parametrize("number", NUMBERS)
def test_bits_and_neighbours_are_those_of_pytorch(number):
    frame = unpack(pack(number_frame(number)))
    for one in frame["formats"]:
        dtype = FORMATS[one["name"]].dtype
        kind, width = WHOLE[one["name"]]
        exact = torch.tensor(number, dtype=torch.float64).to(dtype)
        code = int(exact.view(kind)) & ((1 << width) - 1)
        assert one["sign"] + one["exponent"] + one["fraction"] == f"{code:0{width}b}"
        value = float(exact)
        assert one["value"] == (value if math.isfinite(value) else None)
        assert (one["became"] == "overflow") == math.isinf(value)
        assert (one["became"] == "underflow") == (value == 0 and number != 0)
        assert (one["became"] == "few") == (0 < abs(value) < torch.finfo(dtype).tiny)
        if math.isfinite(value) and number:
            assert one["error"] == pytest.approx(abs(value - number) / abs(number), rel=1e-9)
        if dtype == torch.float32 and math.isfinite(value):
            up = torch.nextafter(exact, torch.tensor(math.inf))
            assert one["above"] == float(up)


def test_numbers_that_are_none_are_said_in_words():
    frame = unpack(pack(number_frame(math.inf)))
    assert [one["texts"]["value"] for one in frame["formats"]] == ["∞"] * 3
    assert [one["became"] for one in frame["formats"]] == [""] * 3
    assert number_text(-math.inf) == "−∞"
    assert {one["kind"] for one in number_frame(math.nan)["formats"]} == {"nan"}


@pytest.mark.parametrize(("start", "interval", "limit"), [(16, 5, 17), (20, 3, 15), (4, 7, 30)])
def test_the_course_is_that_of_gradscaler(start, interval, limit):
    overflows = {0, 4, 5, 31}
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**start, growth_interval=interval)
    found = course(40, 2.0**start, interval, overflows, 2.0**limit)
    for step, mine in enumerate(found):
        before, scale = weight.item(), scaler.get_scale()
        assert mine.scale == scale
        sound = step not in overflows and scale <= 2.0**limit
        optimizer.zero_grad()
        scaler.scale((weight * (1.0 if sound else float("inf"))).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        assert mine.skipped == (weight.item() == before)
    frame = unpack(pack(course_frame(found, overflows, interval)))
    assert frame["forced"] == sorted(overflows)
    assert frame["powers"].tolist() == [math.log2(one.scale) for one in found]
    assert frame["skipped"].tolist() == [one.skipped for one in found]


def test_shares_of_gradients_are_those_of_rounding_each():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(30_000, generator=generator) * 2.0 ** torch.randint(
        -40, -5, (30_000,), generator=generator
    )
    values[::10] = 0
    frame = unpack(pack(magnitudes_frame(magnitudes(values))))
    assert frame["count"] == 30_000
    assert frame["zero"] == pytest.approx(0.1)
    assert frame["below"] + frame["shares"].sum() + frame["zero"] == pytest.approx(1, abs=1e-5)
    for power in POWERS:
        scaled = (values.double() * 2.0**power).half()
        gone = ((scaled == 0) & (values != 0)).double().mean().item()
        assert frame["vanished"][power] == pytest.approx(gone, abs=1e-12)
        assert frame["overflowed"][power] == pytest.approx(scaled.isinf().double().mean().item(), abs=1e-12)
    middle = (values.abs() >= 2.0**-10) & (values.abs() < 2.0**-9)
    assert frame["shares"][-10 - frame["low"]] == pytest.approx(middle.double().mean().item(), rel=1e-5)


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_what_vanishes_in_a_format_is_what_pytorch_rounds_to_zero(name):
    smallest = FORMATS[name].smallest
    edges = torch.tensor([1e-45, smallest / 4, smallest / 2, smallest * 0.51, smallest, 1e-3, 0.0])
    values = torch.cat([edges, -edges])
    rounded = values.to(FORMATS[name].dtype)
    gone = ((rounded == 0) & (values != 0)).double().mean().item()
    assert vanished_in(magnitudes(values), FORMATS[name]) == pytest.approx(gone)
    assert vanished_in(magnitudes(torch.empty(0)), FORMATS[name]) == 0
    assert magnitudes_frame(magnitudes(torch.zeros(4)))["zero"] == 1


def test_ways_are_compared_with_the_first():
    ways = (
        Speed("float32", False, 100.0, 4_000_000),
        Speed("float32", True, 150.0, 4_000_000),
        Speed("bfloat16", True, 120.0, 2_000_000),
    )
    found = Speeds("a machine", 32, ways, "kept", ())
    assert [(one.times, one.memory) for one in compared(found)] == [(1, 1), (1.5, 1), (1.2, 0.5)]
    assert fastest(found) is ways[1]
