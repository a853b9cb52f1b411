"""What can be asked below the wall, one part at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.messages import guard

if TYPE_CHECKING:
    from explainer.errors import ReaderError
    from explainer.render.heat_methods import Heat
    from explainer.ui.subject import Subject
    from explainer.ui.why.choices import Choice
    from explainer.ui.why.heats import Job

_KEY = "why_part"
PARTS = {
    "adversarial": later("Adversarial example"),
}
"""Titles by what the link calls them."""


def draw_part(subject: Subject, choice: Choice, found: Mapping[Job, Heat | ReaderError]) -> None:
    """Draw the part that the link names; its code is imported, and its work done, only then."""
    offered = [part for part in PARTS if choice.layer is not None or part != "adversarial"]
    wanted = st.query_params.get("part")
    st.session_state[_KEY] = wanted if wanted in offered else None
    part = st.segmented_control(
        t("Ask further"), offered, key=_KEY, format_func=lambda key: t(PARTS[key]), on_change=_put
    )
    with guard():
        if part == "adversarial" and choice.layer is not None:
            from explainer.ui.why.adversarial_section import draw

            draw(subject, choice.layer, choice.classes[0])


def _put() -> None:
    part = st.session_state[_KEY]
    if part:
        st.query_params["part"] = part
    else:
        st.query_params.pop("part", None)
