"""Compare: two networks, two images, before and after training, or number formats, at the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.ui.page import begin_page

begin_page("compare")

import streamlit as st  # noqa: E402

from explainer.ui.compare.choices import choose_mode  # noqa: E402
from explainer.ui.language import t  # noqa: E402
from explainer.ui.messages import guard  # noqa: E402
from explainer.ui.subject import choose_subject  # noqa: E402

if TYPE_CHECKING:
    from explainer.ui.subject import Subject


def draw_page() -> None:
    """Draw what to choose from, then what can be said about it."""
    mode = choose_mode()
    subject = choose_subject()
    if subject is None:
        return
    with subject.stage, guard():
        if mode == "precision":
            draw_formats(subject)
        else:
            draw_twins(mode, subject)


def draw_twins(mode: str, subject: Subject) -> None:
    """Draw two sides, and how alike they are."""
    from explainer.ui.compare import choices, code, cost, likeness, sides
    from explainer.ui.lesson import lesson

    chosen = choices.choose_twin(mode, subject)
    if chosen is None:
        return
    twin, index = chosen
    sides.draw(twin, index)
    likeness.draw(twin)
    if mode == "models":
        cost.draw(twin)
    code.draw_twins(twin, index)
    lesson("compare", title=t("What can be compared, and how?"))


def draw_formats(subject: Subject) -> None:
    """Draw one pass in three number formats."""
    from explainer.ui.compare import choices, code, formats
    from explainer.ui.lesson import lesson

    layers, _ = st.columns([2, 3])
    with layers:
        layer = choices.choose_one_layer(subject)
    formats.draw(subject, layer)
    code.draw_formats(subject, layer)
    lesson("precision", title=t("What does a number format cost?"))


with guard():
    draw_page()
