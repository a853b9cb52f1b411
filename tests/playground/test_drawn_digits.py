"""Digits drawn by the project, and what a network trained on them reads."""

import random

import numpy as np
import pytest
import torch

from explainer.playground import digits
from explainer.playground.learner import Learner, Rule, Shape, right


def test_digits_are_drawn_from_the_seed():
    state = random.getstate()
    found = digits.drawn(50, 3)
    digits.drawn.cache_clear()
    assert torch.equal(found.images, digits.drawn(50, 3).images)
    assert random.getstate() == state
    assert found.images.shape == (50, 1, 28, 28)
    assert found.labels.bincount().tolist() == [5] * 10
    assert 0 <= float(found.images.min()) <= float(found.images.max()) <= 1
    assert len({image.numpy().tobytes() for image in found.images}) == 50


def test_a_digit_stands_as_in_mnist():
    for value in range(10):
        image = digits.as_input(digits.draw(value, random.Random(value)))[0]
        rows, columns = (image > 0.1).nonzero().T
        assert max(rows.max() - rows.min(), columns.max() - columns.min()) <= 20
        mass = image.sum()
        centre = [float((image.sum(axis) * torch.arange(28)).sum() / mass) for axis in (1, 0)]
        assert centre == pytest.approx([14, 14], abs=1.5)


@pytest.mark.slow
def test_what_the_page_says_of_mnist(data_folder):
    """“reads about 70% of MNIST's handwritten digits, and of digits drawn like its own over 90%”."""
    found = digits.drawn(2500, 0)
    rows = found.images.flatten(1)
    train, held = (rows[:2000], found.labels[:2000]), (rows[2000:], found.labels[2000:])
    learner = Learner(Shape(784, (16,), 10, "relu"), train, held, kept=3)
    learner.run(600, Rule(rate=0.003, batch=32))
    measured = learner.measure()
    assert measured.held_accuracy > 0.9
    archive = np.load(data_folder / "mnist_10k.npz")
    images = torch.from_numpy(archive["images"]).float().flatten(1) / 255
    with torch.no_grad():
        share = right(learner.network(images), torch.from_numpy(archive["labels"]).long())
    assert 0.65 < share < 0.8
