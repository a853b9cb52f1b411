"""Building blocks: what they compute, what they cost and see, counted by hand and by PyTorch."""

import pytest
import torch
from torch.nn import functional as F

from explainer.models import load_model
from explainer.playground import blocks
from explainer.playground.feeding import (
    KINDS,
    SIDE_OF,
    STAGE_OF,
    Choice,
    block_nodes,
    features_of,
    feed,
    figures,
)
from explainer.samples import sample


@pytest.fixture(scope="module")
def photo():
    return sample("chelsea").load()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", STAGE_OF)
def test_every_block_is_recorded_as_it_computes(kind, channels, photo):
    fed, recorded = feed(Choice(kind, channels), photo)
    features = features_of(recorded, kind).output
    assert features.shape == (1, channels, SIDE_OF[channels], SIDE_OF[channels])
    with torch.no_grad():
        assert recorded.nodes[-1].output.equal(fed.block(features))
    found = figures(fed, features)
    assert found.parameters == sum(p.numel() for p in fed.block.parameters())
    assert recorded.nodes[-1].output.abs().max() > 0
    assert block_nodes(recorded, kind)[-1] is recorded.nodes[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_knob_builds_a_block(kind, photo):
    for name, values in KINDS[kind].knobs.items():
        for value in values:
            fed, recorded = feed(Choice(kind, 16, ((name, value),)), photo)
            side = recorded.nodes[-1].shape[-1]
            assert side == (16 if (name, value) == ("stride", 2) else 32)
            assert fed.choice.settings[name] == value


def test_the_feature_maps_are_those_of_the_trained_network(photo):
    """The residual block at its usual settings is the network's own: its output is found inside ResNet-20."""
    loaded = load_model("resnet20")
    for channels, stage in STAGE_OF.items():
        kept = []
        place = getattr(loaded.model, f"layer{stage}")[1]
        handle = place.register_forward_hook(lambda *call, kept=kept: kept.extend([call[1][0], call[2]]))
        with torch.no_grad():
            loaded.model(loaded.preprocessing.apply(photo))
        handle.remove()
        fed, recorded = feed(Choice("residual", channels), photo)
        assert fed.trained
        assert torch.allclose(features_of(recorded, "residual").output, kept[0], atol=1e-6)
        assert torch.allclose(recorded.nodes[-1].output, kept[1], atol=1e-5)


@pytest.mark.parametrize(
    "choice",
    [Choice("residual", 16, (("skip", 0),)), Choice("residual", 16, (("stride", 2),)), Choice("plain")],
)
def test_other_weights_are_random_and_said_to_be(choice, photo):
    assert not feed(choice, photo)[0].trained


def test_nothing_shared_is_touched(photo):
    before = {k: v.clone() for k, v in load_model("resnet20").model.state_dict().items()}
    state = torch.get_rng_state()
    one, again = (feed(Choice("excitation"), photo)[1] for _ in range(2))
    assert torch.get_rng_state().equal(state)
    assert one.nodes[-1].output.equal(again.nodes[-1].output)
    for name, value in load_model("resnet20").model.state_dict().items():
        assert value.equal(before[name])


def test_parameters_by_the_papers_formulas(photo):
    def parameters(kind, channels=16, **knobs):
        fed, recorded = feed(Choice(kind, channels, tuple(knobs.items())), photo)
        return figures(fed, features_of(recorded, kind).output).parameters

    c = 16
    assert parameters("plain") == parameters("residual") == 2 * 9 * c * c + 2 * 2 * c
    assert parameters("bottleneck", reduction=4) == 2 * c * 4 + 9 * 4 * 4 + 2 * (4 + 4 + c)
    assert parameters("separable") == 9 * c + c * c + 2 * 2 * c
    assert parameters("inverted", expansion=6) == 2 * 6 * c * c + 9 * 6 * c + 2 * (6 * c + 6 * c + c)
    assert parameters("excitation", reduction=4) == parameters("residual") + 2 * c * 4 + 4 + c
    assert parameters("dense", growth=8) == 9 * 8 * (16 + 24 + 32) + 2 * (16 + 24 + 32)
    # the shares of inception 3a (64, 96, 128, 16, 32, 32 of 256), of 64 channels
    one, reduce3, three, reduce5, five = 16, 24, 32, 4, 8
    weights = 64 * (one + reduce3 + reduce5 + five) + 9 * reduce3 * three + 25 * reduce5 * five
    assert parameters("inception", 64) == weights + one + reduce3 + three + reduce5 + five + five
    assert parameters("convnext", expansion=4, kernel=7) == 49 * c + c + 2 * c + 8 * c * c + 4 * c + c + c
    assert parameters("fire", reduction=4) == c * 4 + 4 + 4 * 8 + 8 + 9 * 4 * 8 + 8


def test_multiply_adds_field_and_depth(photo):
    def of(kind, **knobs):
        fed, recorded = feed(Choice(kind, 16, tuple(knobs.items())), photo)
        return figures(fed, features_of(recorded, kind).output)

    pixels = 32 * 32
    assert of("plain").multiply_adds == of("residual").multiply_adds == 2 * 9 * 16 * 16 * pixels
    assert of("separable").multiply_adds == (9 * 16 + 16 * 16) * pixels
    assert (of("residual").field, of("bottleneck").field, of("dense").field) == (5, 3, 7)
    assert of("inception").field == 5
    assert of("residual", stride=2).field == 3 + (3 - 1) * 2
    assert [of("convnext", kernel=k).field for k in (3, 5, 7)] == [3, 5, 7]
    assert (of("excitation").field, of("excitation").local_field) == (0, 5)  # the gate sees everything
    assert [of(k).depth for k in ("plain", "bottleneck", "dense", "excitation", "inception")] == [
        2,
        3,
        3,
        4,
        2,
    ]
    assert of("residual", skip=0) == of("residual")


def test_the_gate_is_the_mean_through_two_layers():
    torch.manual_seed(0)
    gate, x = blocks.SqueezeExcitation(8, 2), torch.randn(2, 8, 5, 5)
    z = x.mean((2, 3))
    s = torch.sigmoid(
        F.relu(z @ gate.fc1.weight[:, :, 0, 0].T + gate.fc1.bias) @ gate.fc2.weight[:, :, 0, 0].T
        + gate.fc2.bias
    )
    assert torch.allclose(gate(x), x * s[:, :, None, None], atol=1e-6)


def test_a_dense_block_overwrites_nothing():
    block, x = blocks.DenseBlock(6, 4).eval(), torch.randn(1, 6, 8, 8)
    y = block(x)
    assert y.shape[1] == 6 + 3 * 4
    assert y[:, :6].equal(x)


@pytest.mark.slow
def test_convnext_is_the_papers_block():
    """Against timm's, which is the authors' structure: the same weights give the same numbers."""
    timm = pytest.importorskip("timm.models.convnext")
    ours = blocks.ConvNeXtBlock(8).eval()
    theirs = timm.ConvNeXtBlock(8, 8, ls_init_value=1.0).eval()
    names = {
        "conv_dw.weight": ours.depthwise.weight,
        "conv_dw.bias": ours.depthwise.bias,
        "norm.weight": ours.norm.weight,
        "norm.bias": ours.norm.bias,
        "mlp.fc1.weight": ours.expand.weight,
        "mlp.fc1.bias": ours.expand.bias,
        "mlp.fc2.weight": ours.project.weight,
        "mlp.fc2.bias": ours.project.bias,
        "gamma": ours.scale,
    }
    theirs.load_state_dict({name: value.detach() for name, value in names.items()})
    x = torch.randn(1, 8, 9, 9)
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)
