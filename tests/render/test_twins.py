"""What the browser is sent to compare, against the traces it is made from."""

import numpy as np
import pytest
import torch
from torch import nn

from explainer.attribution import grad_cam
from explainer.models import load_model
from explainer.render.compared import alignment, shared_places
from explainer.render.twins import (
    Answer,
    Side,
    laid_out,
    paired_answers,
    places,
    twin_of_class,
    twin_of_layer,
    twins,
)
from explainer.render.wire import pack, unpack
from explainer.samples import sample
from explainer.tracing import maps, receptive_field, receptive_fields, trace


def side(key, layer, image="coffee", weights="default", heat=None, **rest):
    loaded = load_model(key, weights)
    picture = sample(image).load()
    images = loaded.preprocessing.apply(picture)
    recorded = trace(loaded.model, images)
    node = recorded[layer]
    if heat is not None:
        rest["heat"] = grad_cam(loaded.model, images, layer, heat)
    return Side(
        title=loaded.title,
        detail="",
        trace=recorded,
        node=node,
        geometry=loaded.preprocessing.geometry(picture.size),
        picture=loaded.preprocessing.as_seen(images),
        field=receptive_fields(recorded)[node],
        **rest,
    )


def test_values_in_the_frame_are_the_tensors():
    sides = [side("tiny_vgg", "conv_2_1", heat=6), side("resnet20", "layer2.0.conv1", heat=1)]
    sent = unpack(pack(twins(sides, linked=False, channel=3, others=(5,))))
    for wanted, one, got in zip((3, 5), sides, sent["sides"], strict=True):
        channels = maps(one.node).numpy()
        data = got["data"].reshape(-1, *got["shape"][1:])
        assert got["shape"] == list(channels.shape)
        assert wanted in got["channels"]
        assert np.array_equal(data, channels[got["channels"]])
        strength = np.square(channels.astype(np.float64)).mean((1, 2))
        assert got["channels"][0] == int(strength.argmax())
        heat = got["heat"]
        assert np.array_equal(heat["data"].reshape(heat["height"], heat["width"]), one.heat.numpy())
        assert np.array_equal(got["photo"]["pixels"].reshape(one.picture.shape), one.picture)


@pytest.mark.parametrize(
    ("key", "layer"), [("tiny_vgg", "conv_2_1"), ("tiny_vgg", "max_pool_1"), ("lenet5", "c3")]
)
def test_units_stand_in_the_middle_of_what_they_see(key, layer):
    one = side(key, layer)
    sent = twins([one, one], linked=True)["sides"][0]["units"]
    _, height, width = maps(one.node).shape
    for y, x in ((0, 0), (height // 2, width - 1)):
        top, left, bottom, right = receptive_field(one.trace, one.node, y, x).box
        assert list(sent["rows"][y]) == [top, bottom]
        assert list(sent["columns"][x]) == [left, right]
        assert sent["y"][y] == (top + bottom) / 2
        assert sent["x"][x] == (left + right) / 2
    assert sent["status"] == "exact"


def test_without_a_field_a_unit_stands_for_its_share():
    one = side("tiny_vgg", "conv_2_1")
    sent = twins([Side(**{**vars(one), "field": None})] * 2, linked=True)["sides"][0]["units"]
    _, height, _ = maps(one.node).shape
    assert sent["rows"] is None
    assert sent["status"] == "undefined"
    assert sent["y"][0] == pytest.approx(0.5 * 64 / height)
    assert sent["y"][-1] == pytest.approx(64 - 0.5 * 64 / height)


def test_linked_sides_send_the_same_channels_and_loudness_does_not_decide():
    trained, random = side("resnet20", "layer3.2.conv2"), side("resnet20", "layer3.2.conv2", weights="none")
    sent = twins([trained, random], linked=True, channel=7)["sides"]
    assert sent[0]["channels"] == sent[1]["channels"]
    assert 7 in sent[0]["channels"]
    shares = [torch.square(maps(one.node)).mean((1, 2)) for one in (trained, random)]
    best = torch.stack([one / one.sum() for one in shares]).amax(0).argmax()
    assert sent[0]["channels"][0] == int(best)


class Patches(nn.Module):
    """The beginning of a vision transformer: a class token, then a token for each of 4 x 4 patches."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, stride=8)
        self.start = nn.Parameter(torch.zeros(1, 1, 16))
        self.mix = nn.Linear(16, 16)

    def forward(self, x):
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        return self.mix(torch.cat([self.start, tokens], 1))


def test_tokens_lie_where_their_patches_are():
    model = Patches().requires_grad_(False)
    recorded = trace(model, torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)))
    tokens = [node for node in places(recorded) if len(node.shape) == 3]
    assert tokens
    node = tokens[-1]
    laid = laid_out(recorded, node)
    assert laid.shape == (16, 4, 4)
    assert torch.equal(laid[:, 2, 3], node.output[0, 1 + 2 * 4 + 3])


def test_answers_are_paired_by_name():
    found = paired_answers(
        [["Sport car", "cat"], ["dog", "sport_car", "bird"]],
        [torch.tensor([0.4, 0.6]), torch.tensor([0.1, 0.7, 0.2])],
        same=False,
        wanted=0,
    )
    approximate = {one.name: [None if p is None else round(p, 6) for p in one.probabilities] for one in found}
    assert approximate == {
        "Sport car": [0.4, 0.7],
        "cat": [0.6, None],
        "bird": [None, 0.2],
        "dog": [None, 0.1],
    }
    assert [one.name for one in found] == ["Sport car", "cat", "bird", "dog"]
    assert [one.index for one in found] == [0, 1, None, None]


def test_the_same_outputs_are_paired_by_number_and_the_wanted_class_is_listed():
    first, second = torch.arange(10.0).softmax(0), torch.arange(10.0).flip(0).softmax(0)
    names = [f"class {index}" for index in range(10)]
    found = paired_answers([names, names], [first, second], same=True, wanted=4)
    assert {one.index for one in found} == set(range(10))
    assert all(
        one == Answer(names[one.index], (float(first[one.index]), float(second[one.index])), one.index)
        for one in found
    )
    assert 0 in {one.index for one in paired_answers([names], [first], same=True, wanted=0)}


def test_a_class_is_known_by_its_name():
    assert twin_of_class("sport car", ["Truck", "Sport_Car"]) == 1
    assert twin_of_class("sport car", ["truck"]) is None


def test_layers_stand_beside_those_of_the_same_name_or_depth():
    vgg = trace(load_model("tiny_vgg").model, torch.zeros(1, 3, 64, 64))
    resnet = trace(load_model("resnet20").model, torch.zeros(1, 3, 32, 32))
    assert twin_of_layer(vgg["conv_2_1"], vgg, vgg) is vgg["conv_2_1"]
    first, last = twin_of_layer(vgg["conv_1_1"], vgg, resnet), twin_of_layer(vgg["conv_2_2"], vgg, resnet)
    assert first.kind == last.kind == "conv2d"
    assert first.index < last.index
    assert first.index < len(resnet.nodes) / 4
    assert last.index > len(resnet.nodes) / 2


def test_places_of_both_inputs_show_the_same_photo():
    vgg, resnet = load_model("tiny_vgg").preprocessing, load_model("resnet18", "none").preprocessing
    photo = (600, 400)
    geometries = [one.geometry(photo) for one in (vgg, resnet)]
    found = shared_places(*geometries)
    seen = []
    for where, geometry in zip(found, geometries, strict=True):
        assert bool(((where >= 0) & (where <= 1)).all())
        width, height = geometry.size
        x, y = where[:, 0] * width, where[:, 1] * height
        left, top, _, _ = geometry.to_photo((x.numpy(), y.numpy(), x.numpy(), y.numpy()))
        seen.append(np.stack([left, top]))
    assert np.allclose(seen[0], seen[1], atol=1e-2)


def test_a_network_is_aligned_with_itself():
    one = side("tiny_vgg", "conv_2_1")
    where = shared_places(one.geometry, one.geometry)
    nodes = places(one.trace)
    rows, columns, values = alignment(one.trace, one.trace, (nodes, nodes), where)
    assert rows == columns
    assert torch.allclose(values.diagonal(), torch.ones(len(rows), dtype=values.dtype))
    assert torch.allclose(values, values.T)
    assert bool((values <= 1 + 1e-9).all())
