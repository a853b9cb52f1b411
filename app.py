"""The front door: the Network page, from a whole network down to the arithmetic of one number."""

from __future__ import annotations

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.about import about_network
from explainer.ui.language import t
from explainer.ui.messages import guard, message
from explainer.ui.page import begin_page
from explainer.ui.pickers import HANDWRITING, choose_image, choose_model, draw_digit


def draw_page() -> None:
    """Draw what to choose from, then the map of what was chosen."""
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left, st.container(horizontal=True, vertical_alignment="bottom"):
        entry = choose_model()
        about = st.popover(t("About"), icon=":material/info:", width="content")
    with right:
        chosen = choose_image(entry)
    stage = st.container()
    if entry.key == HANDWRITING:
        pad, stage = st.columns([1, 4])
        with pad:
            chosen = draw_digit() or chosen
    with stage:
        weights = "none" if st.query_params.get("weights") == "none" else "default"
        try:
            with st.spinner(t("Opening the network"), show_time=True):
                # PyTorch is imported here, when all the rest is on the screen.
                from explainer.ui.map_page import show_map
            opened = show_map(entry.key, weights, chosen, key="network_map")
            with about:
                about_network(opened)
        except ReaderError as error:
            st.warning(message(error), icon=":material/cloud_off:")
            if weights != "none" and st.button(t("Open it with random weights"), icon=":material/casino:"):
                st.query_params["weights"] = "none"
                st.rerun()


begin_page("network")
with guard():
    draw_page()
