"""A part of a page as a sheet of paper: lesson, exercises with room to write, answers apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui import exercises
from explainer.ui.language import t
from explainer.ui.lesson import question_and_answer

if TYPE_CHECKING:
    from explainer.playground.exercises import Exercise, Maker

_PRINT = """
for (const button of document.querySelectorAll(".st-key-worksheet_print button")) {
  button.onclick = () => print();
}
"""


def draw(title: str, lesson: str, makers: Mapping[str, Maker]) -> None:
    """Draw the sheet.

    Args:
        title: of the part.
        lesson: name of its lesson text.
        makers: what makes its exercises; the same sheet for the same ``?seed=``.
    """
    from explainer.playground.exercises import make

    seed = exercises.seed_in_link()

    with st.container(horizontal=True, vertical_alignment="bottom", key="worksheet_controls"):
        st.number_input(
            t("Sheet number"),
            1,
            exercises.LAST_SEED,
            value=seed,
            key=f"worksheet_seed_{seed}",
            width=160,
            help=t("Each number gives other numbers in the exercises; the same number always the same."),
            on_change=lambda: st.query_params.__setitem__(
                exercises.SEED, str(st.session_state[f"worksheet_seed_{seed}"])
            ),
        )
        with_lesson = st.checkbox(t("With the lesson text"), value=True, key="worksheet_lesson")
        with_answers = st.checkbox(t("With the answers, on a page of their own"), key="worksheet_answers")
        st.button(t("Print"), icon=":material/print:", type="primary", key="worksheet_print")
    made = list(make(makers, seed).values())
    with st.container(key="worksheet"):
        if with_lesson:
            with st.container(key="worksheet_text"):
                st.markdown(f"## {title}")
                st.markdown(question_and_answer(lesson)[0], unsafe_allow_html=True)
        if made:
            with st.container(key="worksheet_questions"):
                _head(title, seed)
                _questions(made)
        if with_answers:
            _answers(made, title, seed, question_and_answer(lesson)[1] if with_lesson else "")
    # A button of Streamlit's own cannot open the browser's dialogue.
    st.html(f"<script>{_PRINT}</script>", unsafe_allow_javascript=True)


def _head(title: str, seed: int) -> None:
    st.markdown(f"### {t('Exercises')} · {title}")
    blanks = "".join(f"<span>{word} <i></i></span>" for word in (t("Name"), t("Date")))
    st.html(f"<div class='worksheet-head'>{blanks}<span>{t('Sheet {number}', number=seed)}</span></div>")


def _questions(made: list[Exercise]) -> None:
    for number, exercise in enumerate(made, 1):
        with st.container(key=f"worksheet_exercise_{number}"):
            st.markdown(f"**{number}.** {exercises.question(exercise)}")
            if exercise.choices:
                st.markdown("\n".join(f"- ☐ {t(choice)}" for choice in exercise.choices))
            else:
                st.html("<div class='worksheet-lines'><i></i><i></i><i></i></div>")


def _answers(made: list[Exercise], title: str, seed: int, of_lesson: str) -> None:
    with st.container(key="worksheet_key"):
        st.markdown(f"### {t('Answers')} · {title} · {t('Sheet {number}', number=seed)}")
        for number, exercise in enumerate(made, 1):
            st.markdown(f"**{number}.** **{exercises.answer(exercise)}** · {exercises.reason(exercise)}")
        if of_lesson:
            st.markdown(f"**{t('In the lesson text')}** · {of_lesson}")
