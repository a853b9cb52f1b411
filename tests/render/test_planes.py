"""Quantised planes stay within half a step of the values they stand for."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from explainer.render.planes import fit_side, quantise, statistics


@pytest.mark.parametrize("spread", [1e-6, 1.0, 1e5])
def test_bytes_stand_for_the_values_to_half_a_step(spread):
    planes = torch.randn(5, 9, 11, generator=torch.Generator().manual_seed(0)) * spread
    scale = statistics(planes).scale

    q = quantise(planes, scale, (9, 11))

    restored = (q.float() - 128) / 127 * scale[:, None, None]
    assert q.dtype == torch.uint8
    assert bool(((restored - planes).abs() <= scale[:, None, None] / 127 * 0.5001).all())


def test_zero_is_exactly_128_and_extremes_use_the_whole_range():
    planes = torch.tensor([[[-2.0, 0.0, 2.0]], [[0.0, 0.0, 0.0]]])
    q = quantise(planes, statistics(planes).scale, (1, 3))
    assert q.tolist() == [[[1, 128, 255]], [[128, 128, 128]]]


def test_shrinking_takes_area_means():
    planes = torch.arange(16.0).reshape(1, 4, 4)
    q = quantise(planes, torch.tensor([15.0]), (2, 2))
    expected = F.avg_pool2d(planes, 2)
    assert np.allclose((q.float() - 128) / 127 * 15, expected, atol=15 / 127)


def test_statistics_are_those_of_numpy():
    planes = torch.randn(4, 7, 3, generator=torch.Generator().manual_seed(1))
    found = statistics(planes)
    array = planes.numpy()
    assert np.allclose(found.low, array.min((1, 2)))
    assert np.allclose(found.high, array.max((1, 2)))
    assert np.allclose(found.rms, np.sqrt((array**2).mean((1, 2))))


def test_values_that_are_not_finite_do_not_break_a_picture():
    planes = torch.tensor([[[float("nan"), 1.0, float("inf"), -1.0]]])
    figures = statistics(planes)
    assert figures.scale.tolist() == [1.0]
    assert quantise(planes, figures.scale, (1, 4)).shape == (1, 1, 4)


@pytest.mark.parametrize(
    ("size", "most", "expected"),
    [((10, 20), 64, (10, 20)), ((224, 112), 56, (56, 28)), ((1, 500), 50, (1, 50))],
)
def test_sides_shrink_in_proportion_and_never_grow(size, most, expected):
    assert fit_side(*size, most) == expected
