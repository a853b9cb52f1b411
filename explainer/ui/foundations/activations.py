"""Activation functions: values and derivatives at the pointer, softmax, and gradients in a deep chain."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components import chain_view as chains
from explainer.components import curve_view as curves
from explainer.ui import link_widgets
from explainer.ui.foundations.softmax import softmax_section
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.numbers import finite

if TYPE_CHECKING:
    from explainer.playground.activations import Chain

FUNCTIONS, PLACE, CHOSEN = "f", "x", "read"
DEPTH, WIDTH, START, SCALE, SEED = "depth", "width", "init", "scale", "draw"
USUAL = ("sigmoid", "tanh", "relu", "gelu")
WIDTHS = (8.0, 16.0, 32.0, 64.0, 128.0)
SCALES = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 4.0)

_COLOURS = {name: number for number, name in enumerate("sigmoid tanh relu gelu leaky elu silu mish".split())}
"""Numbers of the colours: functions that are shown together at first, or look alike, differ."""
_COLOURS["step"] = 9

_NOTES = {
    "step": later(
        "The derivative is 0 wherever there is one: nothing can be learnt through a step. The perceptron's "
        "rule does without it."
    ),
    "sigmoid": later(
        "From 0 to 1. The derivative is at most 1/4, at 0: every layer makes the gradient smaller."
    ),
    "tanh": later("From −1 to 1, through zero with slope 1. Far from zero it is flat."),
    "relu": later("Slope 1 or 0. At 0 there is no derivative; PyTorch takes 0."),
    "leaky": later("A small slope α on the negative side keeps every unit alive."),
    "elu": later("Falls towards −α: values with a mean nearer to zero than those of ReLU."),
    "silu": later("Smooth, with a dip below zero. β = 0 is x/2, a large β is nearly ReLU."),
    "gelu": later("Φ is the distribution function of the normal distribution and φ its density."),
    "mish": later("Smooth like SiLU; σ is the sigmoid."),
}


def draw() -> None:
    """Draw the part."""
    with guard():
        _functions()
    st.divider()
    with guard():
        _softmax()
    lesson("foundations_activations", title=t("Why a network needs bends, and which ones"))


@st.fragment
def _functions() -> None:
    """Draw the functions and the chain: one choice of functions for both."""
    with guard():
        _draw_functions()
    st.divider()
    with guard():
        _draw_chain()


def _draw_functions() -> None:
    from explainer.playground.activations import (
        ACTIVATIONS,
        HIGH,
        LOW,
        PARAMETERS,
        curve,
    )
    from explainer.render.basics_code import activation_code

    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = link_widgets.several_of(
            FUNCTIONS, t("Functions"), {name: one.name for name, one in ACTIVATIONS.items()}, USUAL
        )
        parameters = {
            name: _parameter(name, ACTIVATIONS[name].parameter, ACTIVATIONS[name].usual, levels)
            for name, levels in PARAMETERS.items()
            if name in names
        }
        link_widgets.reset_button(FUNCTIONS, PLACE, CHOSEN, *PARAMETERS, key="activations_reset")
    names = names or list(USUAL)
    place = finite(st.query_params.get(PLACE))
    place = min(HIGH, max(LOW, 1.2 if place is None else place))
    chosen = st.query_params.get(CHOSEN, "")
    chosen = chosen if chosen in names else names[0]
    shown = []
    for name in names:
        found = curve(name, parameters.get(name))
        shown.append(
            curves.Shown(
                name,
                t(ACTIVATIONS[name].name),
                found.value,
                found.derivative,
                _COLOURS[name],
                {"parameter": parameters.get(name, 0.0)},
                f"{t(_NOTES[name])} ({ACTIVATIONS[name].source})",
            )
        )
    curves.curve_view(
        shown,
        curves.Axis("x", LOW, 0.01, 2),
        (curves.Pane("f(x)", -1.5, 4.0), curves.Pane("f′(x)", -0.25, 1.25)),
        at=place,
        chosen=chosen,
        key="activation_curves",
        label=t("Activation functions and their derivatives"),
        texts=texts_for(curves.FOLDER),
        on_read=_read,
    )
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(activation_code(chosen, parameters.get(chosen), place), language="python")


def _parameter(name: str, letter: str, usual: float, levels: tuple[float, ...]) -> float:
    from explainer.playground.activations import ACTIVATIONS

    with st.container(width=190):
        title = t("{letter} of {function}", letter=letter, function=t(ACTIVATIONS[name].name))
        return link_widgets.level(name, title, levels, usual)


def _read(place: float, name: str) -> None:
    st.query_params[PLACE] = f"{place:g}"
    st.query_params[CHOSEN] = name


def _draw_chain() -> None:
    from explainer.playground.activations import ACTIVATIONS, DEEPEST, INITIALISATIONS
    from explainer.render.basics_code import chain_code

    st.subheader(t("How gradients die in a deep chain"))
    st.caption(
        t(
            "Normal noise goes through a chain of equal layers h = f(W h); a gradient of length 1 comes back "
            "from the end, by autograd. Each curve is one of the functions chosen above."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        start = link_widgets.one_of(START, t("Weights"), INITIALISATIONS, "xavier")
        with st.container(width=200):
            depth = link_widgets.whole(DEPTH, t("Layers"), 1, DEEPEST, 20)
        with st.container(width=180):
            scale = link_widgets.level(SCALE, t("Weights times"), SCALES, 1.0)
        with st.container(width=180):
            width = int(link_widgets.level(WIDTH, t("Units in a layer"), WIDTHS, 64.0))
        seed = link_widgets.seed(SEED, t("Seed"))
        link_widgets.reset_button(DEPTH, WIDTH, START, SCALE, SEED, key="chain_reset")
    wanted = st.query_params.get(FUNCTIONS, "").split(",")
    names = [name for name in ACTIVATIONS if name in wanted] or list(USUAL)
    found = [
        (
            t(ACTIVATIONS[name].name),
            _COLOURS[name],
            _measured(name, depth, width, start, scale, _given(name), seed),
        )
        for name in names
    ]
    chains.chain_view(
        found,
        key="gradient_chain",
        label=t("Gradient by layer"),
        texts=texts_for(chains.FOLDER),
    )
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(chain_code(names[0], _given(names[0]), depth, width, start, scale, seed), language="python")


def _given(name: str) -> float | None:
    from explainer.playground.activations import PARAMETERS

    found = finite(st.query_params.get(name))
    return found if found in PARAMETERS.get(name, ()) else None


@lru_cache(maxsize=64)
def _measured(
    name: str, depth: int, width: int, start: str, scale: float, parameter: float | None, seed: int
) -> Chain:
    from explainer.playground.activations import chain

    return chain(
        name,
        depth=depth,
        width=width,
        initialisation=start,
        scale=scale,
        parameter=parameter,
        seed=seed,
    )


@st.fragment
def _softmax() -> None:
    with guard():
        st.subheader(t("Softmax: many scores, one distribution"))
        st.caption(
            t("Drag the scores. Softmax has as many outputs as inputs, and its derivative is a whole matrix.")
        )
        softmax_section()
