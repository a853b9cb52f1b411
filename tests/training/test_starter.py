"""The drawn data set: always the same, balanced, and to be learned from its forms alone."""

import pytest
import torch

from explainer.training import evaluate, fit
from explainer.training.checks import duplicates_of
from explainer.training.data import Dataset, Split, load_dataset
from explainer.training.recipe import Recipe
from explainer.training.starter import starter


def test_what_it_is():
    data = load_dataset("starter")
    assert data.train.images.shape == (1500, 3, 64, 64)
    assert data.train.images.dtype == torch.uint8
    assert len(data.classes) == len(set(data.classes)) == 10
    assert data.train.labels.bincount().tolist() == [150] * 10
    assert data.test.labels.bincount().tolist() == [30] * 10
    assert not duplicates_of(data).groups
    assert "1,500 training and 300 test images" in data.description


def test_a_seed_decides_it_and_nothing_else():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = starter(4, 3)
    torch.manual_seed(2)
    again, longer, other = starter(4, 3), starter(9, 3), starter(4, 3, seed=1)
    assert torch.equal(first.train.images, again.train.images)
    assert torch.equal(first.test.images, longer.test.images)
    assert not torch.equal(first.train.images, other.train.images)
    assert not torch.equal(first.train.images[:3], first.test.images[:3])
    torch.manual_seed(1)
    starter(1, 1)
    assert torch.equal(torch.get_rng_state(), before)


def test_colours_alone_do_not_tell_the_classes_apart():
    """The class whose mean colours are nearest is wrong for most images."""
    data = starter(60, 30)

    def colours(split):
        return split.images.double().mean((2, 3))

    means = torch.stack([colours(data.train)[data.train.labels == label].mean(0) for label in range(10)])
    guessed = torch.cdist(colours(data.test), means).argmin(1)
    assert (guessed == data.test.labels).double().mean() < 0.3


@pytest.mark.slow
def test_a_small_network_learns_it(tmp_path):
    """Three of the classes, to be quick; TinyVGG learns all ten in eight epochs to 95 %."""
    data, chosen = starter(), torch.tensor([3, 7, 8])

    def part(split):
        own = split.part(torch.isin(split.labels, chosen).nonzero()[:, 0])
        return Split(own.images, torch.searchsorted(chosen, own.labels))

    data = Dataset(part(data.train), part(data.test), ("car", "mushroom", "star"), "")
    recipe = Recipe(
        name="three", network="tiny_vgg", dataset="starter", epochs=6, batch_size=32, optimizer="adamw",
        learning_rate=4e-3, weight_decay=5e-3,
    )  # fmt: skip
    assert evaluate(fit(recipe, data, tmp_path), data.test, recipe) > 0.85
