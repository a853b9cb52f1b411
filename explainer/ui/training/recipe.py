"""Recipe: which network learns, what of it, how fast, and against what; drawn before anything begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.training.recipe import Augmentation
from explainer.ui.language import t
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.training import (
    draft,
    learning_map,
    recipe_begin,
    recipe_network,
    recipe_plan,
    recipe_settings,
)
from explainer.ui.training.place import go_to
from explainer.ui.training.starting import whole_recipe
from explainer.ui.training.storage import open_dataset

if TYPE_CHECKING:
    from explainer.training.data import Dataset


def draw() -> None:
    """Draw the form beside what it plans, and the button that begins."""
    with guard():
        _form(_open())
    with guard():
        from explainer.ui.training.reference import draw_ablation, draw_head

        with st.expander(
            t("What was measured: transfer, augmentation, regularisation"), icon=":material/table:"
        ):
            draw_head()
            draw_ablation()
    lesson("training_recipe")


def _open() -> Dataset:
    """Open the data set; where that fails, offer what can be changed then."""
    try:
        with st.spinner(t("Opening the data set"), show_time=True):
            return open_dataset(draft.data_key(), int(draft.value_of("side")))
    except ReaderError:
        with st.container(horizontal=True, key="recipe_first"):
            _to_part("data", t("Other data"))
            _reset()
        with st.container(width=320):
            recipe_settings.draw_side()
        raise


def _form(data: Dataset) -> None:
    _first_line(data)
    left, right = st.columns([9, 11], gap="large")
    with left:
        recipe_network.draw()
        recipe_settings.draw()
    with right, st.container(key="recipe_plan"):
        recipe_plan.draw(data)
        recipe_begin.draw(data)
    learning_map.draw(whole_recipe(), data)


def _first_line(data: Dataset) -> None:
    """Say what it learns from, and lead to the parts that change that."""
    recipe = draft.draft()
    changed = recipe.augmentation != Augmentation() or recipe.mixup or recipe.cutmix
    with st.container(horizontal=True, vertical_alignment="center", key="recipe_first"):
        st.markdown(
            t(
                "{count} images of {classes} classes, {side} × {side} pixels",
                count=f"{len(data.train):,}",
                classes=len(data.classes),
                side=data.train.images.shape[-1],
            ),
            width="content",
        )
        _to_part("data", t("Other data"))
        _to_part("augmentation", t("Augmentation: on") if changed else t("Augmentation: none"))
        _to_part("precision", t("Precision: {name}", name=recipe.precision))
        _reset()


def _reset() -> None:
    st.button(
        t("Reset"), icon=":material/restart_alt:", type="tertiary", key="recipe_reset", on_click=draft.reset
    )


def _to_part(part: str, label: str) -> None:
    st.button(
        label,
        key=f"recipe_to_{part}",
        type="tertiary",
        on_click=go_to,
        args=(part,),
        icon=":material/arrow_forward:",
    )
