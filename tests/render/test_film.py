"""Frames of a film against plain PyTorch: filters, maps, Grad-CAM by hand, answers; and what they weigh."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from explainer.models.networks import build
from explainer.render.film import ANSWERS, METHODS, reel, shoot
from explainer.render.film_code import film_code
from explainer.render.wire import pack, unpack
from explainer.training.recipe import Recipe
from explainer.training.replay import Replay, curve_of
from explainer.training.runs import Run
from scripts.driver import ROOT

RECIPE = Recipe("film", "tiny_vgg", "starter", 3, 8, "sgd", 0.1, 0.0, validation=0.15)
EPOCHS = (0, 1, 3)
LAYER, CLASS = "relu_2_1", 3
PICTURE = np.full((64, 64, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    made = Run.new(RECIPE, tmp_path_factory.mktemp("runs"))
    for epoch in EPOCHS:
        torch.manual_seed(epoch)
        made.history.add(epoch, build("tiny_vgg").state_dict())
    return made


@pytest.fixture(scope="module")
def images():
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(5))


def networks(run):
    for epoch in EPOCHS:
        network = build("tiny_vgg").eval()
        network.load_state_dict(run.history.weights(epoch))
        yield network


@pytest.fixture(scope="module")
def film(run, images):
    replay = Replay(run, 10)
    shots = [shoot(replay, epoch, images, LAYER, CLASS) for epoch in EPOCHS]
    made = reel(
        shots,
        curve_of([]),
        [stage.title for stage in replay.stages],
        PICTURE,
        layer=LAYER,
        heat_class=CLASS,
        method="gradcam",
        label=2,
    )
    return unpack(pack(made))


def values(part, groups):
    """The numbers that the browser makes of the bytes: [epochs, groups, ...]."""
    scale = part["scale"].reshape(len(EPOCHS), groups)
    pixels = part["pixels"].reshape(len(EPOCHS), groups, -1).astype(np.float64)
    return (pixels - 128) / 127 * scale[..., None], scale


def close(found, scale, wanted):
    """Within half a step of the scale."""
    wanted = np.asarray(wanted).reshape(found.shape)
    assert np.all(np.abs(found - wanted) <= scale[..., None] / 254 * 1.001 + 1e-7)
    assert np.allclose(scale, np.abs(wanted).max(-1), rtol=1e-5)


def test_filters_and_kernels_are_the_weights(run, film):
    first = torch.stack([network.conv_1_1.weight.detach() for network in networks(run)])
    found, scale = values(film["first"], first.shape[1])
    close(found, scale, first.numpy())
    assert film["first"]["size"] == list(first.shape[1:])
    kernels = torch.stack([network.conv_2_1.weight.detach() for network in networks(run)])
    found, scale = values(film["kernels"], 1)
    close(found, scale, kernels.numpy())
    assert film["kernels"]["of"] == list(kernels.shape[1:3])


def activation(network, images):
    """The output of ``relu_2_1``, by plain functions."""
    x = F.relu(F.conv2d(images, network.conv_1_1.weight, network.conv_1_1.bias))
    x = F.max_pool2d(F.relu(F.conv2d(x, network.conv_1_2.weight, network.conv_1_2.bias)), 2)
    return F.relu(F.conv2d(x, network.conv_2_1.weight, network.conv_2_1.bias))


def rest(network, x):
    x = F.max_pool2d(F.relu(F.conv2d(x, network.conv_2_2.weight, network.conv_2_2.bias)), 2)
    return F.linear(x.flatten(1), network.output.weight, network.output.bias)


def test_maps_grad_cam_and_answers_by_hand(run, film, images):
    maps, heat, answers = [], [], []
    for network in networks(run):
        x = activation(network, images).detach().requires_grad_()
        scores = rest(network, x)
        (gradient,) = torch.autograd.grad(scores[0, CLASS], x)
        maps.append(x[0].detach())
        heat.append((gradient.mean((2, 3))[:, :, None, None] * x).sum(1)[0].relu().detach())
        answers.append(scores.softmax(1)[0].detach())
        assert torch.allclose(scores, network(images), atol=1e-5)
    maps = torch.stack(maps)
    found, scale = values(film["maps"], maps.shape[1])
    close(found, scale, maps.numpy())
    assert film["maps"]["channels"].tolist() == list(range(maps.shape[1]))
    found, scale = values(film["heat"], 1)
    close(found, scale, torch.stack(heat).numpy())
    assert film["heat"]["class"] == CLASS
    assert np.allclose(film["answers"]["values"].reshape(len(EPOCHS), -1), torch.stack(answers), atol=1e-6)
    assert film["answers"]["classes"] == list(range(10))


@pytest.mark.parametrize("method", METHODS[1:])
def test_other_heat_maps_by_hand(run, images, method):
    network = next(iter(networks(run)))
    x = activation(network, images).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(rest(network, x)[0, CLASS], x)
    weight = gradient.relu() if method == "layercam" else gradient
    wanted = (weight * x).sum(1)[0].relu()
    assert torch.allclose(shoot(Replay(run, 10), 0, images, LAYER, CLASS, method).heat, wanted, atol=1e-7)


def test_stages_are_those_of_the_run(run, film):
    replay = Replay(run, 10)
    assert film["moved"]["stages"] == [stage.title for stage in replay.stages]
    found = film["moved"]["values"].reshape(len(EPOCHS), -1)
    assert np.allclose(found, [replay.moved(epoch) for epoch in EPOCHS])
    assert not found[0].any()
    assert found[1].all()


def test_the_first_convolution_is_not_shown_twice(run, images):
    shot = shoot(Replay(run, 10), 0, images, "conv_1_1", CLASS)
    assert shot.kernels is None


def test_a_long_film_of_a_large_network_stays_below_two_megabytes(tmp_path):
    recipe = Recipe("large", "resnet50", "starter", 1, 8, "sgd", 0.1, 0.0)
    run = Run.new(recipe, tmp_path)
    from explainer.models.published import construct

    run.history.add(0, construct("resnet50", 200).state_dict())
    replay = Replay(run, 200)
    shot = shoot(replay, 0, torch.rand(1, 3, 224, 224), "layer1.0.relu", 7)
    assert shot.counts[0] == 64
    film = reel(
        [shot] * 60,
        curve_of([]),
        ["a"] * len(shot.moved),
        np.zeros((224, 224, 3), np.uint8),
        layer="layer1.0.relu",
        heat_class=7,
        method="gradcam",
        label=150,
    )
    packed = pack(film)
    assert len(packed) < 2_000_000
    answers = unpack(packed)["answers"]
    assert len(answers["classes"]) == ANSWERS
    assert 150 in answers["classes"]  # the true class is there, however unlikely
    assert answers["of"] == 200
    assert len(set(unpack(packed)["maps"]["channels"].tolist())) == 32


@pytest.mark.slow
def test_the_code_prints_the_numbers_of_the_film(run, images):
    code = film_code(
        "film",
        1,
        0,
        image="normalise(to_look_at(data, recipe)[1].images[4 : 5].float() / 255, recipe)",
        imports=(
            "from explainer.training.measuring import normalise",
            "from explainer.training.replay import to_look_at",
        ),
        layer=LAYER,
        heat_class=CLASS,
    )
    environment = {**os.environ, "CONVSCOPE_RUNS": str(run.folder.parent), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    from explainer.training.measuring import normalise
    from explainer.training.starter import starter

    given = normalise(starter().test.images[4:5].float() / 255, RECIPE)
    shot = shoot(Replay(run, 10), 1, given, LAYER, CLASS)
    lines = done.stdout.splitlines()
    told = {line.split()[0]: line for line in lines}
    assert float(told["maps"].split()[-1]) == pytest.approx(float(shot.maps.max()), rel=1e-4)
    assert float(told["heat"].split()[-1]) == pytest.approx(float(shot.heat.max()), rel=1e-3, abs=1e-9)
    shares = [float(line.split("%")[0]) / 100 for line in lines if "%" in line]
    assert np.allclose(shares, shot.probabilities, atol=6e-5)


def test_the_film_as_an_animation(film):
    from explainer.ui.training.film_gif import HEIGHT, WIDTH, film_gif

    seen = []
    names = [f"class {number} ñ語" for number in range(10)]
    made = film_gif(film, names, "film", rate=4, progress=lambda *far: seen.append(far))
    animation = Image.open(io.BytesIO(made))
    assert (animation.size, animation.n_frames) == ((WIDTH, HEIGHT), len(EPOCHS))
    assert seen == [(0, 3), (1, 3), (2, 3)]
    durations, pictures = [], []
    for number in range(animation.n_frames):
        animation.seek(number)
        durations.append(animation.info["duration"])
        pictures.append(np.asarray(animation.convert("RGB")))
    assert durations == [250, 250, 1500]
    assert not np.array_equal(pictures[0], pictures[1])
