"""Fewer bits: traces under autocast against the model run under autocast, errors against numpy."""

import threading

import numpy as np
import pytest
import torch
from torch import nn

from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import trace
from explainer.tracing.precision import FORMATS, layer_errors, trace_in

LOW = (torch.bfloat16, torch.float16)


@pytest.fixture(scope="module", params=["tiny_vgg", "resnet20"])
def opened(request):
    loaded = load_model(request.param)
    return loaded.model, loaded.preprocessing.apply(sample("coffee").load())


def hooked(model, images, dtype):
    """Every module's output in a plain forward pass under autocast."""
    outputs = {}
    copy = [
        module.register_forward_hook(lambda m, i, o, n=n: outputs.update({n: o.clone()}))
        for n, module in model.named_modules()
    ]
    try:
        with torch.no_grad(), torch.autocast("cpu", dtype=dtype):
            outputs[""] = model(images)
    finally:
        for hook in copy:
            hook.remove()
    return outputs


@pytest.mark.parametrize("dtype", LOW)
def test_a_trace_in_few_bits_is_the_pass_under_autocast(opened, dtype):
    model, images = opened
    recorded = trace_in(model, images, dtype)
    outputs = hooked(model, images, dtype)
    assert torch.equal(recorded.nodes[-1].output, outputs[""])
    checked = 0
    for node in recorded.nodes:
        if node.name == node.module and ":" not in node.name:
            assert node.output.dtype == outputs[node.name].dtype
            assert torch.equal(node.output, outputs[node.name]), node.name
            checked += 1
    assert checked > 5


def test_the_model_is_left_as_it_was(opened):
    model, images = opened
    before = {name: value.clone() for name, value in model.state_dict().items()}
    trace_in(model, images, torch.float16)
    assert not torch.is_autocast_enabled("cpu")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(value.dtype == before[name].dtype for name, value in model.state_dict().items())


def test_float32_is_the_usual_trace(opened):
    model, images = opened
    assert torch.equal(
        trace_in(model, images, torch.float32).nodes[-1].output, trace(model, images).nodes[-1].output
    )


@pytest.mark.parametrize("dtype", LOW)
def test_errors_are_those_of_numpy_in_double_precision(opened, dtype):
    model, images = opened
    reference, other = trace(model, images), trace_in(model, images, dtype)
    errors = layer_errors(reference, other, dtype)
    assert [error.name for error in errors] == [node.name for node in reference.nodes]
    for error in errors:
        exact = reference[error.name].output.double().numpy()
        low = other[error.name].output.double().numpy()
        difference = np.abs(low - exact)
        assert error.relative == pytest.approx(
            np.linalg.norm(difference) / np.linalg.norm(exact), rel=1e-3, abs=1e-9
        )
        assert error.largest == pytest.approx(difference.max() / np.abs(exact).max(), rel=1e-3, abs=1e-9)
        assert error.mean == pytest.approx(difference.mean() / np.abs(exact).mean(), rel=1e-3, abs=1e-9)
        assert error.vanished == ((low == 0) & (exact != 0)).sum()
        assert error.overflowed == 0
        assert error.count == exact.size
        if dtype == torch.float16:  # numpy knows this format, too
            cast = reference[error.name].output.numpy().astype(np.float16).astype(np.float64)
            assert error.rounding == pytest.approx(
                np.linalg.norm(cast - exact) / np.linalg.norm(exact), rel=1e-3
            )


def test_one_rounding_stays_within_the_unit_roundoff(opened):
    model, images = opened
    reference = trace(model, images)
    for name in ("bfloat16", "float16"):
        form = FORMATS[name]
        errors = layer_errors(reference, reference, form.dtype)
        assert all(0 < error.rounding <= form.unit_roundoff for error in errors)
        assert all(error.relative == 0 for error in errors)


def test_formats_are_those_of_the_standard():
    for name, bits, largest, smallest in (
        ("float32", 32, np.finfo(np.float32).max, np.finfo(np.float32).smallest_subnormal),
        ("float16", 16, np.finfo(np.float16).max, np.finfo(np.float16).smallest_subnormal),
        ("bfloat16", 16, 3.3895313892515355e38, 2.0**-133),
    ):
        form = FORMATS[name]
        assert 1 + form.exponent + form.fraction == bits
        assert form.largest == float(largest)
        assert form.smallest == float(smallest)
        one = torch.tensor(1.0, dtype=form.dtype)
        step = 2 * form.unit_roundoff
        assert one + step > one
        assert one + step / 2 == one  # half a step rounds back to even


class Extreme(nn.Module):
    """Numbers that a 16-bit format cannot hold."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.constant_(self.conv.weight, weight)

    def forward(self, x):
        return self.conv(x)


@pytest.mark.parametrize(
    ("weight", "dtype", "overflowed", "vanished"),
    [
        (1e5, torch.float16, 16, 0),
        (1e5, torch.bfloat16, 0, 0),
        (1e-9, torch.float16, 0, 16),
        (1e-9, torch.bfloat16, 0, 0),
    ],
)
def test_float16_runs_out_of_range_where_bfloat16_does_not(weight, dtype, overflowed, vanished):
    model, images = Extreme(weight).requires_grad_(False), torch.ones(1, 1, 4, 4)
    (_, error) = layer_errors(trace(model, images), trace_in(model, images, dtype), dtype)
    assert (error.overflowed, error.vanished) == (overflowed, vanished)
    assert error.peak == pytest.approx(weight)


def test_nothing_differs_from_nothing():
    model, images = Extreme(0.0).requires_grad_(False), torch.ones(1, 1, 4, 4)
    error = layer_errors(trace(model, images), trace_in(model, images, torch.bfloat16), torch.bfloat16)[-1]
    assert error.relative == error.largest == error.mean == error.rounding == 0


def test_readers_at_once_do_not_change_each_others_format(opened):
    model, images = opened
    alone = {dtype: trace_in(model, images, dtype).nodes[-1].output for dtype in (*LOW, torch.float32)}
    wrong = []

    def read(dtype):
        outputs = [trace_in(model, images, dtype).nodes[-1].output for _ in range(3)]
        wrong.extend(dtype for output in outputs if not torch.equal(output, alone[dtype]))

    threads = [threading.Thread(target=read, args=(dtype,)) for dtype in (*LOW, torch.float32) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
