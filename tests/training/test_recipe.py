"""Recipes are read whole or refused with what is wrong, and written so that they are read the same."""

import pytest

from explainer.errors import ReaderError
from explainer.training.recipe import RECIPES, Augmentation, Recipe, dump_recipe, load_recipe, recipe_from


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_come_along_can_be_read(path):
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert load_recipe(path.stem) == recipe


def test_a_recipe_is_read_as_it_was_written(tmp_path):
    recipe = Recipe(
        name="all", network="resnet18", dataset="cifar10", epochs=2, batch_size=4, optimizer="sgd",
        learning_rate=0.1, weight_decay=0.0, milestones=(0.25,), compile=True, note='a "note"\nof two',
        augmentation=Augmentation(flip=0.5, policy="augmix"),
    )  # fmt: skip
    path = tmp_path / "all.toml"
    path.write_text(dump_recipe(recipe), "utf-8")
    assert load_recipe(path) == recipe


PLAIN = {
    "name": "r", "network": "lenet5", "dataset": "mnist_10k", "epochs": 1, "batch_size": 8,
    "optimizer": "sgd", "learning_rate": 1, "weight_decay": 0.0,
}  # fmt: skip


def test_whole_numbers_are_taken_for_others():
    assert recipe_from(PLAIN).learning_rate == 1.0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"epoch": 3}, "unknown fields epoch"),
        ({"optimizer": "lion"}, "optimizer must be one of sgd, adam, adamw"),
        ({"epochs": "3"}, "epochs must be of type int"),
        ({"epochs": True}, "epochs must be of type int"),
        ({"learning_rate": float("nan")}, "learning_rate must be of type float"),
        ({"mean": "0.5"}, "mean must be a list of numbers"),
        ({"augmentation": 3}, "must be a table"),
        ({"augmentation": {"spin": 3}}, "unknown fields spin"),
        ({"epochs": 0}, "epochs must be between 1 and 10000"),
        ({"images_per_class": -1}, "images_per_class must be between 0 and 10000000"),
        ({"images_per_class": 2.5}, "images_per_class must be of type int"),
        ({"augmentation": {"flip": 1.5}}, "flip must be between 0 and 1"),
    ],
)
def test_what_is_wrong_is_named(fields, said):
    with pytest.raises(ReaderError, match=said):
        recipe_from(PLAIN | fields, "r.toml")


def test_what_is_missing_is_named():
    with pytest.raises(ReaderError, match="fields dataset, epochs are missing"):
        recipe_from({name: value for name, value in PLAIN.items() if name not in {"dataset", "epochs"}})


def test_files_that_are_no_recipes(tmp_path):
    with pytest.raises(ReaderError, match="no recipe none"):
        load_recipe("none")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(ReaderError, match="no TOML"):
        load_recipe(tmp_path / "bad.toml")
