"""What the walls of channels and kernels are sent: the layer's own numbers, as a quick transfer."""

import time

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from explainer.attribution import channel_contributions
from explainer.layers.kernels import kernels
from explainer.render import channel_wall, kernel_wall
from explainer.render.snippet import Origin
from explainer.render.wire import pack, unpack
from explainer.tracing import maps, trace

ORIGIN = Origin("resnet18", "none", 'sample("coffee").load()', ())


@pytest.fixture(scope="module")
def resnet18():
    torch.manual_seed(0)
    return trace(torchvision.models.resnet18().eval(), torch.randn(1, 3, 224, 224))


def sent(message: dict) -> dict:
    frame = pack({"messages": [message]})
    assert len(frame) < 2_000_000
    return unpack(frame)["messages"][0]


@pytest.mark.parametrize("name", ["input", "layer4.1.conv2", "fc"])
def test_a_small_layer_travels_exactly(resnet18, name):
    node = resnet18[name]
    message = sent(channel_wall.opening(node))
    assert np.array_equal(message["values"], maps(node).flatten())
    assert message["size"] == list(maps(node).shape)


def test_a_large_layer_travels_as_bytes_and_its_channels_exactly(resnet18):
    node = resnet18["conv1"]
    message = sent(channel_wall.opening(node))
    h, w = message["atlas"]
    channel = np.frombuffer(message["pixels"], np.uint8).reshape(64, h, w)[5].astype(float)
    made = (channel - 128) / 127 * message["scale"][5]
    assert np.abs(made - maps(node)[5].numpy()).max() <= message["scale"][5] / 127
    answered = channel_wall.replies(
        resnet18, node, {"channel": 5}, logits=resnet18.nodes[-1], class_index=0, origin=ORIGIN
    )
    assert np.array_equal(sent(answered[0])["values"], maps(node)[5].flatten())


def test_contributions_and_the_file(resnet18, tmp_path):
    node, logits = resnet18["layer3.0.conv1"], resnet18.nodes[-1]
    shares, file = channel_wall.replies(
        resnet18,
        node,
        {"contribution": True, "file": True, "serial": 3, "channel": 10**6},
        logits=logits,
        class_index=7,
        origin=ORIGIN,
    )
    assert torch.equal(shares["values"], channel_contributions(resnet18, node, logits, 7))
    (tmp_path / "a.npy").write_bytes(file["data"].tobytes())
    assert np.array_equal(np.load(tmp_path / "a.npy"), node.output)
    assert file["serial"] == 3


@pytest.mark.parametrize("name", ["conv1", "layer2.0.downsample.0", "layer1.0.conv1"])
def test_a_small_layers_weights_travel_exactly(resnet18, name):
    message = sent(kernel_wall.opening(kernels(resnet18[name]), name=name))
    assert np.array_equal(message["weights"], resnet18[name].arguments["weight"].detach().flatten())


def test_what_comes_behind_the_scores_does_not_contribute_to_them(resnet18):
    logits = resnet18["layer4.0.conv1"]
    assert not channel_wall.opening(resnet18["fc"], logits=logits)["contributes"], "no scores either"
    assert not channel_wall.opening(resnet18["fc"])["contributes"]
    assert channel_wall.opening(resnet18["conv1"], logits=resnet18["fc"])["contributes"]
    ask = {"contribution": True}
    assert not channel_wall.replies(
        resnet18, resnet18["fc"], ask, logits=resnet18["flatten"], class_index=0, origin=ORIGIN
    )


@pytest.mark.parametrize("name", ["layer4.1.conv2", "fc"])
def test_a_large_layers_filters_come_as_they_are_asked_for(resnet18, name):
    weight = resnet18[name].arguments["weight"].detach()
    found = kernels(resnet18[name])
    message = sent(kernel_wall.opening(found, name=name))
    assert message["weights"] is None
    chosen, rows = kernel_wall.replies(found, {"filter": 400, "rows": [409, 3, -1, "x", 10**9]}, name=name)
    assert np.array_equal(sent(chosen)["weights"], weight[400].flatten())
    assert sent(chosen)["nearest"][0][0] != 400
    rows = sent(rows)
    assert rows["rows"].tolist() == [409, 3]
    for number, pixels in zip(rows["rows"], rows["pixels"].reshape(2, -1), strict=True):
        peak = float(weight[number].abs().max())
        made = (pixels.astype(float) - 128) / 127 * peak
        assert np.abs(made - weight[number].flatten().numpy()).max() <= peak / 127


def test_no_answer_is_larger_than_a_quick_transfer():
    found = kernels(trace(nn.Linear(25088, 64), torch.rand(1, 25088)).nodes[1])
    sent(kernel_wall.opening(found, name="0"))
    chosen, rows = kernel_wall.replies(found, {"filter": 1, "rows": list(range(64))}, name="0")
    assert len(sent(chosen)["weights"]) == 25088
    assert 1 <= len(sent(rows)["rows"]) < 64


def test_the_weights_as_a_file(resnet18, tmp_path):
    (file,) = kernel_wall.replies(kernels(resnet18["conv1"]), {"file": True, "serial": 1}, name="conv1")
    (tmp_path / file["name"]).write_bytes(file["data"].tobytes())
    assert np.array_equal(
        np.load(tmp_path / "conv1.weight.npy"), resnet18["conv1"].arguments["weight"].detach()
    )


@pytest.mark.parametrize("name", ["conv1", "layer1.0.conv1", "layer4.1.conv2", "fc"])
def test_opening_a_layer_is_quick(resnet18, name):
    def took(make) -> float:
        start = time.perf_counter()
        pack({"messages": [make()]})
        return time.perf_counter() - start

    node = resnet18[name]
    assert node.output is not None  # what the trace has let go is made again once
    best = min(took(lambda: channel_wall.opening(node)) for _ in range(3))
    best += min(took(lambda: kernel_wall.opening(kernels(node), name=name)) for _ in range(3))
    assert best < 0.5, "0.03 s on a quiet machine"
