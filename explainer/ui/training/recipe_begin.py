"""The button that begins a run, beside its name and its seed; and the recipe as a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.link_widgets import LAST_SEED
from explainer.ui.messages import guard
from explainer.ui.training import draft
from explainer.ui.training.place import go_to
from explainer.ui.training.recipe_file import draw_file
from explainer.ui.training.starting import check_images, free_name, is_name, start, whole_recipe

if TYPE_CHECKING:
    from explainer.training.data import Dataset
    from explainer.training.recipe import Recipe


_NAME, _PROBLEM = "recipe_run_name", "recipe_problem"


def draw(data: Dataset) -> None:
    """Draw what begins a run of the draft, and say what stands against it."""
    recipe = draft.draft()
    with guard():
        check_images(recipe, data)
        problem = st.session_state.pop(_PROBLEM, None)
        if problem is not None:
            raise problem
    st.session_state.setdefault(_NAME, "")
    free = free_name(recipe.network)
    with st.container(horizontal=True, vertical_alignment="bottom", key="recipe_begin"):
        name = st.text_input(t("Name of the run"), key=_NAME, placeholder=free, width=260).strip()
        with st.container(width=130):
            _seed()
        st.button(
            t("Start training"),
            type="primary",
            icon=":material/model_training:",
            on_click=_begin,
            args=(recipe.network,),
            key="start_training",
        )
    draw_file(_shown(whole_recipe(), name if is_name(name) else free))


def _begin(network: str) -> None:
    typed = st.session_state[_NAME].strip()  # perhaps this very moment
    try:
        start(typed or free_name(network))
    except ReaderError as error:
        st.session_state[_PROBLEM] = error
        return
    st.session_state[_NAME] = ""
    go_to("runs")


def _seed() -> None:
    st.session_state["recipe_seed"] = int(draft.value_of("seed"))
    st.number_input(
        t("Seed"),
        0,
        LAST_SEED,
        key="recipe_seed",
        on_change=lambda: draft.change(seed=int(st.session_state["recipe_seed"])),
    )


def _shown(recipe: Recipe, name: str) -> Recipe:
    """Return the recipe as its file should say it: without the folders of this server."""
    return replace(recipe, name=name, dataset=recipe.dataset.rpartition("/")[2])
