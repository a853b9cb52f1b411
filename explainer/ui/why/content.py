"""The page below the pickers: controls, wall, and what can be asked further."""

from __future__ import annotations

import streamlit as st

from explainer.ui.language import t
from explainer.ui.lesson import lesson
from explainer.ui.subject import Subject
from explainer.ui.why.choices import choose
from explainer.ui.why.heats import finish, ready
from explainer.ui.why.parts import draw_part
from explainer.ui.why.wall import draw_wall, title_of


def draw(subject: Subject) -> None:
    """Draw it all; maps that take long are computed last, when everything else is on the screen."""
    logits = subject.opened.logits
    if len(logits.shape) != 2 or not logits.dtype.is_floating_point:
        st.info(
            t(
                "This network does not answer with one score for each class, so there is no class to "
                "explain. Choose a classifier."
            ),
            icon=":material/info:",
        )
        return
    choice = choose(subject)
    found = ready(subject, choice.jobs)
    draw_wall(subject, choice, found)
    lesson("why", title=t("What do these maps say, and what not?"))
    draw_part(subject, choice, {job: title_of(subject, choice, job) for job in choice.jobs}, found)
    finish(subject, choice.jobs)
