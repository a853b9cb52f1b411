"""The network map on a page: send the overview, answer what the map asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.asking import asked
from explainer.components.network_map import FOLDER, network_map
from explainer.render.answers import answer
from explainer.render.overview import overview
from explainer.render.snippet import Origin
from explainer.render.wire import pack
from explainer.ui.address import hear
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.messages import guard
from explainer.ui.opened import Opened, frame
from explainer.ui.page import go_to_page

if TYPE_CHECKING:
    from explainer.ui.subject import Subject


@st.fragment
def show_map(subject: Subject, *, key: str) -> None:
    """Draw the map of ``subject`` under the widget key ``key``.

    What it asks for runs only this once more, and the page around it is not sent anew.
    """
    with guard():
        hear(key)
        _leave(key)
        opened = subject.opened
        network_map(_frame(opened, subject.origin, key), key=key)
        # Not before: a click in the meantime ends this run, and nothing has been sent then.
        st.session_state[f"{key}-sent"] = (opened.key, current_language())


def _leave(key: str) -> None:
    """Go to the page that the map names, once; the link takes the reader's place along."""
    ask = asked(key)
    wanted, serial = ask.get("leave"), (ask.get("trace"), ask.get("serial"))
    if not wanted or st.session_state.get(f"{key}-left") == serial:
        return
    st.session_state[f"{key}-left"] = serial
    go_to_page(str(wanted.get("page")), at=str(wanted.get("at", "")))


def _frame(opened: Opened, origin: Origin, key: str) -> bytes:
    """Return the answer to what the map asked last, or the overview where it does not have the present one.

    What was sent need not have arrived: a run that begins takes back what the one before has not delivered
    yet. So the map says with every request what it has.
    """
    language = current_language()
    ask = asked(key)
    sent = st.session_state.get(f"{key}-sent")
    if (ask.get("trace"), ask.get("language")) == sent == (opened.key, language):
        messages = answer(
            opened.trace,
            opened.key,
            ask,
            logits=opened.logits,
            class_index=opened.predictions[0].index if opened.predictions else 0,
            origin=origin,
            translate=t,
        )
        return pack({"messages": messages})
    return frame(f"{opened.key}/{language}", lambda: pack(_opening(opened, language)))


def _opening(opened: Opened, language: str) -> dict[str, object]:
    loaded = opened.loaded
    model = {
        "key": loaded.key,
        "title": loaded.title,
        "trained": loaded.trained,
        "classes": list(loaded.classes) or None,
    }
    messages = overview(
        opened.trace,
        key=opened.key,
        model=model,
        picture=opened.picture,
        predictions=opened.predictions,
        logits=opened.logits,
    )
    return {"messages": messages, "text": dict(texts_for(FOLDER)), "language": language}
