"""A run played again: weights put back, how far they moved, which epochs and layers are shown."""

from itertools import pairwise

import pytest
import torch

from explainer.errors import ReaderError
from explainer.models.networks import build
from explainer.tracing import trace
from explainer.training.data import Dataset, Split
from explainer.training.recipe import Recipe
from explainer.training.replay import (
    Replay,
    convolution_of,
    curve_of,
    fed_by,
    first_convolution,
    layers_of,
    spread,
    to_look_at,
    usual_layer,
)
from explainer.training.runs import Run


@pytest.fixture
def run(tmp_path, recipe):
    """A run of LeNet-5 with three epochs: seeded weights that are not of training."""
    made = Run.new(recipe, tmp_path)
    for epoch in (0, 2, 5):
        torch.manual_seed(epoch)
        made.history.add(epoch, build("lenet5", 2).state_dict())
    return made


def test_the_network_is_put_back_into_each_epoch(run):
    replay = Replay(run, 2)
    assert replay.epochs == (0, 2, 5)
    images = torch.rand(2, 1, 32, 32)
    before = torch.random.get_rng_state()
    for epoch in (5, 0, 2):
        plain = build("lenet5", 2).eval()
        plain.load_state_dict(run.history.weights(epoch))
        assert torch.equal(replay.at(epoch)(images), plain(images))
    torch.random.set_rng_state(before)
    Replay(run, 2)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_how_far_the_weights_moved(run):
    replay = Replay(run, 2)
    start, now = run.history.weights(0), run.history.weights(5)
    for stage, found in zip(replay.stages, replay.moved(5), strict=True):
        difference = torch.cat([(now[name] - start[name]).flatten() for name in stage.parameters])
        whole = torch.cat([start[name].flatten() for name in stage.parameters])
        assert found == pytest.approx(float(difference.norm() / whole.norm()), rel=1e-5)
    assert replay.moved(0) == (0.0,) * len(replay.stages)


def test_an_epoch_that_is_gone_is_named(run):
    replay = Replay(run, 2)
    (run.folder / "history" / "00002.safetensors").unlink()
    with pytest.raises(ReaderError, match="Epoch 2 is no longer kept"):
        replay.at(2)
    assert run.history.written(2) == 0 < run.history.written(5)


def test_weights_of_another_network_are_refused(run):
    with pytest.raises(ReaderError, match="epoch 5 do not fit"):
        Replay(run, 3).at(5)


def test_a_run_without_epochs(tmp_path, recipe):
    with pytest.raises(ReaderError, match="no epoch yet"):
        Replay(Run.new(recipe, tmp_path), 2)


@pytest.mark.parametrize("count", [1, 2, 59, 60, 61, 200, 1001])
def test_epochs_are_spread_evenly(count):
    epochs = tuple(range(10, 10 + count))
    found = spread(epochs)
    assert len(found) <= 60
    assert (found[0], found[-1]) == (epochs[0], epochs[-1])
    gaps = {after - before for before, after in pairwise(found[:-1])}
    assert len(gaps) <= 1
    if count <= 60:
        assert found == epochs
    else:
        assert len(found) >= 30
        # One more changes no frame before the last.
        assert set(found[:-1]) <= set(spread((*epochs, 10 + count))) or count + 1 == len(found)


def test_layers_are_convolutions_and_activations_with_rows_and_columns():
    recorded = trace(build("tiny_vgg").eval(), torch.zeros(1, 3, 64, 64))
    layers = layers_of(recorded)
    assert {node.kind for node in layers} == {"conv2d", "relu"}
    assert all(len(node.shape) == 4 for node in layers)
    usual = usual_layer(layers)
    assert usual.kind == "relu"
    assert usual is [node for node in layers if node.kind == "relu"][-1]
    assert convolution_of(usual) is usual.inputs[0]
    assert first_convolution(recorded) is layers[0]
    assert convolution_of(layers[0]) is layers[0]


def test_a_layer_of_few_pixels_is_not_the_usual_one():
    import torchvision

    recorded = trace(torchvision.models.resnet18().eval(), torch.zeros(1, 3, 64, 64))
    layers = layers_of(recorded)
    assert min(layers[-1].shape[2:]) == 2
    assert usual_layer(layers).shape[2:] == (8, 8)
    # Behind the addition the convolution of the branch is the nearest one.
    assert convolution_of(recorded["layer1.0.relu:2"]).kind == "conv2d"


def test_images_that_were_not_learned_from():
    images = torch.zeros(20, 1, 4, 4, dtype=torch.uint8)
    some, none = Split(images, torch.arange(20) % 2), Split(images[:0], torch.arange(0))
    plain = Recipe("a", "lenet5", "b", 1, 1, "sgd", 0.1, 0.0)
    held = Recipe("a", "lenet5", "b", 1, 1, "sgd", 0.1, 0.0, validation=0.2)
    assert to_look_at(Dataset(some, some, ("a", "b"), ""), plain)[0] == "test"
    name, split = to_look_at(Dataset(some, none, ("a", "b"), ""), held)
    assert (name, len(split)) == ("validation", 4)
    name, split = to_look_at(Dataset(some, none, ("a", "b"), ""), plain)
    assert (name, len(split)) == ("train", 20)


def test_what_the_network_is_fed():
    recipe = Recipe("a", "lenet5", "b", 1, 1, "sgd", 0.1, 0.0, mean=(0.5,), std=(0.25,))
    grey = fed_by(recipe, (1, 28, 28))
    assert (grey.mode, grey.size, grey.mean, grey.std) == ("L", (28, 28), (0.5,), (0.25,))
    colour = fed_by(recipe, (3, 32, 48))
    assert (colour.mode, colour.size, colour.mean) == ("RGB", (32, 48), (0.5,) * 3)


def test_the_curve_of_a_log():
    curve = curve_of(
        [
            {"kind": "epoch", "epoch": 0, "validation": {"loss": 2.0, "accuracy": 0.1}},
            {"kind": "step", "epoch": 0.5, "loss": 7},
            {"kind": "epoch", "epoch": 1, "train": {"loss": 1.0, "accuracy": 0.4}},
        ]
    )
    assert curve.epochs.tolist() == [0, 1]
    assert curve.validation_loss[0] == 2.0
    assert curve.train_accuracy[1] == 0.4
    assert curve.train_loss[0] != curve.train_loss[0]  # nan: nothing was measured
