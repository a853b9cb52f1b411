"""Backpropagation: values and gradients on a computational graph, edge by edge."""

from __future__ import annotations

import streamlit as st

from explainer.components.graph_view import FOLDER, graph_view
from explainer.ui.foundations.settling import settle
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard

_KEY = "backprop"


def draw() -> None:
    """Draw the part."""
    _graph()
    lesson("foundations_backprop", title=t("How does backpropagation work?"))


@st.fragment
def _graph() -> None:
    with guard():
        _draw_graph()


def _draw_graph() -> None:
    from explainer.playground.backprop_link import PARAMETERS, read_chosen, write_chosen
    from explainer.playground.backpropagation import EXAMPLES
    from explainer.playground.expressions import FUNCTIONS
    from explainer.render.backprop import backprop_code, backprop_frame, undefined
    from explainer.render.wire import pack

    chosen, serial, problem = settle(_KEY, PARAMETERS, read_chosen, write_chosen)
    example = EXAMPLES.get(chosen.key)
    frame = backprop_frame(chosen) | {
        "serial": serial,
        "texts": dict(texts_for(FOLDER)),
        "problem": problem,
        "functions": ", ".join(FUNCTIONS),
        "undefined": undefined(chosen),
        "offered": [{"key": key, "title": t(one.title)} for key, one in EXAMPLES.items()],
        "remark": t(example.remark) if example else "",
    }
    graph_view(pack(frame), key=_KEY)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(backprop_code(chosen), language="python")
