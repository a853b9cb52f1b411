"""Weights that are loaded while the reader waits: progress, a way out where they cannot be had, the badge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.link import put
from explainer.ui.messages import message

if TYPE_CHECKING:
    from explainer.models.weights import Progress

Loaded = TypeVar("Loaded")


def loaded_in_view(load: Callable[[Progress], Loaded], parameter: str) -> Loaded | None:
    """Return what ``load`` returns, showing its progress; ``None`` where the reader is told why not.

    Args:
        load: told where to report the bytes that have come; may raise ``ReaderError``.
        parameter: of the link, which says which weights; random ones are offered as a way out. Empty where
            they are none.
    """
    place = st.empty()

    def progress(done: int, total: int | None) -> None:
        if total:
            text = t("Downloading the weights: {done} of {total} MB", done=done >> 20, total=total >> 20)
        else:
            text = t("Downloading the weights: {done} MB", done=done >> 20)
        place.progress(min(1.0, done / total) if total else 0.0, text=text)

    try:
        with st.spinner(t("Opening the network"), show_time=True):
            loaded = load(progress)
        place.empty()
    except ReaderError as error:
        place.empty()
        st.warning(message(error), icon=":material/info:")
        if parameter and st.query_params.get(parameter) != "none":
            _offer_random(parameter)
        return None
    return loaded


def say_untrained() -> None:
    """Say of random weights that they are."""
    st.badge(
        t("Untrained: these weights are random. The structure is real, the answer means nothing."),
        icon=":material/casino:",
        color="orange",
    )


def _offer_random(parameter: str) -> None:
    if st.button(t("Open it with random weights"), icon=":material/casino:", key=f"random-{parameter}"):
        put(parameter, "none")
        st.rerun()
