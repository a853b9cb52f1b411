"""What can be asked below the wall, one part at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import later, t
from explainer.ui.messages import guard

if TYPE_CHECKING:
    from explainer.render.heat_methods import Heat
    from explainer.ui.subject import Subject
    from explainer.ui.why.choices import Choice
    from explainer.ui.why.heats import Job

_KEY = "why_part"
PARTS = {
    "arithmetic": later("Grad-CAM taken apart"),
    "completeness": later("Completeness"),
    "faithfulness": later("Faithfulness"),
    "occlusion": later("Occlusion step by step"),
    "adversarial": later("Adversarial example"),
}
"""Titles by what the link calls them."""


def draw_part(
    subject: Subject, choice: Choice, titles: Mapping[Job, str], found: Mapping[Job, Heat | ReaderError]
) -> None:
    """Draw the part that the link names; its code is imported, and its work done, only then.

    Args:
        subject: network and photo.
        choice: what is on the wall.
        titles: what each map is called there.
        found: the maps that are there already.
    """
    layer, class_index = choice.layer or subject.trace.input.name, choice.classes[0]
    offered = [part for part in PARTS if choice.layer is not None or part != "arithmetic"]
    wanted = st.query_params.get("part")
    st.session_state[_KEY] = wanted if wanted in offered else None
    part = st.segmented_control(
        t("Ask further"), offered, key=_KEY, format_func=lambda key: t(PARTS[key]), on_change=_put
    )
    with guard():
        if part == "arithmetic":
            from explainer.ui.why import arithmetic_section

            arithmetic_section.draw(subject, layer, class_index)
        elif part == "completeness":
            from explainer.ui.why import completeness

            completeness.draw(subject, class_index)
        elif part == "faithfulness":
            from explainer.ui.why import faithfulness_section

            maps = {titles[job]: heat.map for job, heat in found.items() if not isinstance(heat, ReaderError)}
            faithfulness_section.draw(subject, class_index, maps)
        elif part == "occlusion":
            from explainer.ui.why import occlusion_section

            occlusion_section.draw(subject, class_index)
        elif part == "adversarial":
            from explainer.ui.why import adversarial_section

            adversarial_section.draw(subject, layer, class_index)


def _put() -> None:
    part = st.session_state[_KEY]
    if part:
        st.query_params["part"] = part
    else:
        st.query_params.pop("part", None)
