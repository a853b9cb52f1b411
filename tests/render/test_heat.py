"""The wall of heat maps: each map is what the method says, and the code beside it computes the same."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from explainer.attribution import grad_cam
from explainer.errors import Cancelled
from explainer.models import load_model
from explainer.render.heat import Tile, ceiling, code, wall
from explainer.render.heat_methods import (
    METHODS,
    Parameter,
    compute,
    last_layer,
    layers_with_place,
    parameters,
    through_the_depth,
)
from explainer.render.snippet import Origin
from explainer.render.wire import pack, unpack
from explainer.samples import sample
from explainer.tracing import trace

ORIGIN = Origin("tiny_vgg", "default", 'sample("coffee").load()', ("from explainer.samples import sample",))


@pytest.fixture(scope="module")
def loaded():
    torch.set_num_threads(1)
    return load_model("tiny_vgg")


@pytest.fixture(scope="module")
def recorded(loaded):
    return trace(loaded.model, loaded.preprocessing.apply(sample("coffee").load()))


def usual(method, size=(64, 64)):
    return {one.key: one.default for one in parameters(method, size)}


def heat_of(method, loaded, recorded, layer="max_pool_2", class_index=6, **values):
    node = recorded[layer] if METHODS[method].layered else None
    given = usual(method) | values
    return compute(method, loaded, recorded, recorded.nodes[-1], node, class_index, given)


# --- the maps ---


def by_hand(loaded, recorded, layer, class_index):
    """The layer's output and the gradient of the score, with a hook and ``backward`` on a copy of nothing."""
    images = recorded.input.output.clone()
    kept = {}
    module = loaded.model.get_submodule(layer)
    handle = module.register_forward_hook(lambda _, __, output: kept.update(value=output))
    try:
        images.requires_grad_()
        score = loaded.model(images)[0, class_index]
        gradient, pixels = torch.autograd.grad(score, (kept["value"], images))
    finally:
        handle.remove()
    return kept["value"].detach()[0], gradient[0], pixels[0]


def test_maps_before_and_after_their_relu(loaded, recorded):
    value, gradient, pixels = by_hand(loaded, recorded, "max_pool_2", 8)
    weights = gradient.mean((1, 2))
    total = (weights[:, None, None] * value).sum(0)
    found = heat_of("gradcam", loaded, recorded, class_index=8)
    torch.testing.assert_close(found.opposed, total)
    torch.testing.assert_close(found.map, total.relu())
    exact = (gradient * value).sum(0)
    found = heat_of("hirescam", loaded, recorded, class_index=8)
    torch.testing.assert_close(found.opposed, exact)
    torch.testing.assert_close(found.map, exact.relu())
    found = heat_of("layercam", loaded, recorded, class_index=8)
    torch.testing.assert_close(found.opposed, (gradient.relu() * value).sum(0))
    found = heat_of("saliency", loaded, recorded, class_index=8)
    torch.testing.assert_close(found.map, pixels.abs().amax(0))
    torch.testing.assert_close(found.opposed, pixels.sum(0))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_finite_map_and_says_what_it_took(method, loaded, recorded):
    found = heat_of(method, loaded, recorded)
    assert found.map.dtype == torch.float32
    assert tuple(found.map.shape) == ((13, 13) if METHODS[method].layered else (64, 64))
    assert found.map.isfinite().all()
    assert found.map.abs().max() > 0
    assert found.seconds > 0
    assert METHODS[method].signed == bool(found.map.min() < 0)
    if METHODS[method].layered and found.opposed is not None:
        torch.testing.assert_close(found.opposed.relu(), found.map)


def test_passes_are_counted(loaded, recorded):
    def passes(method, **values):
        found = heat_of(method, loaded, recorded, **values)
        return found.forward, found.backward

    assert passes("gradcam") == (0, 1)
    assert passes("eigencam") == (0, 0)
    assert passes("scorecam") == (10, 0)
    assert passes("smoothgrad", samples=7) == (7, 7)
    assert passes("integrated", steps=9) == (9, 9)
    assert passes("occlusion", size=16, stride=16) == (16, 0)


def test_what_takes_long_can_be_ended(loaded, recorded):
    def enough(done, total):
        raise Cancelled

    for method in ("scorecam", "smoothgrad", "integrated", "occlusion"):
        node = recorded["max_pool_2"]
        with pytest.raises(Cancelled):
            compute(method, loaded, recorded, recorded.nodes[-1], node, 6, usual(method), enough)
    assert not any(parameter.grad is not None for parameter in loaded.model.parameters())


def test_readers_at_the_same_time_get_what_they_would_get_alone(loaded, recorded):
    methods = (
        "gradcam",
        "hirescam",
        "ablationcam",
        "scorecam",
        "saliency",
        "guided",
        "smoothgrad",
        "integrated",
    )
    alone = {method: heat_of(method, loaded, recorded).map for method in methods}
    work = [methods[(reader + turn) % 8] for turn in range(8) for reader in range(8)]
    with ThreadPoolExecutor(8) as readers:
        together = list(readers.map(lambda method: heat_of(method, loaded, recorded).map, work))
    for method, found in zip(work, together, strict=True):
        assert torch.equal(found, alone[method]), method


def test_settings_are_read_from_a_link():
    number = Parameter("steps", "", 32, 8, 200)
    assert [number.read(text) for text in ("50", None, "x", "3", "1e9", "nan")] == [50, 32, 32, 32, 32, 32]
    share = Parameter("noise", "", 0.15, 0.0, 0.5, 0.01)
    assert [share.read(text) for text in ("0.2", "0", "-1")] == [0.2, 0.0, 0.15]
    choice = Parameter("fill", "", "grey", choices={"grey": "", "black": ""})
    assert [choice.read(text) for text in ("black", "pink", None)] == ["black", "grey", "grey"]


# --- the layers ---


class Branches(nn.Module):
    """One branch leads to the answer, one only looks as if."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.idle = nn.Conv2d(4, 4, 3, padding=1)
        self.body = nn.Conv2d(4, 4, 3, stride=2, padding=1)
        self.head = nn.Linear(4, 5)

    def forward(self, images):
        value = self.stem(images).relu()
        self.idle(value)
        return self.head(self.body(value).mean((2, 3)))


def test_layers_are_those_that_have_places_and_lead_to_the_answer():
    recorded = trace(Branches().eval(), torch.randn(1, 3, 16, 16))
    layers = layers_with_place(recorded, recorded.nodes[-1])
    assert [node.name for node in layers] == ["stem", "relu", "body"]
    assert last_layer(recorded, recorded.nodes[-1], layers).name == "body"
    assert [node.name for node in through_the_depth(recorded, layers, layers[-1])] == ["stem", "relu", "body"]


class Tokens(nn.Module):
    """Patches that meet in a class token, which alone gives the answer."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 5)

    def forward(self, images):
        value = self.patches(images).flatten(2).transpose(1, 2)
        value = torch.cat((self.token, value), 1)
        value = value + self.attend(value, value, value, need_weights=False)[0]
        return self.head(self.norm(value)[:, 0])


def test_the_last_layer_of_tokens_is_the_last_whose_patches_are_heard():
    recorded = trace(Tokens().eval(), torch.randn(1, 3, 16, 16))
    logits = recorded.nodes[-1]
    layers = layers_with_place(recorded, logits)
    last = last_layer(recorded, logits, layers)
    assert last.index < recorded["norm"].index
    heat = compute("hirescam", None, recorded, logits, last, 0, {})
    assert tuple(heat.map.shape) == (4, 4)
    assert heat.opposed.abs().max() > 0


class Averaged(nn.Module):
    """The classes are maps, which are averaged."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, 4, 3, stride=2)
        self.drop = nn.Dropout()
        self.classes = nn.Conv2d(4, 5, 1)

    def forward(self, images):
        return self.classes(self.drop(self.features(images).relu())).relu().mean((2, 3))


def test_maps_of_classes_are_not_what_to_begin_with():
    recorded = trace(Averaged().eval(), torch.randn(1, 3, 16, 16))
    layers = layers_with_place(recorded, recorded.nodes[-1])
    assert layers[-1].name == "relu:2"
    assert last_layer(recorded, recorded.nodes[-1], layers).name == "relu"


def test_the_depth_is_one_layer_for_each_resolution(recorded):
    layers = layers_with_place(recorded, recorded.nodes[-1])
    found = through_the_depth(recorded, layers, layers[-1])
    sides = [node.shape[2] for node in found]
    assert sides == sorted(set(sides), reverse=True)
    assert found[-1] is layers[-1]
    assert len(through_the_depth(recorded, layers, layers[-1], count=3)) == 3


# --- what is sent ---


def test_the_message_holds_the_exact_values(loaded, recorded):
    heat = heat_of("gradcam", loaded, recorded)
    photo = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
    tiles = [
        Tile("gradcam", "Grad-CAM", "", "gradcam", heat),
        Tile("scorecam", "Score-CAM", "", "scorecam", None, message="Stopped", stopped=True),
    ]
    sent = unpack(pack(wall(photo, tiles, chosen=[6], text={"a": "b"})))
    assert np.array_equal(sent["picture"]["pixels"], photo.ravel())
    first, second = sent["tiles"]
    model, images = loaded.model, recorded.input.output
    true = grad_cam(model, images, "max_pool_2", 6)
    assert np.allclose(first["map"]["data"].reshape(13, 13), true, atol=1e-6)
    assert first["map"]["high"] == pytest.approx(true.max().item())
    assert not first["map"]["signed"]
    assert (first["short"], first["year"]) == ("Selvaraju 2017", 2017)
    assert second["map"] is None
    assert second["stopped"]
    opposed = unpack(pack(wall(photo, tiles, opposed=True)))["tiles"][0]["map"]
    assert opposed["signed"]
    assert opposed["low"] < 0


def test_few_spikes_do_not_blank_the_rest():
    values = torch.rand(128, 128)
    values[5, 5] = 1000
    assert 0.98 < ceiling(values) <= 1
    assert ceiling(torch.tensor([[1.0, -3.0]])) == 3
    lonely = torch.zeros(128, 128)
    lonely[3, 3] = 2
    assert ceiling(lonely) == 2


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("opposed", [False, True])
def test_the_code_computes_the_map(method, opposed, loaded, recorded, capsys):
    text = code(ORIGIN, method, "max_pool_2", 8, usual(method), opposed=opposed)
    exec(compile(text, "snippet", "exec"), {})
    *shape, low, high = capsys.readouterr().out.replace("(", "").replace(")", "").replace(",", "").split()
    found = heat_of(method, loaded, recorded, class_index=8)
    shown = found.opposed if opposed and found.opposed is not None else found.map
    assert tuple(map(int, shape)) == tuple(shown.shape)
    assert float(low) == pytest.approx(shown.min().item(), abs=1e-5)
    assert float(high) == pytest.approx(shown.max().item(), rel=1e-5)
