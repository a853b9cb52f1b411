"""Likeness of layers, weights and representations, against the published formulas written out."""

import numpy as np
import pytest
import torch

from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import maps, trace
from explainer.tracing.likeness import (
    at_places,
    layer_likeness,
    likeness,
    linear_cka,
    same_places,
    weight_likeness,
)


def unbiased_cka(x, y):
    """Song et al. 2012, equation 5, as it stands there."""

    def hsic(k, m):
        n = len(k)
        k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
        one = np.ones(n)
        return (
            np.trace(k @ m)
            + (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
            - 2 / (n - 2) * (one @ k @ m @ one)
        ) / (n * (n - 3))

    k, m = x @ x.T, y @ y.T
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def test_alignment_is_the_published_formula():
    generator = torch.Generator().manual_seed(3)
    xs = [torch.randn(20, width, generator=generator) for width in (3, 17, 200)]
    ys = [xs[0] @ torch.randn(3, 5, generator=generator), torch.randn(20, 400, generator=generator)]
    found = linear_cka(xs, ys)
    for row, x in enumerate(xs):
        for column, y in enumerate(ys):
            assert float(found[row, column]) == pytest.approx(
                unbiased_cka(x.double().numpy(), y.double().numpy()), abs=1e-9
            )


def test_alignment_does_not_see_rotation_scale_or_shift_and_width_is_no_likeness():
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(40, 12, generator=generator)
    rotation = torch.linalg.qr(torch.randn(12, 12, generator=generator))[0]
    noise = torch.randn(40, 5000, generator=generator)
    again, chance = linear_cka([x], [3 * x @ rotation + 7, noise])[0]
    assert float(again) == pytest.approx(1, abs=1e-5)
    assert abs(float(chance)) < 0.1
    assert float(linear_cka([x], [torch.ones(40, 3)])) == 0


def test_layers_and_weights_of_one_network_with_itself_and_with_noise():
    trained, random = load_model("tiny_vgg"), load_model("tiny_vgg", "none")
    images = trained.preprocessing.apply(sample("coffee").load())
    first, second = trace(trained.model, images), trace(random.model, images)
    assert all(one.cosine == pytest.approx(1) and one.relative == 0 for one in layer_likeness(first, first))
    found = layer_likeness(first, second)
    assert [one.name for one in found] == [node.name for node in first.nodes]
    for one in found:
        a, b = (t[one.name].output.double().numpy().ravel() for t in (first, second))
        assert one.cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-9)
        assert one.relative == pytest.approx(np.linalg.norm(b - a) / np.linalg.norm(a), abs=1e-9)
    weights = weight_likeness(trained.model, random.model)
    assert [one.name for one in weights] == [name for name, _ in trained.model.named_parameters()]
    assert all(abs(one.cosine) < 0.9 for one in weights)


def test_layers_pair_by_name_and_shape():
    small, other = load_model("tiny_vgg"), load_model("resnet20")
    first = trace(small.model, torch.zeros(1, 3, 64, 64))
    second = trace(other.model, torch.zeros(1, 3, 64, 64))
    assert all(a.shape == b.shape and a.name == b.name for a, b in same_places(first, second))


def test_nothing_is_like_nothing():
    zero, one = torch.zeros(3), torch.ones(3)
    assert likeness("", zero, zero).cosine == 1
    assert likeness("", zero, zero).relative == 0
    assert likeness("", zero, one).cosine == 0
    assert likeness("", one, zero).relative == 1


def test_a_map_is_read_where_its_units_stand():
    loaded = load_model("tiny_vgg")
    recorded = trace(loaded.model, loaded.preprocessing.apply(sample("coffee").load()))
    node = recorded["max_pool_2"]
    channels = maps(node)
    height, width = channels.shape[1:]
    places = torch.tensor(
        [[(x + 0.5) / width, (y + 0.5) / height] for y, x in ((0, 0), (3, 7), (height - 1, width - 1))]
    )
    found = at_places(channels, places)
    for row, (y, x) in zip(found, ((0, 0), (3, 7), (height - 1, width - 1)), strict=True):
        assert torch.allclose(row, channels[:, y, x], atol=1e-5)
