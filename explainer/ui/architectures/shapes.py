"""Tables of shapes, read from a trace: from the pixels to the classes, operation by operation."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from explainer.components.shape_table import FOLDER, shape_table
from explainer.models.architectures import ARCHITECTURES, architecture, entry_size
from explainer.render.architecture_board import network_link
from explainer.render.wire import pack
from explainer.ui.architectures.leaving import leave_if_wanted, want
from explainer.ui.language import current_language, link_parameters, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import forget, put
from explainer.ui.memory import Memory
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in

_FIRST = "lenet5"
_NET, _SIDE = "net", "side"
_LEAST, _MOST = 1, 1024
_BUDGET = 16 << 20


def draw() -> None:
    """Draw the part."""
    _table()
    lesson("architectures_shapes", title=t("How do the shapes come about?"))


@st.fragment
def _table() -> None:
    with guard():
        leave_if_wanted()
        key, side = _choose()
        _note(key, side)
        with guard():
            frame = _frame(key, side)
            shape_table(frame, key="shape_table", on_leave=lambda name: want(key, name))
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.shape_code import shape_code

            st.caption(t("Run it in the project's folder: it prints the numbers on the screen."))
            st.code(shape_code(key, (side, side)), language="python")


def _choose() -> tuple[str, int]:
    """Draw the controls; they follow the link: ``net`` and ``side``."""
    link, state = st.query_params, st.session_state
    titles = {one.key: f"{one.title} ({one.year})" for one in ARCHITECTURES}
    key = link[_NET] if link.get(_NET) in titles else _FIRST
    own = entry_size(key)[0]
    side = number_in(link.get(_SIDE), _LEAST, _MOST) or own
    state["shapes-net"], state["shapes-side"] = key, side

    def choose() -> None:
        put(_NET, state["shapes-net"], _FIRST)
        forget(_SIDE)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("Network"),
            list(titles),
            format_func=titles.__getitem__,
            key="shapes-net",
            on_change=choose,
            width=280,
        )
        st.number_input(
            t("Side of the input in pixels"),
            _LEAST,
            _MOST,
            key="shapes-side",
            step=1,
            on_change=lambda: put(_SIDE, str(state["shapes-side"]), str(own)),
            width=220,
        )
        st.button(
            t("Its own size"),
            key="shapes-reset",
            icon=":material/restart_alt:",
            disabled=side == own,
            on_click=forget,
            args=(_SIDE,),
        )
    return key, side


def _note(key: str, side: int) -> None:
    if key == _FIRST:
        st.caption(
            t(
                "LeNet-5 reads 32 × 32 pixels. The digits of MNIST have 28 × 28 and stand in a border of 2: "
                "so also the end of a stroke can lie in the middle of what the last convolution sees."
            )
        )
    elif side != entry_size(key)[0]:
        st.caption(
            t(
                "{title} was trained on {own} × {own} pixels. The parameters stay, the maps and the multiply-"
                "adds follow the picture.",
                title=architecture(key).title,
                own=entry_size(key)[0],
            )
        )


def _frame(key: str, side: int) -> bytes:
    name = (key, side, current_language())
    frames = _frames()
    if name in frames or key == _FIRST or "torchvision" in sys.modules:
        return frames.get(name, lambda: _make(key, side))
    with st.spinner(t("Building the network …")):
        return frames.get(name, lambda: _make(key, side))


def _make(key: str, side: int) -> bytes:
    from explainer.models.structure import blueprint
    from explainer.render.shape_rows import sequence
    from explainer.render.shape_rows import shape_table as table

    content: dict[str, Any] = table(blueprint(key, (side, side)))
    language = {name: value for name, value in link_parameters().items() if name == "lang"}
    return pack(
        {
            **content,
            "sequence": [list(shape) for shape in sequence(content["rows"])],
            "identity": f"{key}/{side}",
            "href": f"./?{urlencode({**language, **network_link(key)})}",
            "texts": dict(texts_for(FOLDER)),
        }
    )


@st.cache_resource(show_spinner=False)
def _frames() -> Memory[bytes]:
    return Memory(_BUDGET, len)
