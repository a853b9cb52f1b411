"""The recipe as a file: shown, taken along, brought back; and the command that follows it."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.messages import message, plain
from explainer.ui.offering import offer
from explainer.ui.training import draft
from explainer.ui.training.recipe_link import may_say

if TYPE_CHECKING:
    from explainer.training.recipe import Recipe

_LARGEST = 1
"""Megabytes of a recipe."""
_READ, _UPLOADS = "recipe_file_read", "recipe_uploads"


def draw_file(recipe: Recipe) -> None:
    """Draw the recipe as TOML with the commands for it, and the way back from such a file."""
    from explainer.training.recipe import dump_recipe

    with st.expander(t("The recipe as a file, and on the command line"), icon=":material/terminal:"):
        text = dump_recipe(recipe)
        st.code(
            f"python -m explainer.training {recipe.name}.toml\n"
            f"torchrun --nproc-per-node=2 -m explainer.training {recipe.name}.toml",
            "bash",
        )
        st.code(text, "toml", height=280)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = f"{recipe.name}.toml"
            offer(t("Download {name}", name=name), lambda: text, name, key="recipe_download")
        _read_back()


def _read_back() -> None:
    uploads = st.session_state.get(_UPLOADS, 0)
    file = st.file_uploader(
        t("Bring a recipe back"), type=["toml"], key=f"recipe_file{uploads}", max_upload_size=_LARGEST
    )
    said = st.session_state.pop(_READ, None)
    if isinstance(said, ReaderError):
        st.error(message(said), icon=":material/info:")
    elif said:
        st.success(said, icon=":material/check:")
    if file is None:
        return
    try:
        take(file.getvalue(), file.name)
        st.session_state[_READ] = t("The form follows {name} now.", name=plain(file.name))
    except ReaderError as error:
        st.session_state[_READ] = error
    st.session_state[_UPLOADS] = uploads + 1
    st.rerun()


def take(content: bytes, name: str) -> None:
    """Make a recipe from a file the draft; its data set is kept only where a link could name it.

    Raises:
        ReaderError: it is no recipe.
    """
    from explainer.training.recipe import Augmentation, recipe_from

    try:
        recipe = recipe_from(tomllib.loads(content.decode("utf-8")), name)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReaderError("The recipe {name} is no TOML: {problem}", name=name, problem=error) from error
    settings = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    settings |= {field.name: getattr(recipe.augmentation, field.name) for field in fields(Augmentation)}
    draft.reset()
    draft.change(**{key: value for key, value in settings.items() if may_say(key, value)})
