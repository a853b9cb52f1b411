"""What the map says of one number beside its sum, against PyTorch's own gradients."""

import numpy as np
import pytest
import torch

from explainer.attribution import unit_contribution
from explainer.models import load_model
from explainer.render.reading import HEAT_SIDE, reach, reading
from explainer.samples import sample
from explainer.tracing import maps, receptive_field, trace


@pytest.fixture(scope="module")
def subject():
    loaded = load_model("tiny_vgg")
    images = loaded.preprocessing.apply(sample("coffee").load())
    return loaded.model, images, trace(loaded.model, images)


def captured(model, images, path):
    """The same layer's output and the class scores, with a hook and autograd."""
    kept = []
    handle = model.get_submodule(path).register_forward_hook(lambda module, args, output: kept.append(output))
    logits = model(images)
    handle.remove()
    return kept[0], logits


def test_a_number_means_value_times_gradient(subject):
    model, images, recorded = subject
    node = recorded["conv_2_1"]
    layer, logits = captured(model, images.clone().requires_grad_(), "conv_2_1")
    (gradient,) = torch.autograd.grad(logits[0, 6], layer)
    found = unit_contribution(recorded, node, 3, 10, 14, recorded.nodes[-1], 6)
    assert found.value == pytest.approx(layer[0, 3, 10, 14].item(), rel=1e-5)
    assert found.gradient == pytest.approx(gradient[0, 3, 10, 14].item(), rel=1e-4)
    message = reading(recorded, node, 3, 10, 14, recorded.nodes[-1], 6)
    assert message["value"] * message["gradient"] == pytest.approx(found.share)


def test_the_heat_is_where_the_gradient_is(subject):
    model, images, recorded = subject
    leaf = images.clone().requires_grad_()
    layer, _ = captured(model, leaf, "conv_2_1")
    (gradient,) = torch.autograd.grad(layer[0, 3, 10, 14], leaf)
    expected = gradient[0].abs().sum(0)
    message = reading(recorded, recorded["conv_2_1"], 3, 10, 14, None, 0)
    assert (message["height"], message["width"]) == tuple(expected.shape)
    heat = message["heat"].double() / 255
    assert torch.allclose(heat, (expected / expected.max()).double(), atol=0.5 / 255 + 1e-6)
    assert message["class"] is None


def test_a_unit_that_is_off_sees_nothing(subject):
    _, _, recorded = subject
    node = recorded["relu_1_1"]
    off = (maps(node) == 0).nonzero()[0].tolist()
    assert reading(recorded, node, *off, None, 0)["heat"] is None


def test_large_heats_are_shrunk():
    loaded = load_model("mobilenet_v3_small", weights="none")
    recorded = trace(
        loaded.model, torch.zeros(1, 3, 160, 224).normal_(generator=torch.Generator().manual_seed(0))
    )
    message = reading(recorded, recorded.nodes[4], 0, 5, 5, None, 0)
    assert max(message["height"], message["width"]) == HEAT_SIDE
    assert message["heat"].shape == (80, 112)


def test_the_table_gives_every_units_box(subject):
    _, _, recorded = subject
    node = recorded["conv_2_2"]
    message = reach(recorded, node)
    for y, x in [(0, 0), (7, 20), (25, 25)]:
        top, bottom = message["rows"][y]
        left, right = message["columns"][x]
        assert np.allclose((top, left, bottom, right), receptive_field(recorded, node, y, x).box)
