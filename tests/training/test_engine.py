"""The training loop: it learns, it resumes to the same bits, it leaves nothing half written."""

import dataclasses

import pytest
import torch
from safetensors.torch import save_file

from explainer.errors import ReaderError
from explainer.training import Recipe, evaluate, fit, load_recipe
from explainer.training.augment import augment
from explainer.training.data import Dataset, Split
from explainer.training.recipe import RECIPES, Augmentation


@pytest.fixture(scope="module")
def halves():
    """Noise whose upper half (class 0) or lower half (class 1) is brighter."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(96) % 2
    images = (torch.rand(96, 1, 32, 32, generator=generator) * 80).byte()
    images[labels == 0, :, :16] += 150
    images[labels == 1, :, 16:] += 150
    return Dataset(
        Split(images[:64], labels[:64]), Split(images[64:], labels[64:]), ("upper", "lower"), "halves"
    )


RECIPE = Recipe(
    name="halves", network="lenet5", dataset="halves", epochs=3, batch_size=16, optimizer="adamw",
    learning_rate=3e-3, weight_decay=1e-3, average=0.9, augmentation=Augmentation(shift=0.05, flip=0.5),
)  # fmt: skip


def test_it_learns(halves, tmp_path):
    recipe = dataclasses.replace(RECIPE, epochs=6)
    model = fit(recipe, halves, tmp_path)
    assert evaluate(model, halves.test, recipe) > 0.95


def test_a_run_that_was_killed_goes_on_to_the_same_bits(halves, tmp_path):
    whole = fit(RECIPE, halves, tmp_path / "whole")

    class KilledError(Exception):
        pass

    def kill(line):
        if line["epoch"] == 2:
            raise KilledError

    with pytest.raises(KilledError):
        fit(RECIPE, halves, tmp_path / "killed", kill)
    resumed = fit(RECIPE, halves, tmp_path / "killed")

    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name
    assert not list((tmp_path / "killed").glob("*.part"))


def test_one_step_is_that_of_a_plain_loop(halves, tmp_path):
    recipe = dataclasses.replace(
        RECIPE, epochs=1, batch_size=64, optimizer="sgd", average=0.0, augmentation=Augmentation()
    )
    found = fit(recipe, halves, tmp_path)

    torch.manual_seed(recipe.seed)
    from explainer.models.networks import build

    model = build("lenet5").train()
    images = halves.train.images.float() / 255
    torch.nn.functional.cross_entropy(model(images), halves.train.labels).backward()
    rate = torch.optim.lr_scheduler.OneCycleLR(
        torch.optim.SGD(model.parameters(), lr=recipe.learning_rate), recipe.learning_rate, total_steps=1
    ).get_last_lr()[0]
    for name, parameter in model.named_parameters():
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        gradient = parameter.grad + decay * parameter.detach()
        expected = parameter.detach() - rate * (1 + recipe.momentum) * gradient  # Nesterov's first step
        assert torch.allclose(found.get_parameter(name), expected, atol=1e-6), name


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_come_along_can_be_read(path):
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert load_recipe(path.stem) == recipe


def test_an_unknown_field_is_named(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text((RECIPES / "lenet5.toml").read_text().replace("epochs", "epoch"))
    with pytest.raises(ValueError, match="epoch"):
        load_recipe(path)


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


def test_a_second_cycle_goes_on_from_the_weights_of_the_first(halves, tmp_path):
    first = dataclasses.replace(RECIPE, name="first", average=0.0, epochs=1)
    second = dataclasses.replace(first, name="second", start="first", learning_rate=0.0)
    with pytest.raises(ReaderError, match="first"):
        fit(second, halves, tmp_path / "second")
    trained = fit(first, halves, tmp_path / "first")
    save_file(trained.state_dict(), tmp_path / "first" / "first.safetensors")
    again = fit(second, halves, tmp_path / "second")
    for name, tensor in trained.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
