"""From a recipe that is written to a run that learns."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from explainer.errors import ReaderError
from explainer.ui.training.draft import data_key, draft
from explainer.ui.training.place import RUN, keep
from explainer.ui.training.recipe_link import USUAL
from explainer.ui.training.steering import begin
from explainer.ui.training.storage import (
    BESIDE_RUNS,
    RUN_NAME,
    find_run,
    open_dataset,
    owner,
    remove,
    runs_folder,
    writing,
)

if TYPE_CHECKING:
    from explainer.training.data import Dataset
    from explainer.training.recipe import Recipe
    from explainer.training.runs import Run

_MEANT = {*BESIDE_RUNS, "published"}
"""What lies beside the runs, and what a recipe's ``start`` calls published weights."""


def whole_recipe() -> Recipe:
    """Return the draft with everything that follows from its network and its images.

    Pictures are scaled as the weights are used to; for new weights, as the reader wants it.

    Raises:
        ReaderError: the draft cannot be followed.
    """
    from explainer.models.loading import default_preprocessing

    recipe = draft()
    if (recipe.mean, recipe.std) != (USUAL.mean, USUAL.std):  # the reader's own
        return recipe
    if recipe.start == "published":
        fed = default_preprocessing(recipe.network)
        return replace(recipe, mean=fed.mean, std=fed.std)
    if recipe.start:
        earlier = find_run(recipe.start)
        if earlier is None:
            raise ReaderError("There is no run {name} to begin from.", name=recipe.start)
        return replace(recipe, mean=earlier.recipe.mean, std=earlier.recipe.std)
    return recipe


def start(name: str) -> Run:
    """Begin a run with the draft's recipe, which is the reader's from then on.

    Raises:
        ReaderError: the name is taken or of no use, or the recipe cannot be followed here, or nothing can be
            written.
    """
    if name in _MEANT:
        raise ReaderError("{name} means something else here. Choose another name for the run.", name=name)
    if not is_name(name):
        raise ReaderError("A run's name has letters from a to z, digits, - and _, at most 60 of them.")
    from explainer.training.runs import Run

    recipe = replace(whole_recipe(), name=name)
    check_images(recipe, open_dataset(data_key(), recipe.side))
    with writing():
        run = Run.new(recipe, runs_folder(), owner())
        try:
            begin(run)
        except ReaderError:
            remove(run)
            raise
    keep(RUN, name)
    return run


def is_name(name: str) -> bool:
    """Whether a run may be called so: it becomes the name of a folder."""
    return bool(RUN_NAME.fullmatch(name)) and name not in _MEANT


def free_name(network: str) -> str:
    """Return a name that no run has yet."""
    stem = re.sub(r"[^A-Za-z0-9]+", "_", network.rpartition(":")[2]).strip("_")[:40] or "run"
    number = 1
    while (runs_folder() / f"{stem}_{number}").exists():
        number += 1
    return f"{stem}_{number}"


def check_images(recipe: Recipe, data: Dataset) -> None:
    """Refuse images that the network does not take, in the words of the run itself.

    Raises:
        ReaderError: they have other channels, or another side, or the recipe scales others.
    """
    from explainer.training import fitting

    fitting.check_images(recipe, data)
