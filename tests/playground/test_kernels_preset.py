"""Kernels with a name: the textbook ones at 3x3, their properties at every size."""

import pytest
import torch
from torch import nn

from explainer.playground.convolution import Convolution
from explainer.playground.kernels_preset import ORDER, PRESETS, fitted, preset, random_filter, weights

SHAPES = [(rows, columns) for rows in range(1, 12) for columns in range(1, 12)]


def test_the_classic_ones():
    assert preset("sobel-x", (3, 3)).tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert preset("sobel-y", (3, 3)).tolist() == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert preset("laplacian", (3, 3)).tolist() == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert preset("sharpen", (3, 3)).tolist() == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert preset("emboss", (3, 3)).tolist() == [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
    assert (preset("gaussian", (3, 3)) * 16).tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    # the usual Sobel of 5x5 but for its factor
    assert (preset("sobel-x", (5, 5)) * 16)[2].tolist() == [-6, -12, 0, 12, 6]


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ("ones", "zeros")])
def test_sums_at_every_size(name):
    total = 0.0 if name in ("sobel-x", "sobel-y", "laplacian") else 1.0
    for shape in SHAPES:
        if PRESETS[name].fits(shape):
            kernel = preset(name, shape)
            assert kernel.shape == shape
            assert float(kernel.sum()) == pytest.approx(total, abs=1e-5), shape


def test_where_there_is_none_the_identity_stands_in():
    assert preset("sobel-x", (3, 1)).tolist() == [[0], [1], [0]]


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (4, 4), (5, 2), (11, 11)])
def test_identity_with_same_padding_changes_nothing(shape):
    image = torch.randn(1, 1, 12, 13)
    layer = Convolution(kernel=shape, padding="same")
    assert torch.equal(layer.apply(image, preset("identity", shape)[None, None]), image)
    ours = nn.Conv2d(1, 1, shape, padding="same", bias=False)
    ours.weight.data.copy_(preset("identity", shape))
    assert torch.equal(ours(image).detach(), image)


def test_a_filter_sees_the_mean_of_its_inputs():
    layer = Convolution(4, 6, groups=2)
    made = weights(layer, ("box",), {})
    assert made.shape == (6, 2, 3, 3)
    torch.testing.assert_close(made[0], torch.full((2, 3, 3), 1 / 18))
    torch.testing.assert_close(made[1].sum(0), preset(ORDER[1], (3, 3)))


def test_random_filters_are_as_pytorch_begins_and_stay_the_same():
    made = random_filter(3, (5, 5), seed=2)
    assert torch.equal(made, random_filter(3, (5, 5), seed=2))
    assert not torch.equal(made, random_filter(3, (5, 5), seed=3))
    bound = nn.Conv2d(3, 1, 5).weight.abs().max()
    assert float(made.abs().max()) <= 1 / 75**0.5 + 1e-6
    assert float(bound) <= 1 / 75**0.5 + 1e-6


def test_a_kernel_in_another_shape_keeps_its_centre():
    kernel = torch.arange(1.0, 10).reshape(3, 3)
    larger = fitted(kernel, (5, 4))
    assert larger[1:4, 0:3].tolist() == kernel.tolist()
    assert float(larger.sum()) == 45
    assert fitted(larger, (3, 3)).tolist() == kernel.tolist()
    assert fitted(kernel, (1, 1)).tolist() == [[5]]


def test_kernels_of_networks():
    kernel, whole = torch.rand(3, 3), torch.rand(3, 3, 3)
    made = weights(Convolution(3, 2), ("net/a/0/1", "net/a/0"), {"net/a/0/1": kernel, "net/a/0": whole})
    torch.testing.assert_close(made[0].sum(0), kernel)
    assert torch.equal(made[1], whole)
