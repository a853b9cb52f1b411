"""Augmentation: what is changed at random before a network sees an image, tried out on the images."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.augment_view import FOLDER, augment_view
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import put
from explainer.ui.link_widgets import seed_of
from explainer.ui.messages import guard, sentence
from explainer.ui.numbers import pair_in
from explainer.ui.opened import frame
from explainer.ui.training import draft
from explainer.ui.training.augmentation_effect import draw_effect
from explainer.ui.training.augmentation_pictures import (
    DRAWS,
    PICTURES,
    SOURCE,
    Pictures,
    choose_pictures,
    grid_of,
    is_quick,
)
from explainer.ui.training.augmentation_settings import draw_controls, draw_presets
from explainer.ui.training.storage import open_dataset
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.training.data import Dataset
    from explainer.training.recipe import Recipe

GRID = "augment_view"
CHOSEN = "chosen"
"""Query parameter: the draw that is followed into a network (row,draw)."""
_SHOWN = 224
"""Pixels of the largest preview."""


def draw() -> None:
    """Draw the part."""
    with guard():
        _draw()
    lesson("training_augmentation", title=t("Why change images at random?"))


def _draw() -> None:
    _take_over()
    recipe = draft.draft()
    draw_presets(SOURCE, PICTURES, DRAWS, CHOSEN)
    draw_controls()
    with st.spinner(t("Opening the data set"), show_time=True):
        data = open_dataset(draft.data_key(), recipe.side)
    _say_contradictions(data, recipe)
    pictures = choose_pictures(data)
    if pictures is None:
        return
    packed = _preview(pictures, recipe)
    if packed is not None:
        _draw_grid(packed, len(pictures.labels))
        draw_effect(packed, _chosen(packed), recipe)
        if pictures.indices:
            _draw_code(recipe, pictures.indices)


def _say_contradictions(data: Dataset, recipe: Recipe) -> None:
    from explainer.training.contradictions import contradictions

    for phrase in contradictions(data.classes, recipe.augmentation):
        st.warning(sentence(phrase), icon=":material/warning:")


# --- the preview ------------------------------------------------------------------------------------------


def _preview(pictures: Pictures, recipe: Recipe) -> dict[str, Any] | None:
    """Return the unpacked frame of the preview; ``None`` while it is being made."""
    from explainer.render.wire import unpack

    small = replace(pictures, images=_bounded(pictures.images))
    if small.images.shape != pictures.images.shape:
        st.caption(t("Shown at {side} pixels; counts of pixels are those of this size.", side=_SHOWN))
    seed = seed_of(DRAWS)
    settings = (small.images.shape, recipe.augmentation, recipe.mixup, recipe.cutmix, seed)
    identity = hashlib.sha256(small.images.numpy().tobytes())
    identity.update(repr((settings, small.labels, small.classes, current_language())).encode())
    name = f"augmented/{identity.hexdigest()}"
    # A job has no reader whose language it could ask for.
    make = partial(_made, name, small, recipe, seed, _translations())
    if is_quick(small.images):
        return unpack(frame(name, make))
    packed = watched(name, lambda job: make(), key="augmentation", start=t("Preview"), light=True)
    return None if packed is None else unpack(packed)


def _made(name: str, pictures: Pictures, recipe: Recipe, seed: int, words: Mapping[str, str]) -> bytes:
    from explainer.render.augmented import grid_frame
    from explainer.render.wire import pack
    from explainer.training.preview import preview

    what = (pictures.images, pictures.labels, pictures.classes)
    shown = preview(*what, recipe, draws=grid_of(pictures.images)[1], seed=seed)
    return pack(grid_frame(*what, shown, lambda text: words.get(text, text)) | {"identity": name})


def _translations() -> Mapping[str, str]:
    """Return what the preview's words are in the reader's language."""
    from explainer.ui import catalogue

    return catalogue.load(current_language())


def _bounded(images: Tensor) -> Tensor:
    from torch.nn import functional as F

    if max(images.shape[-2:]) <= _SHOWN:
        return images
    scale = _SHOWN / max(images.shape[-2:])
    size = [max(1, round(side * scale)) for side in images.shape[-2:]]
    return F.interpolate(images.float(), size, mode="bilinear", antialias=True).round().byte()


def _draw_grid(packed: dict[str, Any], rows: int) -> None:
    from explainer.render.wire import pack

    chosen = list(_chosen(packed))
    augment_view(pack(packed | {"chosen": chosen, "texts": texts_for(FOLDER)}), key=GRID)
    st.caption(
        t(
            "Left the images as they are, beside each what {count} steps of training might see. A batch is "
            "changed at once: a column is one batch of these {rows} images.",
            count=len(packed["rows"][0]["draws"]),
            rows=rows,
        )
    )


def _draw_code(recipe: Recipe, indices: Sequence[int]) -> None:
    from explainer.render.augmented_code import augmented_code

    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(augmented_code(recipe, indices, seed=seed_of(DRAWS)), "python")


# --- what stands in the link ------------------------------------------------------------------------------


def _chosen(packed: dict[str, Any]) -> tuple[int, int]:
    """Return row and draw of the one that is followed into a network."""
    rows = packed["rows"]
    return pair_in(st.query_params.get(CHOSEN), len(rows), len(rows[0]["draws"])) or (0, 0)


def _take_over() -> None:
    """Put into the link what was chosen in the grid."""
    ask = newly_asked(GRID)
    row, draw = ask.get("row"), ask.get("draw")
    if isinstance(row, int | float) and isinstance(draw, int | float):
        put(CHOSEN, f"{int(row)},{int(draw)}", "0,0")
