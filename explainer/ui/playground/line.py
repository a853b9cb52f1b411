"""1-D: data, a kernel that slides over them, products and sums."""

from __future__ import annotations

import streamlit as st

from explainer.components.asking import newly_asked, taken
from explainer.components.line_view import FOLDER, line_view
from explainer.errors import ReaderError
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import put_all
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in

KEY = "line_view"
PLACE, PANEL = "w", "show"
"""Query parameters: where the window stands, and what is shown below."""


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("playground_line", title=t("What is a convolution in one dimension?"))


@st.fragment
def _draw() -> None:
    with guard():
        from explainer.playground.line_link import read_line
        from explainer.playground.line_presets import PRESETS
        from explainer.playground.signal import MOST_DATA, check
        from explainer.render.line import PANELS, listed, sent
        from explainer.render.line_code import line_code
        from explainer.render.wire import pack

        _take_over()
        line = read_line(st.query_params)
        place = number_in(st.query_params.get(PLACE), 0, MOST_DATA * 2) or 0
        panel = st.query_params.get(PANEL, PANELS[0])
        panel = panel if panel in PANELS else PANELS[0]
        words = {text: t(text) for preset in PRESETS for text in (preset.title, preset.note)}
        frame = sent(line, place=place, panel=panel, serial=taken(KEY))
        frame |= {
            "label": t("Convolution in one dimension"),
            "texts": texts_for(FOLDER),
            "presets": listed(PRESETS, words),
        }
        line_view(pack(frame), key=KEY)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            try:
                check(line)
                st.code(line_code(line, frame["place"]), language="python")
            except ReaderError:
                st.caption(t("There is nothing to compute yet."))


def _take_over() -> None:
    """Put what the reader has set in the component into the link, once."""
    from explainer.playground.line_link import NAMES, read_line, write_line

    ask = newly_asked(KEY)
    if not ask:
        return
    place, panel = str(ask.get(PLACE, "")), str(ask.get(PANEL, ""))
    own = write_line(read_line(ask))
    own |= {PLACE: place} if number_in(place, 1, 999) else {}
    own |= {PANEL: panel} if panel != "pattern" else {}
    put_all(own, (*NAMES, PLACE, PANEL))
