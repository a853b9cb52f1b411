"""What all parts of the Training page share, and the link with them: the recipe and the run."""

from __future__ import annotations

import streamlit as st

from explainer.ui.language import t
from explainer.ui.messages import plain
from explainer.ui.parts import PART

RECIPE, RUN = "recipe", "run"
KEPT = (RECIPE, RUN)
"""Query parameters that go along from part to part."""
_RECALLED = (*KEPT, PART)
_KNOWN = "training_{}"


def keep(name: str, value: str) -> None:
    """Put one of ``KEPT`` into the link; take it out where it is empty."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
    st.session_state[_KNOWN.format(name)] = value


def recall() -> None:
    """Put recipe, run and part back into a link that says nothing of them: the reader was on another page.

    A way back in the browser's history may lead to such a link, too.
    """
    for name in _RECALLED:
        if name in st.query_params:
            st.session_state[_KNOWN.format(name)] = st.query_params[name]
        elif known := st.session_state.get(_KNOWN.format(name)):
            st.query_params[name] = known


def go_to(part: str) -> None:
    """Lead to another part of the page, with what all parts share. To be called from a callback."""
    st.query_params[PART] = part


def say_no_runs() -> None:
    """Tell a reader who has no run how to come by one."""
    st.info(
        t("There is no run yet. Write a recipe and press “Start training”."),
        icon=":material/model_training:",
    )
    st.button(
        t("To the recipe"), type="primary", icon=":material/edit_note:", on_click=go_to, args=("recipe",)
    )


def say_missing(run: str) -> None:
    """Tell a reader that the run that the link names is not here."""
    st.warning(
        t("The run {name} that this link names is not on this server.", name=plain(run[:60])),
        icon=":material/info:",
    )
