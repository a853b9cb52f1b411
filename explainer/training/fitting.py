"""Whether the images of a data set suit the network of a recipe: asked before anything begins."""

from __future__ import annotations

from explainer.errors import ReaderError
from explainer.models.entries import find
from explainer.models.loading import default_preprocessing
from explainer.training import room
from explainer.training.data import Dataset
from explainer.training.outline import fits
from explainer.training.recipe import Recipe


def check_images(recipe: Recipe, data: Dataset) -> None:
    """Refuse images that the network does not take.

    Raises:
        ReaderError: they have other channels, or another side, or the recipe scales others.
    """
    wanted = 1 if default_preprocessing(recipe.network).mode == "L" else 3
    found, height, width = data.train.images.shape[1:]
    if wanted != found:
        raise ReaderError(
            "{network} takes images of {theirs} channels, those of the data set have {ours}. "
            "Choose another network.",
            network=recipe.network,
            theirs=wanted,
            ours=found,
        )
    if min(len(recipe.mean), len(recipe.std)) < found:
        raise ReaderError(
            "The recipe has mean and deviation of fewer channels than the images. Set them anew: on the "
            "Training page, in the part “Data”."
        )
    if not fits(recipe.network, len(data.classes), (found, height, width)):
        raise ReaderError(
            "{network} takes no images of {side} × {side} pixels. It usually sees {usual} × {usual}: choose "
            "another side of the images.",
            network=recipe.network,
            side=width,
            usual=find(recipe.network).size[0],
        )


def usual_side(network: str, data: Dataset) -> int:
    """Return the side that images are best resized to for a network; 0 if there is none.

    That which the network usually sees, else the largest below it that fits in memory and that the network
    takes. Images of other channels than the network's have none.
    """
    wanted = find(network).size[0]
    count, channels = len(data.train) + len(data.test), data.train.images.shape[1]
    enough = room.bytes_of(count, channels, wanted) <= room.MOST
    possible = [wanted] if enough else room.sides_below(count, channels, wanted)
    classes = len(data.classes)
    return next((side for side in possible if fits(network, classes, (channels, side, side))), 0)
