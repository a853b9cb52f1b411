"""A Grad-CAM taken apart, in the frame that the browser gets: everything adds up."""

import numpy as np
import pytest
import torch

from explainer.attribution import grad_cam, grad_cam_parts
from explainer.models import load_model
from explainer.render.cam import taken_apart
from explainer.render.cam_code import cam_code
from explainer.render.snippet import Origin
from explainer.render.wire import pack, unpack
from explainer.samples import sample
from explainer.tracing import trace


@pytest.fixture(scope="module")
def case():
    loaded = load_model("resnet20")
    images = loaded.preprocessing.apply(sample("chelsea").load())
    return loaded, images, trace(loaded.model, images)


@pytest.mark.parametrize("layer", ["layer1.0.conv1", "layer3.2.relu:2"])
def test_products_and_the_rest_add_up_to_the_sum(case, layer, monkeypatch):
    monkeypatch.setattr("explainer.render.cam._MOST_CHANNELS", 12)
    loaded, images, recorded = case
    parts = grad_cam_parts(recorded, recorded[layer], recorded.nodes[-1], 3)
    picture = loaded.preprocessing.as_seen(images)
    got = unpack(pack(taken_apart(parts, picture, layer=layer, name="cat", texts={"map A": "A"})))
    assert got["channels"] == parts.activation.shape[0]
    assert len(got["shown"]) == 12
    maps = got["maps"].reshape(12, got["height"], got["width"])
    total = np.tensordot(got["weights"].astype(float), maps.astype(float), 1) + got["rest"].reshape(
        maps.shape[1:]
    )
    heat = grad_cam(loaded.model, images, recorded[layer].name, 3)
    np.testing.assert_allclose(np.maximum(total, 0), heat, atol=1e-5 * float(heat.max()))
    np.testing.assert_allclose(total, got["total"].reshape(total.shape), atol=1e-5 * float(heat.max()))
    strength = np.abs(got["weights"][:, None, None] * maps).sum((1, 2))
    assert (np.diff(strength) <= 1e-6).all()
    assert torch.equal(torch.from_numpy(maps[0].copy()), parts.activation[int(got["shown"][0])])


def test_a_large_layer_sends_few_channels():
    large = torch.nn.Sequential(
        torch.nn.Conv2d(3, 40, 3, padding=1), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
    )
    recorded = trace(large.eval(), torch.rand(1, 3, 224, 224))
    parts = grad_cam_parts(recorded, recorded["0"], recorded.nodes[-1], 5)
    got = taken_apart(parts, np.zeros((224, 224, 3), np.uint8), layer="0", name="five")
    assert len(got["shown"]) == 8
    assert len(pack(got)) < 2.2e6


@pytest.mark.parametrize("layer", ["layer3.2.conv1", "layer3.2.relu:2"])
def test_the_code_prints_the_map(case, layer, capsys):
    recorded = case[2]
    origin = Origin(
        "resnet20", "default", 'sample("chelsea").load()', ("from explainer.samples import sample",)
    )
    code = cam_code(origin, recorded[layer], recorded.nodes[-1], 3)
    scope = {}
    exec(code, scope)
    printed = capsys.readouterr().out.strip()
    assert printed == str(grad_cam_parts(recorded, recorded[layer], recorded.nodes[-1], 3).map)
    alone = [line.removeprefix("#   ") for line in code.splitlines() if line.startswith("#   ")]
    assert bool(alone) == (layer == "layer3.2.conv1")
    if alone:
        exec("\n".join(["import torch", *alone]), scope)
        assert capsys.readouterr().out.strip() == printed
