"""Dense against convolutional on moved digits: what comes with the project, and what the lesson says."""

import random

import pytest
import torch
from torch.nn import functional as F

from explainer.playground import digits, shifted
from explainer.playground.shifted import (
    HEADS,
    REACH,
    accuracies,
    bundled,
    moved,
    pair,
    parameters,
    place,
    shift,
)


def digit(value: int = 4, hand: int = 3) -> torch.Tensor:
    return place(digits.as_input(digits.draw(value, random.Random(f"hand/{hand}")))[None])[0]


def test_moving_is_rolling_with_nothing_coming_in():
    image = torch.arange(1.0, 26).view(1, 5, 5)
    assert shift(image, 0, 0).equal(image)
    down = shift(image, 2, -1)
    assert down[0, :4, 2:].equal(image[0, 1:, :3])
    assert float(down[0, 4].sum() + down[0, :, :2].sum()) == 0


@pytest.mark.parametrize("head", HEADS)
def test_both_networks_have_about_as_many_parameters(head):
    made = pair(head, 0)
    dense, conv = parameters(made.dense), parameters(made.convolutional)
    assert abs(dense - conv) < 0.06 * conv
    assert made.dense(torch.zeros(2, 1, 28, 28)).shape == made.convolutional(torch.zeros(2, 1, 28, 28)).shape


def test_convolving_and_moving_change_places():
    networks = bundled("max").networks
    found = moved(networks, digit())
    assert float(found.differences.max()) == 0
    layer = networks.convolutional[0]
    right, down = 3, -2
    number = shifted.shifts().index((right, down))
    direct = F.conv2d(shift(digit(), right, down)[None], layer.weight, layer.bias, padding=2).relu()[0]
    assert torch.allclose(found.maps[number], direct, atol=1e-6)
    still = F.conv2d(digit()[None], layer.weight, layer.bias, padding=2).relu()[0]
    inner = slice(2 + right, 26), slice(2, 26 + down)
    assert torch.allclose(
        direct[:, inner[1], inner[0]], shift(still, right, down)[:, inner[1], inner[0]], atol=1e-6
    )
    assert torch.allclose(
        found.dense[number], networks.dense(shift(digit(), right, down)[None]).softmax(1)[0], atol=1e-6
    )


def test_the_difference_would_be_seen():
    networks = pair("max", 1)
    layer = networks.convolutional[0]
    torch.nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    layer.stride = (2, 2)
    maps = networks.convolutional[:2]
    assert not torch.allclose(maps(shift(digit(), 1, 0)[None]), shift(maps(digit()[None]), 1, 0), atol=1e-3)


def test_what_comes_with_the_project_says_what_the_lesson_says():
    middle = REACH
    for head in HEADS:
        found = bundled(head)
        assert float(found.dense[middle, middle]) > 0.9
        assert float(found.convolutional[middle, middle]) > 0.9
        assert float(found.dense[middle - 3, middle]) < 0.15
    pooled, placed = bundled("max").convolutional, bundled("flatten").convolutional
    assert float(pooled.min()) > 0.8
    assert float(placed[0, 0]) < 0.2
    assert float(bundled("mean").convolutional.mean()) < float(pooled.mean())
    dense = bundled("max").dense
    assert float(dense[middle - 2 : middle + 3 : 4, middle].max()) < 0.25
    assert float(dense[middle, middle + 4 :].max()) < 0.25


@pytest.mark.slow
def test_accuracies_kept_with_the_weights_are_those_of_the_weights():
    found = bundled("max")
    assert torch.allclose(accuracies(found.networks.convolutional), found.convolutional, atol=0.011)
    assert torch.allclose(accuracies(found.networks.dense), found.dense, atol=0.011)


@pytest.mark.slow
def test_the_recipe_gives_such_networks_again():
    reports = []
    made = shifted.train("max", 5, steps=250, progress=lambda done, total: reports.append(done))
    assert reports[-1] == 250
    data = shifted.placed(shifted.TRAINED_ON + shifted.TESTED_ON, 0)
    images, labels = (one[shifted.TRAINED_ON :] for one in (data.images, data.labels))
    aside = shift(images, 4, -3)
    with torch.no_grad():
        for network, low, high in ((made.dense, 0.0, 0.3), (made.convolutional, 0.6, 1.0)):
            assert float((network(images).argmax(1) == labels).float().mean()) > 0.8
            assert low <= float((network(aside).argmax(1) == labels).float().mean()) <= high
