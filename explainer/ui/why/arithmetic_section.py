"""The arithmetic of Grad-CAM: maps times weights, the sum, the ReLU, with the numbers of one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.cam_sum import FOLDER, cam_sum
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.opened import frame

if TYPE_CHECKING:
    from explainer.tracing import Node
    from explainer.ui.subject import Subject


@st.fragment
def draw(subject: Subject, layer: str, class_index: int, *, key: str = "cam_sum") -> None:
    """Draw the section.

    Args:
        subject: network and photo.
        layer: name of the layer's node.
        class_index: the class.
        key: widget key.
    """
    with guard():
        _draw(subject, subject.trace[layer], class_index, key)


def _draw(subject: Subject, node: Node, class_index: int, key: str) -> None:
    from explainer.attribution import grad_cam_parts
    from explainer.render.cam import taken_apart
    from explainer.render.cam_code import cam_code
    from explainer.render.wire import pack

    opened = subject.opened
    name = subject.class_name(class_index)

    def packed() -> bytes:
        parts = grad_cam_parts(opened.trace, node, opened.logits, class_index)
        return pack(taken_apart(parts, opened.picture, layer=node.name, name=name, texts=texts_for(FOLDER)))

    st.markdown(
        t(
            "How {layer} speaks for **{name}**: each channel's map times one weight, the mean of its "
            "gradient; their sum; what is above zero.",
            layer=f"`{node.name}`",
            name=name,
        )
    )
    cam_sum(frame(f"cam_sum/{opened.key}/{node.name}/{class_index}/{current_language()}", packed), key=key)
    lesson("grad_cam", title=t("Why the mean gradient?"))
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(cam_code(subject.origin, node, opened.logits, class_index), language="python")
