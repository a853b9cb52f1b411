"""All channels of a layer, with their figures, and one of them large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.asking import asked
from explainer.components.channel_wall import FOLDER, channel_wall
from explainer.ui.address import hear, place_in_address
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.opened import frame
from explainer.ui.subject import class_in_link

if TYPE_CHECKING:
    from explainer.tracing import Node
    from explainer.ui.opened import Opened
    from explainer.ui.subject import Subject

KEY = "channel_wall"


def draw(subject: Subject, node: Node) -> None:
    """Draw the section."""
    _wall(subject, node.name)
    lesson("layers", title=t("What do these pictures and figures say?"))


@st.fragment
def _wall(subject: Subject, name: str) -> None:
    with guard():
        hear(KEY)
        from explainer.render.answers import read_place
        from explainer.render.snippet import snippet

        opened = subject.opened
        node = opened.trace[name]
        index = _class_index(opened)
        identity = f"{opened.key}/{name}/{index}/{current_language()}"
        channel_wall(_frame(subject, opened, node, index, identity), key=KEY)
        st.session_state[f"{KEY}-sent"] = identity
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            place = place_in_address()
            here, channel, y, x = read_place(opened.trace, place)
            inside = (channel, y, x) if here is node else (None, None, None)
            st.code(snippet(subject.origin, node, *inside, logits=opened.logits), "python")


def _frame(subject: Subject, opened: Opened, node: Node, index: int, identity: str) -> bytes:
    """Return the whole layer when it is another than before, else the answer to what the wall asked last."""
    from explainer.render.channel_wall import opening, replies
    from explainer.render.wire import pack

    ask = asked(KEY)
    if ask.get("identity") == identity == st.session_state.get(f"{KEY}-sent"):
        messages = replies(
            opened.trace, node, ask, logits=opened.logits, class_index=index, origin=subject.origin
        )
        return pack({"messages": messages, "identity": identity})

    def make() -> bytes:
        classes = opened.loaded.classes if node.shape == opened.logits.shape else None
        head = {"text": dict(texts_for(FOLDER)), "identity": identity, "class": subject.class_name(index)}
        return pack({"messages": [opening(node, classes, logits=opened.logits)], **head})

    return frame(f"channels/{identity}", make)


def _class_index(opened: Opened) -> int:
    """Return the class in the link, else the network's answer."""
    wanted = class_in_link(opened.logits.shape[-1])
    if wanted is not None:
        return wanted
    return opened.predictions[0].index if opened.predictions else 0
