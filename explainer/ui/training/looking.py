"""A look at the chosen data set: its pictures class by class, how many, and which are for validation."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.data_wall import FOLDER, data_wall
from explainer.ui.class_names import class_names
from explainer.ui.language import t, texts_for
from explainer.ui.link import put
from explainer.ui.link_widgets import put_seed, seed_of
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in
from explainer.ui.training import draft
from explainer.ui.training.recipe_link import USUAL
from explainer.ui.training.sets import DRAW, LABEL, SHEET, SPLIT
from explainer.ui.training.storage import open_dataset

if TYPE_CHECKING:
    from explainer.render.data_wall import Portion
    from explainer.training.data import Dataset
    from explainer.training.recipe import Recipe

WALL = "data_wall"
_PARTS = ("train", "validation", "test")
_DIVIDING = ("validation", "seed", "images_per_class")
"""Settings of the recipe that decide which images are learned from."""


@st.fragment
def draw(key: str) -> None:
    """Draw it."""
    with guard():
        data = open_dataset(key)
        _take_over(len(data.classes))
        with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
            with st.container(width=300):
                draft.slider(
                    "validation",
                    t("Share of validation images"),
                    0.0,
                    0.5,
                    0.05,
                    help=t(
                        "Held out of the training images, of every class alike: nothing is learned from "
                        "them, and the best epoch is chosen by them. The test is only reported."
                    ),
                )
            with st.container(width=220):
                draft.slider(
                    "seed",
                    t("Seed"),
                    0,
                    99,
                    1,
                    help=t("Decides which images are for validation, and all else that is random in a run."),
                )
        # All else is as usual: what does not matter here begins nothing anew.
        recipe = replace(USUAL, **{name: draft.value_of(name) for name in _DIVIDING})
        data_wall(_frame(key, data, recipe), key=WALL)


def sizes_of(data: Dataset) -> str:
    """Say in figures how large it is."""
    images = data.train.images
    channels, height, width = images.shape[1:]
    room = (len(data.train) + len(data.test)) * images[0].numel() / 1e6
    figures = (
        t("{count} training images", count=f"{len(data.train):,}"),
        t("{count} test images", count=f"{len(data.test):,}"),
        t("{count} classes", count=f"{len(data.classes):,}"),
        f"{width} × {height}",
        t("grey") if channels == 1 else t("colour"),
        t("{size} MB in memory", size=f"{room:,.0f}" if room >= 10 else f"{room:.1f}"),
    )
    return " · ".join(figures)


def _frame(key: str, data: Dataset, recipe: Recipe) -> bytes:
    from explainer.render.data_wall import wall_frame
    from explainer.render.wire import pack

    parts = _portions(key, recipe)
    shown = st.query_params.get(SPLIT, "")
    names = class_names(data.classes)
    label = number_in(st.query_params.get(LABEL), 0, len(data.classes) - 1)
    frame: dict[str, Any] = wall_frame(
        parts,
        names,
        shown=shown if shown in _PARTS else "train",
        label=None if label is None else int(label),
        page=int(number_in(st.query_params.get(SHEET), 0, 1_000_000) or 0),
        draw=seed_of(DRAW),
    )
    identity = f"{key} {[getattr(recipe, name) for name in _DIVIDING]} {names}"
    return pack(frame | {"identity": identity, "texts": texts_for(FOLDER)})


def _portions(key: str, recipe: Recipe) -> dict[str, Portion]:
    """Divide the set; only the places are kept, for the images may leave the memory."""
    from explainer.render.data_wall import Portion

    data = open_dataset(key)
    return {
        name: Portion(data.test if name == "test" else data.train, one)
        for name, one in _places(key, recipe).items()
    }


@lru_cache(maxsize=16)
def _places(key: str, recipe: Recipe) -> dict[str, Any]:
    from explainer.render.data_wall import portions

    return {name: one.places for name, one in portions(open_dataset(key), recipe).items()}


def _take_over(classes: int) -> None:
    """Put into the link what the wall wants to show."""
    ask = newly_asked(WALL)
    if not ask:
        return
    shown, label, page, drawn = (ask.get(name) for name in ("shown", "label", "page", "draw"))
    if shown in _PARTS:
        put(SPLIT, str(shown), "train")
    whole = [one for one in (label, page, drawn) if isinstance(one, int | float)]
    if len(whole) == 3:
        label, page, drawn = map(int, whole)
        put(LABEL, str(label) if 0 <= label < classes else "")
        put(SHEET, str(max(0, page)), "0")
        put_seed(DRAW, drawn)
