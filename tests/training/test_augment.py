"""Augmented images stay images, and what is drawn repeats with its seed."""

import dataclasses

import pytest
import torch

from explainer.training.augment import augment
from explainer.training.recipe import Augmentation


@pytest.mark.parametrize(
    "settings",
    [
        Augmentation(flip=0.5),
        Augmentation(shift=0.2),
        Augmentation(shift=0.1, scale=0.2, rotate=10),
        Augmentation(brightness=0.3),
        Augmentation(cutout=0.4),
    ],
    ids=lambda s: "+".join(f.name for f in dataclasses.fields(s) if getattr(s, f.name)),
)
def test_augmented_images_stay_images_and_repeat_with_their_seed(settings):
    images = torch.rand(16, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    first = augment(images.clone(), settings, torch.Generator().manual_seed(3))
    again = augment(images.clone(), settings, torch.Generator().manual_seed(3))
    assert first.shape == images.shape
    assert torch.equal(first, again)
    assert 0 <= float(first.min()) <= float(first.max()) <= 1
    assert not torch.equal(first, images)


def test_shifts_move_whole_pixels():
    images = torch.zeros(40, 1, 9, 9)
    images[:, :, 4, 4] = 1
    moved = augment(images, Augmentation(shift=0.3), torch.Generator().manual_seed(0))
    assert torch.equal(moved.sum((1, 2, 3)), torch.ones(40))
    assert len({tuple(image.nonzero()[0].tolist()) for image in moved}) > 10
