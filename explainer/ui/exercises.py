"""Exercises on a page: predict first, then check, then see why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.messages import message
from explainer.ui.numbers import number_in

if TYPE_CHECKING:
    from explainer.playground.exercises import Exercise, Maker

SEED = "seed"
LAST_SEED = 9999
_KEPT = re.compile(r"(\$[^$]*\$|`[^`]*`)")
"""Formulas and code."""
_HYPHEN = re.compile(r"(?<![\w)\]])-(?=\d)")
"""Before a negative number."""


def seed_in_link() -> int:
    """Return the number of the exercises' numbers in ``?seed=``; 1 without."""
    return number_in(st.query_params.get(SEED), 1, LAST_SEED) or 1


@st.fragment
def draw(part: str, makers: Mapping[str, Maker]) -> None:
    """Draw the exercises of one part with the numbers that the link names; nothing where it has none."""
    from explainer.playground.exercises import make

    if not makers:
        return
    seed = seed_in_link()
    with st.container(border=True, key="exercises"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"#### {t('Predict first')}", width="content")
            st.button(
                t("Other numbers"),
                icon=":material/casino:",
                key="exercises_again",
                type="tertiary",
                on_click=_next,
                args=(seed,),
            )
        for number, (name, exercise) in enumerate(make(makers, seed).items(), 1):
            _draw_one(number, exercise, f"exercise-{part}-{name}-{seed}")


def _next(seed: int) -> None:
    st.query_params[SEED] = str(seed % LAST_SEED + 1)


def question(exercise: Exercise) -> str:
    """Return what is asked, in the reader's language, as Markdown."""
    return _with_minus(t(exercise.question, **_fields(exercise)))


def reason(exercise: Exercise) -> str:
    """Return why the answer is what it is, in the reader's language, as Markdown."""
    return _with_minus(t(exercise.why, **_fields(exercise)))


def answer(exercise: Exercise) -> str:
    """Return the answer in the reader's language."""
    from explainer.playground.exercises import written

    return t(written(exercise.answer)) if exercise.choices else written(exercise.answer)


def _with_minus(text: str) -> str:
    """Set negative numbers with a true minus sign; formulas and code do so, or must not, by themselves."""
    parts = _KEPT.split(text)
    return "".join(part if at % 2 else _HYPHEN.sub("−", part) for at, part in enumerate(parts))


def _fields(exercise: Exercise) -> dict[str, object]:
    return {name: t(value) if isinstance(value, str) else value for name, value in exercise.fields.items()}


def _draw_one(number: int, exercise: Exercise, key: str) -> None:
    st.markdown(f"**{number}.** {question(exercise)}")
    given = _ask(exercise, key)
    shown = f"{key}-shown"
    if given:
        _judge(exercise, given)
    elif not st.session_state.get(shown):
        st.button(
            t("Show the answer"),
            key=f"{key}-show",
            type="tertiary",
            on_click=lambda: st.session_state.update({shown: True}),
        )
        return
    if given or st.session_state.get(shown):
        with st.expander(t("Answer: why?"), expanded=bool(st.session_state.get(shown))):
            st.markdown(f"**{answer(exercise)}** · {reason(exercise)}")


def _ask(exercise: Exercise, key: str) -> str:
    """Draw what to answer with; return what the reader answered, empty before."""
    if exercise.choices:
        chosen = st.radio(
            t("Your answer"),
            exercise.choices,
            index=None,
            key=key,
            format_func=t,
            label_visibility="collapsed",
            horizontal=True,
        )
        return chosen or ""
    label = t("Your answer: numbers in order") if isinstance(exercise.answer, tuple) else t("Your answer")
    return st.text_input(
        label, key=key, max_chars=200, placeholder=label, label_visibility="collapsed", width=280
    ).strip()


def _judge(exercise: Exercise, given: str) -> None:
    try:
        right = exercise.accepts(given)
    except ReaderError as error:
        st.info(message(error), icon=":material/edit:")
        return
    if right:
        st.success(t("Right."), icon=":material/check_circle:")
    else:
        st.warning(t("Not yet. Try it on the page above, or look at the answer."), icon=":material/refresh:")
