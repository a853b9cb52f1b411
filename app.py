"""The front door: the Network page, from a whole network down to the arithmetic of one number."""

from __future__ import annotations

import sys

import streamlit as st

from explainer.ui.page import begin_page

begin_page("network")

# The head of the page is on its way; what takes longer to import comes behind it.
from explainer.components.painted import painted, tell_when_painted  # noqa: E402
from explainer.errors import ReaderError  # noqa: E402
from explainer.ui.about import about_network  # noqa: E402
from explainer.ui.language import t  # noqa: E402
from explainer.ui.messages import guard, message  # noqa: E402
from explainer.ui.pickers import HANDWRITING, choose_image, choose_model, draw_digit  # noqa: E402

PAINTED = "page_painted"


def ready() -> bool:
    """Whether what takes long may begin: PyTorch is here, or the rest of the page is on the screen."""
    return "torch" in sys.modules or painted(PAINTED)


def draw_page() -> None:
    """Draw what to choose from, then the map of what was chosen."""
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left, st.container(horizontal=True, vertical_alignment="bottom"):
        entry = choose_model()
        about = st.popover(t("About"), icon=":material/info:", width="content")
    with right:
        chosen = choose_image(entry, thumbnails=ready())
    stage = st.container()
    if entry.key == HANDWRITING:
        pad, stage = st.columns([1, 4])
        with pad:
            chosen = draw_digit() or chosen
    with stage:
        if not ready():
            return tell_when_painted(PAINTED)
        weights = "none" if st.query_params.get("weights") == "none" else "default"
        try:
            with st.spinner(t("Opening the network"), show_time=True):
                from explainer.ui.map_page import show_map
            opened = show_map(entry.key, weights, chosen, key="network_map")
            with about:
                about_network(opened)
        except ReaderError as error:
            st.warning(message(error), icon=":material/info:")
            if weights != "none" and st.button(t("Open it with random weights"), icon=":material/casino:"):
                st.query_params["weights"] = "none"
                st.rerun()


with guard():
    draw_page()
