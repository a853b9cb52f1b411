"""The code panels of pooling and stacking print the numbers of the page; the formulas hold."""

import re

import pytest
import torch

from explainer.playground.layer_code import read_chain, read_layer
from explainer.playground.pooling import compare_shift, pool
from explainer.playground.stacking import PRESETS, stack
from explainer.render.pooling import pooling_code, size_formula
from explainer.render.stacking import stack_code

VALUES = "torch.arange(63.).reshape(7, 9) % 5"


@pytest.mark.parametrize("shift", [(0, 1), (-2, 3), (0, 0)])
def test_the_pooling_code_prints_the_share_that_stayed(capsys, shift):
    spec = read_layer("nn.MaxPool2d(3, stride=2, padding=1)")
    exec(pooling_code(spec, VALUES, (), shift), {})
    share = float(capsys.readouterr().out.rsplit(":", 1)[1])
    values = torch.arange(63.0).reshape(7, 9) % 5
    assert share == pytest.approx(compare_shift(spec, values, *shift).output.same)


def test_the_stack_code_prints_shapes_and_fields(capsys):
    chain = read_chain(PRESETS["lenet"].chain)
    exec(stack_code(stack(chain, 32)), {})
    printed = capsys.readouterr().out
    assert "(16, 10, 10) (14.0, 14.0) (2.0, 2.0)" in printed
    assert "48120 48000" in printed


@pytest.mark.parametrize("code", ["nn.MaxPool2d(2)", "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)"])
def test_the_size_formula_ends_in_the_size(code):
    spec = read_layer(code)
    for size in (8, 9, 11):
        text = size_formula(spec, size, size)
        assert int(re.findall(r"= (\d+)", text)[-1]) == pool(spec, torch.zeros(size, size)).shape[0]
