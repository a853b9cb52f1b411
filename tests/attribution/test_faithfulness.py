"""Insertion and deletion against a loop that changes one pixel after the other."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from explainer.attribution import deletion_insertion, random_heat
from explainer.attribution.faithfulness import exchanged, mean_curves, ranking, steps_of
from explainer.models import load_model
from explainer.samples import sample


@pytest.fixture(scope="module")
def loaded():
    return load_model("tiny_vgg")


@pytest.fixture(scope="module")
def images(loaded):
    return loaded.preprocessing.apply(sample("drawn-pizza").load())


@pytest.mark.parametrize("size", [(64, 64), (7, 5)])
def test_the_curves_are_those_of_a_direct_loop(loaded, images, size):
    heat = torch.randn(size, generator=torch.Generator().manual_seed(0))
    hole, empty = torch.full_like(images, 0.5), images.flip(3)
    told = []
    found = deletion_insertion(
        loaded.model,
        images,
        2,
        heat,
        steps=10,
        deleted=hole,
        empty=empty,
        progress=lambda done, total: told.append((done, total)),
    )
    full = F.interpolate(heat[None, None], size=(64, 64), mode="bilinear")[0, 0].numpy()
    order = ranking(heat, (64, 64)).flatten().argsort().numpy()
    assert (np.diff(full.ravel()[order]) <= 0).all()
    without, only = images.clone(), empty.clone()
    deletion, insertion, done = [], [], 0
    for step in range(11):
        for pixel in order[done : round(step * 4096 / 10)]:
            y, x = divmod(int(pixel), 64)
            without[0, :, y, x] = hole[0, :, y, x]
            only[0, :, y, x] = images[0, :, y, x]
        done = round(step * 4096 / 10)
        deletion.append(float(loaded.model(without).softmax(1)[0, 2]))
        insertion.append(float(loaded.model(only).softmax(1)[0, 2]))
    assert found.deletion.tolist() == pytest.approx(deletion, abs=1e-5)
    assert found.insertion.tolist() == pytest.approx(insertion, abs=1e-5)
    assert found.fractions.tolist() == pytest.approx(np.linspace(0, 1, 11).tolist(), abs=2e-4)
    areas = [(sum(curve) - (curve[0] + curve[-1]) / 2) / 10 for curve in (insertion, deletion)]
    assert [found.insertion_auc, found.deletion_auc] == pytest.approx(areas, abs=1e-3)
    assert told[0] == (0, 22)
    assert told[-1] == (22, 22)


def test_the_ends_are_the_photo_and_the_empty_picture(loaded, images):
    found = deletion_insertion(loaded.model, images, 2, torch.rand(8, 8), steps=3)
    whole = float(loaded.model(images).softmax(1)[0, 2])
    nothing = float(loaded.model(torch.zeros_like(images)).softmax(1)[0, 2])
    assert [float(found.deletion[0]), float(found.deletion[-1])] == pytest.approx([whole, nothing], abs=1e-5)
    assert [float(found.insertion[0]), float(found.insertion[-1])] == pytest.approx(
        [nothing, whole], abs=1e-5
    )


def test_a_map_that_knows_beats_one_that_does_not():
    """The class is decided by one corner; the map that names it is told from its opposite and from chance."""

    class Corner(torch.nn.Module):
        def forward(self, x):
            bright = x[:, :, :4, :4].mean((1, 2, 3))
            return torch.stack((8 * bright, torch.full_like(bright, 4)), 1)

    images = torch.ones(1, 3, 16, 16)
    heat = torch.zeros(16, 16)
    heat[:4, :4] = 1
    right, wrong, chance = (
        deletion_insertion(Corner(), images, 0, one, steps=64)
        for one in (heat, -heat, random_heat((16, 16), 4, seed=1))
    )
    assert right.insertion_auc > chance.insertion_auc > wrong.insertion_auc
    assert right.deletion_auc < chance.deletion_auc < wrong.deletion_auc


def test_pixels_of_equal_heat_go_in_a_random_order():
    ranks = ranking(torch.zeros(32, 32), (32, 32))
    assert sorted(ranks.flatten().tolist()) == list(range(1024))
    first = (ranks < 100).nonzero().float()
    assert first.mean(0).tolist() == pytest.approx([15.5, 15.5], abs=4)
    assert torch.equal(ranks, ranking(torch.zeros(32, 32), (32, 32)))
    assert not torch.equal(ranks, ranking(torch.zeros(32, 32), (32, 32), seed=1))


def test_exchanging_takes_the_hottest_pixels():
    heat = torch.tensor([[0.1, 0.9], [0.5, 0.2]])
    one, other = torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2)
    found = exchanged(one, other, ranking(heat, (2, 2)), [0, 1, 3])
    assert found[:, 0].tolist() == [[[0, 0], [0, 0]], [[0, 1], [0, 0]], [[0, 1], [1, 1]]]


def test_random_squares():
    heat = random_heat((10, 7), 4, seed=3)
    assert heat.shape == (10, 7)
    assert (heat[:4, :4] == heat[0, 0]).all()
    assert len(heat.unique()) == 6
    assert torch.equal(heat, random_heat((10, 7), 4, seed=3))


@pytest.mark.parametrize("steps", [1, 7, 40])
def test_each_pixel_changes_at_its_step(steps):
    heat = torch.randn(9, 11, generator=torch.Generator().manual_seed(2))
    found, ranks = steps_of(heat, (9, 11), steps), ranking(heat, (9, 11))
    for step in range(steps + 1):
        assert torch.equal(found <= step, ranks < round(step * 99 / steps))


def test_the_mean_of_curves(loaded, images):
    one, other = (
        deletion_insertion(loaded.model, images, 2, random_heat((64, 64), 4, seed=seed), steps=4)
        for seed in (0, 1)
    )
    mean = mean_curves([one, other])
    assert mean.deletion_auc == pytest.approx((one.deletion_auc + other.deletion_auc) / 2, abs=1e-6)
    assert mean.insertion_auc == pytest.approx((one.insertion_auc + other.insertion_auc) / 2, abs=1e-6)
