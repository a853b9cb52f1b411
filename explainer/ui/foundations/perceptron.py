"""The perceptron: a line to move, points, and the learning rule look by look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from explainer.components.perceptron_view import FOLDER, perceptron_view
from explainer.ui import link, link_widgets
from explainer.ui.language import link_parameters, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.numbers import finite, number_in
from explainer.ui.parts import PART

if TYPE_CHECKING:
    from explainer.playground.perceptron import Point, Weights

KEY = "perceptron_view"
DATA, POINTS, START, RATE, ORDER, SEED, LOOK = "data", "points", "start", "rate", "order", "draw", "look"
RATES = (0.125, 0.25, 0.5, 1.0, 2.0)
"""Powers of two: with them, sums of small numbers have no rounding error."""
FIRST = (1.0, -1.0, 0.5)
"""Weights and bias before anything was learnt: not zeros, so that there is a line to see."""
_FAR = 1000.0


def draw() -> None:
    """Draw the part."""
    with guard():
        _section()
    lesson("foundations_perceptron", title=t("What a perceptron is, and what it cannot do"))


@st.fragment
def _section() -> None:
    from explainer.playground.perceptron import MOST_POINTS, bound, learn, obstacle
    from explainer.render.basics_code import perceptron_code

    with guard():
        name, rate, order, number = _controls()
        points, start = _points(name, number), _start()
        run = learn(points, start, rate=rate, order=order, seed=number)
        limit = bound(points)
        perceptron_view(
            points,
            run,
            rate=rate,
            bound=limit,
            zero_mistakes=learn(points, rate=rate, order=order, seed=number).mistakes if limit else 0,
            obstacle=obstacle(points),
            look=number_in(st.query_params.get(LOOK), 0, len(run.looks)) or 0,
            away="?" + urlencode(link_parameters() | {PART: "mlp"}),
            most=MOST_POINTS,
            key=KEY,
            texts=texts_for(FOLDER),
            on_edit=lambda given, line: _take(given, line, name, number),
            on_look=_take_look,
        )
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            st.code(perceptron_code(points, start, rate, order, number), language="python")


def _controls() -> tuple[str, float, str, int]:
    from explainer.playground.perceptron import DATA as SETS
    from explainer.playground.perceptron import ORDERS

    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        # Own points have no name: pressing the name they come from brings its points back.
        name = link_widgets.one_of(DATA, t("Points"), SETS, "and", changed=lambda: link.forget(POINTS, LOOK))
        order = link_widgets.one_of(
            ORDER, t("Order of the points"), ORDERS, "turn", changed=lambda: link.forget(LOOK)
        )
        with st.container(width=230):
            rate = link_widgets.level(RATE, t("Learning rate η"), RATES, 1.0)
        number = 0
        if order == "shuffled" or name in ("apart", "mixed"):
            number = link_widgets.seed(SEED, t("Seed"))
        with st.container(horizontal=True, width="content", gap="small"):
            st.button(
                t("Start at zero"),
                icon=":material/exposure_zero:",
                on_click=lambda: st.query_params.update({START: "0,0,0"}),
            )
            link_widgets.reset_button(DATA, POINTS, START, RATE, ORDER, SEED, LOOK, key="perceptron_reset")
    return name, rate, order, number


def _points(name: str, number: int) -> tuple[Point, ...]:
    """Return the points in the link, or those of the chosen set; what cannot be points is passed over."""
    from explainer.playground.perceptron import MOST_POINTS, Point, data

    text = st.query_params.get(POINTS)
    if text is None:
        return data(name, number)
    found = []
    for part in text.split(";")[:MOST_POINTS]:
        values = _numbers(part, 3)
        if values is not None and values[2] in (0, 1) and max(map(abs, values)) <= 2:
            found.append(Point(values[0], values[1], int(values[2])))
    return tuple(found)


def _start() -> Weights:
    from explainer.playground.perceptron import Weights

    found = _numbers(st.query_params.get(START, ""), 3)
    return Weights(*(found if found and max(map(abs, found)) <= _FAR else FIRST))


def _numbers(text: str, count: int) -> list[float] | None:
    parts = text.split(",")
    if len(parts) != count:
        return None
    found = [finite(part) for part in parts]
    return None if None in found else [one for one in found if one is not None]


def _take(given: Any, line: Any, name: str, number: int) -> None:
    """Put what the reader has done to points and line into the link."""
    from explainer.playground.perceptron import data

    rows = _rows(given)
    usual = [[point.x1, point.x2, point.target] for point in data(name, number)]
    if rows == usual:
        st.query_params.pop(POINTS, None)
    else:
        st.query_params[POINTS] = ";".join(",".join(f"{one:g}" for one in row) for row in rows)
    (weights,) = _rows([line]) or ([*FIRST],)
    if tuple(weights) == FIRST:
        st.query_params.pop(START, None)
    else:
        st.query_params[START] = ",".join(f"{one:.6g}" for one in weights)
    st.query_params.pop(LOOK, None)


def _rows(given: Any) -> list[list[float]]:
    """Return the rows of three numbers in what a browser has sent."""
    if not isinstance(given, Sequence):
        return []
    return [
        list(row)
        for row in given
        if isinstance(row, list) and len(row) == 3 and all(isinstance(one, int | float) for one in row)
    ]


def _take_look(look: int) -> None:
    if look > 0:
        st.query_params[LOOK] = str(look)
    else:
        st.query_params.pop(LOOK, None)
