"""The front door: the Network page, from a whole network down to the arithmetic of one number."""

from __future__ import annotations

import streamlit as st

from explainer.ui.page import begin_page

begin_page("network")

from explainer.errors import ReaderError  # noqa: E402 - the page's frame comes before anything heavier
from explainer.ui.language import t  # noqa: E402
from explainer.ui.messages import guard, message  # noqa: E402
from explainer.ui.pickers import ChosenImage, choose_image, choose_model, draw_digit  # noqa: E402

MAP = "network_map"


def show(key: str, weights: str, chosen: ChosenImage) -> None:
    """Trace the image and hand it to the map."""
    from explainer.ui.map_page import show_map

    show_map(key, weights, chosen, key=MAP)


def weights_of(entry_key: str) -> str:
    """Return which weights the reader wants; random ones only where they were asked for."""
    return "none" if st.query_params.get("weights") == "none" else "default"


with guard():
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left:
        entry = choose_model()
    with right:
        chosen = choose_image(entry)
    if entry.key == "lenet5":
        pad, stage = st.columns([1, 4])
        with pad:
            chosen = draw_digit() or chosen
    else:
        stage = st.container()
    with stage:
        try:
            show(entry.key, weights_of(entry.key), chosen)
        except ReaderError as error:
            st.warning(message(error), icon=":material/cloud_off:")
            if st.button(t("Open it with random weights"), icon=":material/casino:"):
                st.query_params["weights"] = "none"
                st.rerun()
