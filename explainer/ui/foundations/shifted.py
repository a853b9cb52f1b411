"""Dense against convolutional: the same digits, moved."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.drawing_pad import FOLDER as PAD
from explainer.components.drawing_pad import drawing_pad
from explainer.components.shift_view import FOLDER, shift_view
from explainer.ui import link, link_widgets
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.numbers import finite
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.playground.shifted import Judged
    from explainer.ui.jobs import Job

KEY = "shift_view"
DIGIT, HAND, HEAD, SEED, RIGHT, DOWN = "digit", "hand", "head", "init", "right", "down"
OWN = "own"
_DIGIT = "4"
_HAND = 3
"""A way of writing that both networks read in the middle."""


def draw() -> None:
    """Draw the part."""
    with guard():
        _section()
    lesson("foundations_shifted", title=t("Why a convolution does not mind where things are"))


@st.fragment
def _section() -> None:
    from explainer.playground.shifted import HEADS
    from explainer.render.shifted import frame, shifted_code

    with guard():
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            options = {str(value): str(value) for value in range(10)} | {OWN: later("Draw it")}
            digit = link_widgets.one_of(DIGIT, t("Digit"), options, _DIGIT)
            hand = link_widgets.seed(HAND, t("Handwriting"), _HAND) if digit != OWN else 0
            seed = link_widgets.seed(SEED, t("Seed of the training"))
            link_widgets.reset_button(DIGIT, HAND, HEAD, SEED, RIGHT, DOWN, key="shifted_reset")
        head = link_widgets.one_of(HEAD, t("Between feature maps and classes"), HEADS, "max")
        judged = _judged(head, seed)
        picture = _picture(digit, hand)
        if judged is None:
            return
        if picture is None:
            st.info(t("Draw a digit on the pad."))
            return
        right, down = (_shift(name) for name in (RIGHT, DOWN))
        shift_view(
            frame(judged, picture, None if digit == OWN else int(digit), (right, down)),
            key=KEY,
            texts=texts_for(FOLDER),
            on_move=_take_move,
        )
        st.caption(
            t(
                "Both networks learnt from {count} drawn digits in the middle of the picture, {steps} steps "
                "of Adam each; no moved digit was among them. With seed 0 they come with the app, with "
                "another seed they are trained here.",
                count=2000,
                steps=600,
            )
        )
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            value = 0 if digit == OWN else int(digit)
            st.code(shifted_code(head, seed, value, hand, right, down), language="python")


def _judged(head: str, seed: int) -> Judged | None:
    from explainer.playground.shifted import bundled, judge

    if seed == 0:
        return bundled(head)

    def work(job: Job) -> Judged:
        return judge(head, seed, job.report)

    found: Judged | None = watched(
        ("shifted", head, seed),
        work,
        key="shifted",
        start=t("Train both networks (about 15 s)"),
        light=False,
    )
    return found


def _picture(digit: str, hand: int) -> Tensor | None:
    from explainer.playground.digits import as_input, draw
    from explainer.playground.shifted import place

    if digit != OWN:
        return place(as_input(draw(int(digit), random.Random(f"hand/{hand}")))[None])[0]
    drawn = drawing_pad(key="shifted_pad", texts=texts_for(PAD))
    return None if drawn is None else place(as_input(drawn)[None])[0]


def _shift(name: str) -> int:
    """Return how far the link says that the digit is moved."""
    from explainer.playground.shifted import REACH

    found = finite(st.query_params.get(name))
    return int(found) if found is not None and found == int(found) and abs(found) <= REACH else 0


def _take_move(right: int, down: int) -> None:
    from explainer.playground.shifted import REACH

    for name, value in ((RIGHT, right), (DOWN, down)):
        if value and abs(value) <= REACH:
            st.query_params[name] = str(value)
        else:
            link.forget(name)
