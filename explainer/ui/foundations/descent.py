"""Gradient descent: optimisers walk down a surface over two parameters."""

from __future__ import annotations

import streamlit as st

from explainer.components.descent_view import FOLDER, descent_view
from explainer.ui.foundations.settling import settle
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard

_KEY = "descent"


def draw() -> None:
    """Draw the part."""
    _walks()
    lesson("foundations_descent", title=t("How does gradient descent work?"))


@st.fragment
def _walks() -> None:
    with guard():
        _draw_walks()


def _draw_walks() -> None:
    from dataclasses import asdict

    from explainer.playground.descent import KINDS
    from explainer.playground.descent_link import OWN, PARAMETERS, preset_run, read_walk, write_walk
    from explainer.playground.surfaces import surfaces
    from explainer.render.descent import descent_code, descent_frame
    from explainer.render.figures import COLOURS
    from explainer.render.wire import pack

    walk, serial, problem = settle(_KEY, PARAMETERS, read_walk, write_walk)
    offered = [{"key": key, "title": t(surface.title)} for key, surface in surfaces().items()]
    frame = descent_frame(walk) | {
        "serial": serial,
        "texts": dict(texts_for(FOLDER)),
        "problem": problem,
        "colours": COLOURS,
        "offered": [*offered, {"key": OWN, "title": t("Own formula")}],
        "remark": t(walk.surface.remark) if walk.surface.remark else "",
        "presets": {kind: asdict(preset_run(walk.surface, kind)) for kind in KINDS},
    }
    descent_view(pack(frame), key=_KEY)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(descent_code(walk), language="python")
