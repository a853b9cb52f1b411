"""What the map is sent: complete graphs, exact values, within the budgets of a quick transfer."""

import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from explainer.models import Prediction
from explainer.models.networks import build
from explainer.render.groups import fold_tree
from explainer.render.layer import layer
from explainer.render.overview import overview
from explainer.render.planes import planes
from explainer.render.values import WINDOW_VALUES, values
from explainer.render.wire import pack, unpack
from explainer.tracing import trace, with_softmax


@pytest.fixture(scope="module")
def resnet18():
    torch.manual_seed(0)
    model = torchvision.models.resnet18().eval()
    return trace(model, torch.randn(1, 3, 224, 224))


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    recorded = trace(build("tiny_vgg").eval(), torch.rand(1, 3, 64, 64))
    return with_softmax(recorded, recorded.nodes[-1])


def open_map(recorded, logits):
    return overview(
        recorded,
        key="k",
        model={"key": "m", "title": "M", "trained": True, "classes": None},
        picture=np.zeros((8, 8, 3), np.uint8),
        predictions=[Prediction(0, "a", 0.5, 1.0)],
        logits=logits,
    )


def test_every_node_is_in_the_overview_with_its_edges(resnet18):
    message = unpack(pack({"messages": open_map(resnet18, resnet18.nodes[-1])}))["messages"][0]
    assert [node["name"] for node in message["nodes"]] == [node.name for node in resnet18.nodes]
    for shown, node in zip(message["nodes"], resnet18.nodes, strict=True):
        assert shown["inputs"] == [source.index for source in node.inputs]
    assert message["model"]["parameters"] == 11_689_512


def test_thumbnails_are_the_strongest_channels(resnet18):
    node = resnet18["layer2.0.conv1"]
    shown = open_map(resnet18, resnet18.nodes[-1])[0]["nodes"][node.index]["shown"]
    energy = node.output[0].square().mean((1, 2))
    assert shown == energy.argsort(descending=True)[: len(shown)].tolist()


def test_small_networks_travel_whole_and_large_ones_do_not(tiny, resnet18):
    assert len(open_map(resnet18, resnet18.nodes[-1])) == 1
    messages = unpack(pack({"messages": open_map(tiny, tiny.nodes[-2])}))["messages"]
    sent = {message["node"]: message for message in messages if message["type"] == "tensor"}
    for node in tiny.nodes:
        assert np.array_equal(sent[node.index]["data"], planes(node).flatten())


def test_groups_nest_and_the_parts_of_a_chain_have_names(resnet18):
    groups, group_of = fold_tree(resnet18)
    for group in groups[1:]:
        parent = groups[group.parent]
        assert parent.first <= group.first <= group.last <= parent.last
    labels = [group.label for group in groups if group.parent == 0]
    assert labels == ["layer1", "layer2", "layer3", "layer4", "stem", "head"]
    assert all(groups[g].first <= index <= groups[g].last for index, g in enumerate(group_of))
    assert [group.path for group in groups if group.path == "layer2.0"] == ["layer2.0"], "one call, one group"
    layer2 = next(group for group in groups if group.label == "layer2")
    assert resnet18.nodes[layer2.output].name == "layer2.1.relu:2"


def test_a_layer_is_sent_whole_and_within_its_budget(resnet18):
    node = resnet18["conv1"]
    message = layer(node)
    assert message["channels"] == 64
    assert message["pixels"].numel() <= 1_200_000
    assert torch.allclose(message["mean"], node.output[0].mean((1, 2)))
    assert torch.equal(message["high"], node.output[0].amax((1, 2)))


def convolve(message):
    """Work the windowed convolution of a message out again with PyTorch."""
    (source,) = message["inputs"]
    geometry, output = message["geometry"], message["output"]
    pad = geometry["padding"]
    channels = source["channels"]
    # Lay the window back to where it was in a whole input of zeros: what is missing is not needed.
    whole = torch.zeros(1, channels, *source["full"][1:])
    data = torch.tensor(np.array(source["data"])).reshape(channels, source["height"], source["width"])
    y0, x0 = source["y0"], source["x0"]
    whole[0, :, y0 : y0 + source["height"], x0 : x0 + source["width"]] = data
    weight = torch.tensor(np.array(message["weight"]["data"])).reshape(1, *message["weight"]["shape"])
    result = F.conv2d(whole, weight, None, geometry["stride"], pad, geometry["dilation"])[0, 0] + (
        message["bias"] or 0
    )
    y0, x0 = output["y0"], output["x0"]
    return result[y0 : y0 + output["height"], x0 : x0 + output["width"]]


@pytest.mark.parametrize("name", ["conv1", "layer1.0.conv1", "layer2.0.downsample.0", "layer4.1.conv2", "fc"])
def test_the_values_of_a_channel_make_its_output(resnet18, name):
    node = resnet18[name]
    message = unpack(pack({"messages": [values(node, 7, 3, 2)]}))["messages"][0]
    output = message["output"]
    shown = torch.tensor(np.array(output["data"])).reshape(output["height"], output["width"])
    y0, x0 = output["y0"], output["x0"]
    true = planes(node)[7, y0 : y0 + output["height"], x0 : x0 + output["width"]]
    assert torch.equal(shown, true)
    assert torch.allclose(convolve(message), shown, atol=1e-4)


@pytest.mark.parametrize("place", [(0, 0), (100, 110), (223, 223)])
def test_large_inputs_are_cut_around_the_pixel(place):
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 64, 3, padding=1), nn.Conv2d(64, 4, 3, stride=1, padding=2, dilation=2)
    ).eval()
    node = trace(model, torch.randn(1, 3, 224, 224))["1"]
    message = values(node, 2, *place)
    source, output = message["inputs"][0], message["output"]
    assert source["data"].numel() <= WINDOW_VALUES
    assert output["y0"] <= place[0] < output["y0"] + output["height"]
    assert output["x0"] <= place[1] < output["x0"] + output["width"]
    back = unpack(pack({"messages": [message]}))["messages"][0]
    shown = torch.tensor(np.array(back["output"]["data"])).reshape(output["height"], output["width"])
    assert torch.allclose(convolve(back), shown, atol=1e-4)


def test_grouped_convolutions_send_the_channels_of_their_group():
    torch.manual_seed(0)
    node = trace(nn.Conv2d(8, 12, 3, groups=4).eval(), torch.randn(1, 8, 9, 9)).nodes[-1]
    message = values(node, 7, 0, 0)
    assert (message["inputs"][0]["c0"], message["inputs"][0]["channels"]) == (4, 2)
    back = unpack(pack({"messages": [message]}))["messages"][0]
    assert torch.allclose(convolve(back), node.output[0, 7], atol=1e-5)


def test_a_concatenation_says_where_each_channel_came_from():
    class Concat(nn.Module):
        def forward(self, x):
            return torch.cat([x, x * 2], 1)

    node = trace(Concat().eval(), torch.randn(1, 3, 4, 4)).nodes[-1]
    table = values(node, 4, 0, 0)["geometry"]["table"]
    assert [(part["from"], part["to"]) for part in table] == [(0, 3), (3, 6)]
    sent = values(node, 4, 0, 0)["inputs"]
    assert [part["channels"] for part in sent] == [0, 1]
    assert torch.equal(sent[1]["data"][0], planes(node)[4])


def test_one_channel_cut_out_and_put_back_is_one_channel():
    class Recolour(nn.Module):
        def forward(self, x):
            parts = [(x[:, i] * 0.5).unsqueeze(1) for i in range(3)]
            return torch.cat(parts, 1)

    node = trace(Recolour().eval(), torch.randn(1, 3, 12, 10)).nodes[-1]
    assert planes(node).shape == (3, 12, 10)
    assert torch.equal(planes(node), node.output[0])
