"""How much to train: the four cases, and likeness as a real pretrained network measures it."""

import tomllib
from dataclasses import replace

import pytest
import torch

from explainer.models import load_model
from explainer.models.preprocessing import Preprocessing
from explainer.training.advice import FEW, advise, likeness_of, shuffled
from explainer.training.data import load_dataset
from explainer.training.recipe import Augmentation, Recipe, dump_recipe, recipe_from

RECIPE = Recipe(
    name="own", network="squeezenet1_1", dataset="starter", epochs=1, batch_size=32, optimizer="sgd",
    learning_rate=1.0, weight_decay=0.0, frozen_stages=3, rate_decay=0.5, unfreeze_every=2,
)  # fmt: skip


@pytest.mark.parametrize(
    ("smallest", "near", "kind", "frozen"),
    [
        (FEW - 1, True, "head", -1),
        (FEW - 1, False, "late", 5),
        (FEW, True, "all", 0),
        (FEW, False, "all", 0),
        (FEW, None, "scratch", 0),
        (2, None, "scratch", 0),
    ],
)
def test_the_cases(smallest, near, kind, frozen):
    advice = advise(smallest, near, stages=10)
    assert advice.kind == kind
    assert str(smallest) in advice.reason
    assert "{count}" in advice.reason.template
    recipe = replace(RECIPE, **advice.settings)
    assert recipe.frozen_stages == frozen
    assert recipe.unfreeze_every == 0
    assert recipe.start == ("" if near is None else "published")
    assert recipe_from(tomllib.loads(dump_recipe(recipe))) == recipe  # all settings are within their bounds


def test_what_is_near_changes_less():
    near, far = (advise(1000, near, stages=10).settings for near in (True, False))
    assert near["rate_decay"] ** 9 == pytest.approx(0.1)
    assert far["rate_decay"] ** 9 == pytest.approx(1 / 3)
    assert near["learning_rate"] < far["learning_rate"]


def test_letters_are_not_mirrored_and_frozen_features_can_be_kept():
    assert advise(9, True, 10).settings["augmentation"] == Augmentation()
    assert advise(900, True, 10).settings["augmentation"].flip == 0.5
    for near in (False, None):
        for smallest in (9, 900):
            assert advise(smallest, near, 10).settings["augmentation"].flip == 0


@pytest.mark.parametrize("stages", [1, 2])
def test_networks_of_one_or_two_stages(stages):
    for near in (True, False, None):
        for smallest in (9, 900):
            assert 0 < advise(smallest, near, stages).settings["rate_decay"] <= 1


def test_pieces_are_all_there_in_another_order():
    images = torch.arange(2 * 3 * 8 * 8.0).reshape(2, 3, 8, 8)
    found = shuffled(images, 4, torch.Generator().manual_seed(0))
    assert not torch.equal(found, images)

    def pieces(image):
        return {
            tuple(image[:, y : y + 2, x : x + 2].flatten().tolist())
            for y in range(0, 8, 2)
            for x in range(0, 8, 2)
        }

    for one, other in zip(found, images, strict=True):
        assert pieces(one) == pieces(other)
    assert torch.equal(shuffled(images, 1, torch.Generator()), images)


class Corner(torch.nn.Module):
    """Is sure of an image whose upper left quarter is bright."""

    def forward(self, x):
        bright = x[:, :, :56, :56].mean((1, 2, 3))
        return torch.stack([40 * bright, torch.zeros_like(bright)], 1)


def test_likeness_of_a_network_that_knows_what_it_wants():
    fed = Preprocessing(size=(224, 224), mean=(0.0,) * 3, std=(1.0,) * 3)
    images = torch.zeros(6, 3, 224, 224, dtype=torch.uint8)
    images[:, :, :56, :56] = 255
    model = Corner()
    found = likeness_of(model, fed, images, count=4)
    assert (found.images, found.near) == (4, True)
    assert found.share > 0.8
    assert likeness_of(model, fed, images.flip(3), count=4).share < 0.5  # pieces come there by chance
    state = torch.get_rng_state()
    assert likeness_of(model, fed, images) == likeness_of(model, fed, images)
    assert torch.equal(torch.get_rng_state(), state)


def test_photographs_are_nearer_than_digits_and_drawings(data_folder):
    network = load_model("squeezenet1_1", data_folder / "weights" / "squeezenet1_1_fp16.pth")
    likeness = {
        name: likeness_of(
            network.model, network.preprocessing, load_dataset(name, data_folder).test.images, count=16
        )
        for name in ("tiny_imagenet_10", "mnist_10k", "starter")
    }
    assert likeness["tiny_imagenet_10"].near
    assert not likeness["mnist_10k"].near
    assert not likeness["starter"].near
    assert likeness["tiny_imagenet_10"].share > likeness["mnist_10k"].share + 0.15
