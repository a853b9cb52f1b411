"""The network map on a page: open the network, trace the image, answer what the map asks."""

from __future__ import annotations

import streamlit as st

from explainer.components.network_map import FOLDER, asked, network_map
from explainer.render.answers import answer
from explainer.render.overview import overview
from explainer.render.snippet import Origin
from explainer.render.wire import pack
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.messages import guard
from explainer.ui.opened import Opened, frame, network, open_image
from explainer.ui.pickers import ChosenImage


def show_map(model: str, weights: str, chosen: ChosenImage, *, key: str) -> Opened:
    """Trace ``chosen`` in a network and draw the map under the widget key ``key``."""
    _load(model, weights)
    opened = open_image(model, weights, chosen.identity, chosen.image)
    if not opened.loaded.trained:
        st.badge(
            t("Untrained: these weights are random. The structure is real, the answer means nothing."),
            icon=":material/casino:",
            color="orange",
        )
    _draw(model, weights, chosen, key)
    return opened


@st.fragment
def _draw(model: str, weights: str, chosen: ChosenImage, key: str) -> None:
    """Draw the map. What it asks for runs only this once more, and the page around it is not sent anew.

    The trace is looked up each time: a fragment's arguments live as long as its session, traces do not.
    """
    with guard():
        opened = open_image(model, weights, chosen.identity, chosen.image)
        network_map(_frame(opened, chosen.origin(model, weights), key), key=key)
        # Not before: a click in the meantime ends this run, and nothing has been sent then.
        st.session_state[f"{key}-sent"] = (opened.key, current_language())


def _load(model: str, weights: str) -> None:
    """Load the network, with a progress bar while its weights come over the network."""
    place = st.empty()

    def progress(done: int, total: int | None) -> None:
        if total:
            text = t("Downloading the weights: {done} of {total} MB", done=done >> 20, total=total >> 20)
        else:
            text = t("Downloading the weights: {done} MB", done=done >> 20)
        place.progress(min(1.0, done / total) if total else 0.0, text=text)

    network(model, weights, progress)
    place.empty()


def _frame(opened: Opened, origin: Origin, key: str) -> bytes:
    """Return the overview when image or language changed, else the answer to what the map asked last."""
    language = current_language()
    ask = asked(key)
    sent = st.session_state.get(f"{key}-sent")
    if ask.get("trace") == opened.key and sent == (opened.key, language):
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
