"""The code that reproduces a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.compare.choices import Twin
from explainer.ui.compare.sides import probabilities_of, second_class
from explainer.ui.language import t
from explainer.ui.subject import Subject

if TYPE_CHECKING:
    from explainer.tracing import Node


def draw_twins(twin: Twin, class_index: int) -> None:
    """Draw the code of two sides."""
    from explainer.render.compare_code import CodeSide, twins_code

    match = second_class(twin, class_index)
    if match is None:
        match = int(probabilities_of(twin.second).argmax())
    _show(
        twins_code(
            CodeSide(twin.first.origin, twin.layer.name, class_index),
            CodeSide(twin.second.origin, twin.other.name, match),
            linked=twin.linked,
        )
    )


def draw_formats(subject: Subject, layer: Node) -> None:
    """Draw the code of the number formats."""
    from explainer.render.compare_code import CodeSide, formats_code

    _show(formats_code(CodeSide(subject.origin, layer.name, 0)))


def _show(code: str) -> None:
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.caption(t("Run it in the project's folder: it prints the numbers on the screen."))
        st.code(code, language="python")
