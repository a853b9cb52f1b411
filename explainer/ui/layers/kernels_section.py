"""The weights of a layer: every filter as a picture and as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.asking import asked
from explainer.components.kernel_wall import FOLDER, kernel_wall
from explainer.ui.address import hear, place_in_address
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.opened import frame
from explainer.ui.subject import put_place

if TYPE_CHECKING:
    from explainer.layers.kernels import Kernels
    from explainer.tracing import Node, Trace
    from explainer.ui.opened import Opened
    from explainer.ui.subject import Subject

KEY = "kernel_wall"
FOLDED = "folded"
"""Query parameter: whether the batch normalisation behind the layer is in the kernels that are shown."""


def draw(subject: Subject, node: Node) -> None:
    """Draw the section; where the operation has no kernels, lead to one that has."""
    from explainer.layers.kernels import kernels

    if kernels(node) is None:
        _lead_on(subject.trace, node)
    else:
        _wall(subject, node.name)
    lesson("kernels", title=t("What does a kernel show?"))


def _lead_on(trace: Trace, node: Node) -> None:
    from explainer.layers.kernels import kernels

    others = [other for other in trace.nodes if kernels(other) is not None]
    nearest = min(others, key=lambda other: abs(other.index - node.index), default=None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(t("{node} has no kernels to show: {kind}.", node=node.name, kind=node.kind))
        if nearest is not None:
            label = t("Go to {node}", node=nearest.name)
            st.button(label, icon=":material/arrow_forward:", on_click=put_place, args=(nearest.name,))


@st.fragment
def _wall(subject: Subject, name: str) -> None:
    with guard():
        hear(KEY)
        from explainer.layers.kernels import batch_norm_behind, kernels
        from explainer.render.answers import read_place
        from explainer.render.layer_code import kernels_code

        opened = subject.opened
        node = opened.trace[name]
        found = kernels(node)
        assert found is not None
        norm = batch_norm_behind(opened.trace, node)
        folded = norm is not None and _folded(norm)
        if folded and norm is not None:
            found = found.folded(norm)
        identity = f"{opened.key}/{name}/{folded}/{current_language()}"
        kernel_wall(_frame(opened, node, found, folded, identity), key=KEY)
        st.session_state[f"{KEY}-sent"] = identity
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            place = place_in_address()
            here, channel, *_ = read_place(opened.trace, place)
            index = (channel or 0) if here is node else 0
            index = min(max(index, 0), len(found.weight) - 1)
            st.code(kernels_code(subject.origin, node, index), "python")


def _folded(norm: Node) -> bool:
    st.session_state[FOLDED] = st.query_params.get(FOLDED) == "1"

    def put() -> None:
        if st.session_state[FOLDED]:
            st.query_params[FOLDED] = "1"
        else:
            del st.query_params[FOLDED]

    return st.toggle(
        t("Together with the batch normalisation behind it ({node})", node=norm.name),
        key=FOLDED,
        on_change=put,
        help=t("The kernels and the normalisation are one linear step; this is what they do together."),
    )


def _frame(opened: Opened, node: Node, found: Kernels, folded: bool, identity: str) -> bytes:
    """Return all filters of a layer that is another than before, else what the wall asked for last."""
    from explainer.render.kernel_wall import opening, replies
    from explainer.render.wire import pack

    ask = asked(KEY)
    if ask.get("identity") == identity == st.session_state.get(f"{KEY}-sent"):
        return pack({"messages": replies(found, ask, name=node.name), "identity": identity})

    def make() -> bytes:
        classes = opened.loaded.classes if node.shape == opened.logits.shape else None
        message = opening(found, name=node.name, names=classes, folded=folded)
        return pack({"messages": [message], "text": dict(texts_for(FOLDER)), "identity": identity})

    return frame(f"kernels/{identity}", make)
