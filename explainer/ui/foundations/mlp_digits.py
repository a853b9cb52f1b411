"""The multilayer perceptron on digits that this project draws, and on the reader's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.drawing_pad import FOLDER as PAD
from explainer.components.drawing_pad import drawing_pad
from explainer.components.learner_view import FOLDER, learner_view
from explainer.ui import link_widgets
from explainer.ui.foundations.mlp_training import (
    ACTIVATION,
    DECAYS,
    LONGEST,
    SEED,
    Learning,
    answer,
    begun,
    rule_controls,
)
from explainer.ui.language import t, texts_for

if TYPE_CHECKING:
    from explainer.playground.learner import Rule

KEY = "digit_learner_view"
UNITS = "units"
WIDTHS = (0.0, 4.0, 8.0, 16.0, 32.0)
TRAINED_ON, TESTED_ON = 2000, 500


def draw() -> None:
    """Draw network, pad and what the network reads; within a fragment."""
    from explainer.playground.digits import as_input
    from explainer.playground.learner import ACTIVATIONS, Shape

    with st.container(key="mlp_points", horizontal=True, vertical_alignment="bottom", gap="medium"):
        activation = link_widgets.one_of(
            ACTIVATION, t("Activation"), {key: title for key, (title, _) in ACTIVATIONS.items()}, "relu"
        )
        with st.container(width=220):
            units = int(
                link_widgets.level(
                    UNITS,
                    t("Hidden units"),
                    WIDTHS,
                    16.0,
                    help=t("0: no hidden layer, each class weighs the pixels itself."),
                )
            )
        seed = link_widgets.seed(SEED, t("Seed"))
    shape = Shape(784, (units,) if units else (), 10, activation, seed)
    rule = rule_controls("adam", 0.003, 32.0, DECAYS)
    learning = begun((shape, "digits"), lambda: (shape, *_data()), kept=24)
    left, right = st.columns([1, 3], gap="large")
    with left:
        st.markdown(f"**{t('Draw a digit')}**")
        picture = drawing_pad(key="mlp_pad", texts=texts_for(PAD))
        st.caption(
            t(
                "The {count} digits to learn from are drawn by this project: pen strokes bent by chance, "
                "without any scanned handwriting. Trained on them, such a network reads about {share} of "
                "MNIST's handwritten digits right, and of digits drawn like its own over 90%.",
                count=TRAINED_ON,
                share="70%",
            )
        )
    with right:
        _show(learning, rule, None if picture is None else as_input(picture))
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        from explainer.render.learner_code import digit_code

        code = digit_code(shape, rule, learning.learner.step, TRAINED_ON, TESTED_ON)
        st.code(code, language="python")


def _data() -> tuple[Any, Any]:
    """Return the digits learnt from and those held out, pictures as rows of 784."""
    from explainer.playground.digits import drawn

    found = drawn(TRAINED_ON + TESTED_ON, 0)
    rows = found.images.flatten(1)
    return (rows[:TRAINED_ON], found.labels[:TRAINED_ON]), (rows[TRAINED_ON:], found.labels[TRAINED_ON:])


def _show(learning: Learning, rule: Rule, drawn: Any) -> None:
    from explainer.render.learner import Turn, digit_frame

    def wish(found: Mapping[str, Any]) -> None:
        answer(learning, found, rule)

    turn = Turn(learning.run, learning.seen, learning.until, LONGEST)
    learning.until = 0
    learner_view(digit_frame(learning.learner, turn, drawn), key=KEY, texts=texts_for(FOLDER), on_wish=wish)
