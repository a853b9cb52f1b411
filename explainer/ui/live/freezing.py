"""Freeze: the present frame with what was found on it, and the ways from it to the pages that explain it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image

from explainer.ui.language import t
from explainer.ui.live.status import words
from explainer.ui.live.studio import freeze, frozen
from explainer.ui.page import go_to_page
from explainer.ui.pickers import add_picture

if TYPE_CHECKING:
    import numpy as np

    from explainer.ui.live.choices import Choice
    from explainer.ui.live.studio import Studio


def draw_freeze(studio: Studio, choice: Choice) -> None:
    """Draw the button that freezes the present frame, and below it the frozen frame."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            t("Freeze this frame"),
            icon=":material/ac_unit:",
            key="live-freeze",
            type="primary",
            help=t("Keeps the frame with what the network found on it, to look into it on other pages."),
        )
        if pressed:
            seen = studio.worker.latest()
            if seen is None:
                st.caption(t("There is no result yet."))
            freeze(seen)
    draw_frozen(choice)


def draw_frozen(choice: Choice) -> None:
    """Draw the frozen frame, if there is one, with what can be done with it."""
    seen = frozen()
    if seen is None:
        return
    with st.container(border=True, key="live_frozen"):
        picture, ways = st.columns([3, 2], gap="medium", vertical_alignment="center")
        with picture:
            said = seen.result.said()
            st.image(
                seen.drawn,
                width="stretch",
                output_format="JPEG",
                alt=t("The frozen frame: {what}", what=words(said) or t("nothing found")),
            )
        with ways:
            st.markdown(t("**Frozen:** the very frame that the network saw."))
            draw_ways(seen.frame, t("Frozen frame"), choice, key="frozen")
            st.button(
                t("Discard"),
                icon=":material/close:",
                type="tertiary",
                key="live-discard",
                on_click=freeze,
                args=(None,),
            )


def draw_ways(frame: np.ndarray, name: str, choice: Choice, *, key: str) -> None:
    """Draw the buttons that lead with a picture to the Detection lab and to the Network page.

    It becomes one of the reader's own pictures, which every page offers for the rest of the session.
    """
    lab = choice.parameters if "detector" in choice.parameters else {"part": "yolo"}
    network = choice.parameters if "model" in choice.parameters else {}
    detects = "detector" in choice.parameters
    ways = [
        ("detection", t("Open in the Detection lab"), ":material/frame_inspect:", lab, detects),
        ("network", t("Open on the Network page"), ":material/account_tree:", network, not detects),
        ("why", t("Why this answer?"), ":material/center_focus_strong:", network, False),
    ]
    ways.sort(key=lambda way: not way[-1])
    for page, label, icon, parameters, first in ways:
        if st.button(
            label,
            icon=icon,
            key=f"live-{key}-{page}",
            type="primary" if first else "secondary",
            width="stretch",
        ):
            image = add_picture(name, Image.fromarray(frame))
            go_to_page(page, image=image, **parameters)
    st.caption(t("It joins your own pictures and stays there for this session."))
