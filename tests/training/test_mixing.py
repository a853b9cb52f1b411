"""Mixup and CutMix: labels in the shares of the pixels, shares as the papers draw them."""

import dataclasses

import pytest
import torch
from torchvision.transforms import v2

from explainer.training.mixing import Mixture, class_shares, draw_mixture, mix, mixed

CLASSES = 12


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def batch():
    """One image of constant colour for each class, so that a pixel tells what class it came from."""
    colours = (torch.arange(CLASSES) + 1) / CLASSES
    return colours.view(-1, 1, 1, 1).repeat(1, 3, 20, 30), torch.arange(CLASSES)


def settings(recipe, mixup=0.0, cutmix=0.0):
    return dataclasses.replace(recipe, mixup=mixup, cutmix=cutmix)


def test_without_mixing_everything_stays_and_nothing_is_drawn(recipe, batch):
    generator = seeded()
    images, targets = mix(*batch, CLASSES, recipe, generator)
    assert images is batch[0]
    assert targets is batch[1]
    assert torch.equal(generator.get_state(), seeded().get_state())


@pytest.mark.parametrize("kinds", [{"mixup": 0.4}, {"cutmix": 1.0}, {"mixup": 0.2, "cutmix": 1.0}], ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_labels_are_the_shares_of_the_pixels(recipe, batch, kinds, seed):
    given, state = batch[0].clone(), torch.get_rng_state()
    images, targets = mix(*batch, CLASSES, settings(recipe, **kinds), seeded(seed))
    again, _ = mix(*batch, CLASSES, settings(recipe, **kinds), seeded(seed))
    assert torch.equal(images, again)
    assert torch.equal(batch[0], given)
    assert torch.equal(torch.get_rng_state(), state)
    torch.testing.assert_close(targets.sum(1), torch.ones(CLASSES))
    # A colour is its class: their mean over the image is the mean of the classes in their shares.
    colours = batch[0][:, 0, 0, 0]
    torch.testing.assert_close(images.mean((1, 2, 3)), targets @ colours, atol=1e-6, rtol=0)
    if kinds == {"cutmix": 1.0}:
        for image, target in zip(images, targets, strict=True):
            found = (image[0].flatten() * CLASSES - 1).round().long().bincount(minlength=CLASSES) / 600
            torch.testing.assert_close(found, target, atol=1e-6, rtol=0)
    else:
        assert not torch.equal(images, batch[0])


@pytest.mark.parametrize("alpha", [0.2, 1.0, 5.0])
def test_shares_have_the_distribution_of_the_papers(recipe, alpha):
    shape = (2, 3, 64, 64)
    drawn = [draw_mixture(shape, settings(recipe, mixup=alpha), seeded(seed)).share for seed in range(3000)]
    shares = torch.tensor(drawn)
    # Beta(a, a): mean 1/2, variance 1 / (4 (2a + 1)).
    assert float(shares.mean()) == pytest.approx(0.5, abs=0.025)
    assert float(shares.var()) == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)


def test_cutmix_boxes_are_distributed_as_torchvisions(recipe):
    height, width = 37, 52
    theirs = v2.CutMix(num_classes=CLASSES)
    image = torch.arange(2.0).view(2, 1, 1, 1).repeat(1, 1, height, width)
    boxes = [
        draw_mixture((2, 1, height, width), settings(recipe, cutmix=1.0), seeded(seed)) for seed in range(600)
    ]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        params = [theirs.make_params([image]) for _ in range(600)]

    def spread(found):
        sizes = torch.tensor(
            [(bottom - top, right - left, top, left) for top, bottom, left, right in found]
        ).float()
        return torch.cat([sizes.mean(0), sizes.std(0)])

    ours = spread([one.box for one in boxes])
    reference = spread([(y1, y2, x1, x2) for x1, y1, x2, y2 in (one["box"] for one in params)])
    torch.testing.assert_close(ours, reference, rtol=0.1, atol=0.8)
    for one in boxes:
        top, bottom, left, right = one.box
        assert 0 <= top <= bottom <= height
        assert 0 <= left <= right <= width
        assert one.share == pytest.approx(1 - (bottom - top) * (right - left) / (height * width))


def test_mixing_is_torchvisions_formula(recipe, batch):
    images = torch.rand(CLASSES, 3, 20, 30, generator=seeded(5))
    rolled = torch.arange(CLASSES).roll(1)
    for kind, mixture in (
        (v2.MixUp, Mixture("mixup", rolled, 0.31)),
        (v2.CutMix, Mixture("cutmix", rolled, 1 - 8 * 10 / 600, (4, 12, 7, 17))),
    ):
        tool = kind(num_classes=CLASSES)
        params = {"labels": batch[1], "batch_size": CLASSES, "lam": mixture.share}
        params |= {"lam_adjusted": mixture.share, "box": (7, 4, 17, 12)}
        torch.testing.assert_close(mixed(images, mixture), tool.transform(images, params))
        torch.testing.assert_close(class_shares(batch[1], CLASSES, mixture), tool.transform(batch[1], params))


def test_with_both_each_batch_takes_one(recipe):
    both = settings(recipe, mixup=0.4, cutmix=1.0)
    kinds = [draw_mixture((4, 3, 16, 16), both, seeded(seed)).kind for seed in range(300)]
    assert 110 < kinds.count("mixup") < 190
    orders = {tuple(draw_mixture((4, 3, 16, 16), both, seeded(seed)).other.tolist()) for seed in range(300)}
    assert len(orders) == 24
