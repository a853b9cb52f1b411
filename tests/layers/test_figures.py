"""A layer's figures against numpy's, on networks small and large."""

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from tracing.zoo import zoo

from explainer.errors import ReaderError
from explainer.layers.figures import PERCENTS, figures
from explainer.models import load_model
from explainer.samples import sample
from explainer.tracing import maps, trace

ZOO = zoo()


def agrees(node) -> None:
    """Compare with float64 numpy on the node's own tensor."""
    found, array = figures(node), maps(node).double().numpy()
    count = len(array)
    flat = array.reshape(count, -1)
    own = found.channels
    near = {"rtol": 1e-4, "atol": 1e-6 * max(1, np.abs(array).max())}
    assert np.array_equal(own.low, flat.min(1).astype(np.float32))
    assert np.array_equal(own.high, flat.max(1).astype(np.float32))
    assert np.allclose(own.mean, flat.mean(1), **near)
    assert np.allclose(own.deviation, flat.std(1), **near)
    assert np.allclose(own.rms, np.sqrt((flat**2).mean(1)), **near)
    assert np.allclose(own.zeros, (flat == 0).mean(1), atol=1e-6)
    assert found.dead.tolist() == [c for c in range(count) if not flat[c].any()]
    assert found.mean == pytest.approx(flat.mean(), rel=1e-4, abs=near["atol"])
    assert found.deviation == pytest.approx(flat.std(), rel=1e-3, abs=near["atol"])
    assert found.zeros == pytest.approx((flat == 0).mean(), abs=1e-6)
    assert list(found.percentiles) == list(PERCENTS)
    assert np.allclose(list(found.percentiles.values()), np.percentile(flat, PERCENTS), **near)
    assert found.counts.sum() == flat.size
    if flat.min() < flat.max():
        expected, _ = np.histogram(flat, found.edges)
        # A value that lies on a border may fall to either side of it.
        assert np.abs(np.cumsum(expected - found.counts)).max() <= max(3, flat.size // 10_000)
    for channel in {0, count // 2, count - 1}:
        assert found.channel_counts[channel].sum() == flat.shape[1]


@pytest.mark.parametrize("name", sorted(ZOO))
def test_every_node_of_the_zoo(name):
    model, images = ZOO[name]
    for node in trace(model, images[0], *images[1:]).nodes:
        if node.kind == "empty_like":
            continue  # whatever was in memory
        if node.dtype.is_floating_point and len(node.shape) >= 2 and 0 not in node.shape:
            agrees(node)
        else:
            with pytest.raises(ReaderError, match=r"no channels"):
                figures(node)


def test_a_trained_network():
    loaded = load_model("tiny_vgg")
    for node in trace(loaded.model, loaded.preprocessing.apply(sample("coffee").load())).nodes:
        agrees(node)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "squeezenet1_1"])
def test_an_architecture_that_is_met_outside(name):
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)().eval()
    for node in trace(model, torch.randn(1, 3, 64, 64)).nodes[::7]:
        agrees(node)


def test_dead_and_constant_channels_are_told_apart():
    layer = nn.Conv2d(1, 4, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.0, 0.0, 1.0, -1.0])[:, None, None, None])
        layer.bias.copy_(torch.tensor([0.0, 2.0, 0.0, -9.0]))
    recorded = trace(nn.Sequential(layer, nn.ReLU()).eval(), torch.rand(1, 1, 5, 5))
    before, after = figures(recorded["0"]), figures(recorded["1"])
    assert before.dead.tolist() == [0]
    assert before.constant.tolist() == [1]
    assert after.dead.tolist() == [0, 3]
    assert after.zeros == pytest.approx(0.5)


def test_numbers_that_are_not_finite_are_counted_and_left_out():
    image = torch.ones(1, 2, 2, 2)
    image[0, 0, 0] = torch.tensor([float("nan"), float("inf")])
    found = figures(trace(nn.Identity(), image).nodes[0])
    assert found.not_finite == 2
    assert found.high == 1
    assert np.isfinite(found.deviation)
    assert found.counts.sum() == 8


def test_one_image_of_a_batch():
    images = torch.rand(3, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    node = trace(nn.Identity(), images).nodes[0]
    assert figures(node, 2).mean == pytest.approx(float(images[2].mean()))
