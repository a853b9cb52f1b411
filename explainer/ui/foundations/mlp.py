"""A multilayer perceptron trained in the page: on points, drawn or painted by the reader, and on digits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.learner_view import FOLDER, learner_view
from explainer.ui import link, link_widgets
from explainer.ui.foundations.mlp_training import (
    ACTIVATION,
    LONGEST,
    SEED,
    STATE,
    TRAINED,
    Learning,
    answer,
    begun,
    rule_controls,
)
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in

if TYPE_CHECKING:
    from explainer.playground.learner import Rule, Shape
    from explainer.playground.points import Points

KEY = "learner_view"
DATA, POINTS, HIDDEN = "data", "points", "hidden"
COUNT, NOISE, HELD = "count", "noise", "held"
OWN, DIGITS = "own", "digits"
USUAL = (4, 2)
"""Units of the hidden layers at first."""
MOST_LAYERS, MOST_UNITS = 4, 8
_SMALL = 10
"""Fewer painted points than this are all learnt from."""


def draw() -> None:
    """Draw the part."""
    with guard():
        _section()
    lesson("foundations_mlp", title=t("What hidden layers are for"))


@st.fragment
def _section() -> None:
    from explainer.playground.points import KINDS

    with guard(), st.container(key="mlp_part"):
        data = link_widgets.one_of(
            DATA,
            t("Data"),
            {**KINDS, OWN: later("Painted points"), DIGITS: later("Digits")},
            "moons",
            changed=lambda: link.forget(POINTS, TRAINED),
        )
        if data == DIGITS:
            from explainer.ui.foundations import mlp_digits

            mlp_digits.draw()
            return
        shape, points, name, making = _setting(data)
        rule = rule_controls("adam", 0.03, 16.0)
        train, held = (points.train, points.train_labels), (points.test, points.test_labels)
        learning = begun(name, lambda: (shape, train, held))
        learner = learning.learner
        if len(learner.train[1]) != len(train[1]) or not learner.train[0].equal(train[0]):
            learner.see(train, held)
            learning.straight = learner.step == 0
        _show(learning, points, rule, data)
        from explainer.render.learner_code import plane_code

        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            st.code(plane_code(shape, rule, making, learner.step), language="python")


def _setting(data: str) -> tuple[Shape, Points, tuple[object, ...], str]:
    """Draw what decides where training starts.

    Returns:
        The network, the points, a name for both, and code that makes the points.
    """
    from explainer.playground.learner import ACTIVATIONS, Shape
    from explainer.playground.points import make, painted, read, write
    from explainer.render.learner_code import making_points, painting_points

    with st.container(key="mlp_points", horizontal=True, vertical_alignment="bottom", gap="medium"):
        titles = {key: title for key, (title, _) in ACTIVATIONS.items()}
        activation = link_widgets.one_of(
            ACTIVATION, t("Activation"), titles, "tanh", changed=lambda: link.forget(TRAINED)
        )
        count, noise = 0, 0.0
        if data != OWN:
            with st.container(width=150):
                count = link_widgets.whole(COUNT, t("Points"), 20, 300, 160)
            with st.container(width=150):
                noise = link_widgets.level(NOISE, t("Noise"), (0.0, 0.05, 0.1, 0.2, 0.3), 0.1)
        with st.container(width=150):
            held = link_widgets.level(HELD, t("Held out"), (0.0, 0.1, 0.3, 0.5, 0.7), 0.3)
        seed = link_widgets.seed(SEED, t("Seed"))
    shape = Shape(2, hidden_layers(st.query_params.get(HIDDEN)), 1, activation, seed)
    if data == OWN:
        found = read(st.query_params.get(POINTS, ""))
        held = held if len(found) >= _SMALL else 0.0
        code = painting_points(write(found), held)
        return shape, painted(found, held_out=held), (shape, OWN), code
    points = make(data, count=count, noise=noise, held_out=held, seed=seed)
    code = making_points(data, count, noise, held, seed)
    return shape, points, (shape, data, count, noise, held), code


def hidden_layers(text: str | None) -> tuple[int, ...]:
    """Return the units of the hidden layers in a link: ``4-2``; ``0`` for none; nonsense is as usual."""
    if text is None:
        return USUAL
    if text == "0":
        return ()
    found = [number_in(part, 1, MOST_UNITS) for part in text.split("-")]
    if len(found) > MOST_LAYERS or None in found:
        return USUAL
    return tuple(one for one in found if one is not None)


def _show(learning: Learning, points: Points, rule: Rule, data: str) -> None:
    from explainer.render.learner import Turn, plane_frame

    def wish(found: Mapping[str, Any]) -> None:
        answer(learning, found, rule)

    def paint(given: Sequence[Any], serial: int) -> None:
        learning.painted = serial
        _take_points(given, data, learning)

    turn = Turn(learning.run, learning.seen, learning.until, LONGEST, learning.painted)
    learning.until = 0
    learner_view(
        plane_frame(learning.learner, points, turn),
        key=KEY,
        texts=texts_for(FOLDER),
        on_wish=wish,
        on_hidden=_widen,
        on_points=paint,
    )


def _widen(hidden: tuple[int, ...]) -> None:
    """Put the units of the hidden layers into the link, unless they make no sense."""
    if len(hidden) > MOST_LAYERS or not all(1 <= one <= MOST_UNITS for one in hidden):
        return
    link.forget(TRAINED)
    if hidden == USUAL:
        link.forget(HIDDEN)
    else:
        st.query_params[HIDDEN] = "-".join(map(str, hidden)) or "0"


def _take_points(given: Sequence[Any], data: str, learning: Learning) -> None:
    """Put painted points into the link; the network goes on learning, from them."""
    from explainer.playground.points import MOST, REACH, Painted, write

    points = [
        Painted(float(row[0]), float(row[1]), int(row[2]))
        for row in given[:MOST]
        if isinstance(row, list)
        and len(row) == 3
        and all(isinstance(one, int | float) and math.isfinite(one) for one in row)
        and max(abs(row[0]), abs(row[1])) <= REACH
        and row[2] in (0, 1)
    ]
    st.query_params[POINTS] = write(points)
    link.forget(TRAINED)
    if data != OWN:
        st.query_params[DATA] = OWN
        learning.name = (learning.learner.shape, OWN)
        st.session_state[STATE] = learning
