"""Numbers in few bits, against PyTorch's and numpy's own."""

import math
import struct

import numpy as np
import pytest
import torch

from explainer.tracing.precision import FORMATS
from explainer.training.bits import held

SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 1 / 3, 65504.0, 65519.9, 65520.0, -65520.0, 1e5, 2.0**-14, 2.0**-24, 2.0**-25,
    1.5 * 2.0**-25, -(2.0**-25), 2.0**-26, 1e-40, -1e-45, 3.4e38, 1 + 2.0**-8, 1 + 3 * 2.0**-8, 1 + 2.0**-11,
    2 - 2.0**-9, math.inf, -math.inf, math.nan,
]  # fmt: skip
"""Ties, halves of the smallest number, what fills up the fraction, what overflows."""
WHOLE = {"float32": torch.int32, "bfloat16": torch.int16, "float16": torch.int16}


@pytest.fixture(scope="module")
def numbers():
    """Float32 numbers of all magnitudes."""
    codes = torch.randint(-(2**31), 2**31, (4000,), generator=torch.Generator().manual_seed(0))
    return [*SPECIAL, *codes.to(torch.int32).view(torch.float32).tolist()]


@pytest.mark.parametrize("name", FORMATS)
def test_a_number_has_the_bits_that_pytorch_gives_it(name, numbers):
    form = FORMATS[name]
    theirs = torch.tensor(numbers).to(form.dtype)
    width = 1 + form.exponent + form.fraction
    for number, code, value in zip(numbers, theirs.view(WHOLE[name]).tolist(), theirs.tolist(), strict=True):
        mine = held(number, form)
        assert len(mine.sign + mine.exponent + mine.fraction) == width
        if math.isnan(number):
            assert mine.kind == "nan"
            assert math.isnan(mine.value)
            continue
        assert mine.code == code % 2**width, number
        assert (mine.value, math.copysign(1, mine.value)) == (value, math.copysign(1, value)), number
        if mine.kind in {"normal", "subnormal"}:
            significand = int(mine.fraction, 2) / 2**form.fraction + (mine.kind == "normal")
            assert (-1) ** int(mine.sign) * significand * 2.0**mine.power == value
        tiny = torch.finfo(form.dtype).tiny
        kind = "zero" if value == 0 else "infinite" if math.isinf(value) else "normal"
        assert mine.kind == ("subnormal" if 0 < abs(value) < tiny else kind)


def test_doubles_are_rounded_once():
    """By way of float32, the first would become a tie and then the even neighbour below."""
    number = 1 + 2.0**-11 + 2.0**-40
    assert held(number, FORMATS["float16"]).value == float(np.float16(number)) == 1 + 2.0**-10
    generator = np.random.default_rng(0)
    for number in (generator.standard_normal(2000) * 10.0 ** generator.integers(-9, 6, 2000)).tolist():
        assert held(number, FORMATS["float32"]).value == struct.unpack("f", struct.pack("f", number))[0]
        if abs(number) < 60000:
            assert held(number, FORMATS["float16"]).value == float(np.float16(number))


@pytest.mark.parametrize("name", FORMATS)
def test_neighbours_are_the_next_numbers(name, numbers):
    form = FORMATS[name]
    theirs = torch.tensor(numbers).to(form.dtype)
    if name == "float16":
        with np.errstate(all="ignore"):
            up, down = (np.nextafter(theirs.numpy(), np.float16(way)).tolist() for way in (np.inf, -np.inf))
    else:
        up, down = (
            torch.nextafter(theirs, torch.full_like(theirs, way)).tolist() for way in (math.inf, -math.inf)
        )
    for number, above, below in zip(numbers, up, down, strict=True):
        mine = held(number, form)
        assert mine.above == above or (math.isnan(mine.above) and math.isnan(above)), number
        assert mine.below == below or (math.isnan(mine.below) and math.isnan(below)), number


def test_the_error_is_within_the_unit_roundoff():
    for name, form in FORMATS.items():
        for number in (0.1, 1 / 3, -123.456, 6.1e-5 if name == "float16" else 1e-30):
            mine = held(number, form)
            assert mine.error <= form.unit_roundoff or mine.kind == "subnormal"
            assert mine.error == pytest.approx(abs(mine.value / number - 1), abs=1e-16)
    assert held(0.0, FORMATS["float16"]).error == 0
    assert held(1e-9, FORMATS["float16"]).error == 1  # it vanishes
    assert held(1e9, FORMATS["float16"]).error == math.inf
