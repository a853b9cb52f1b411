"""Pixels: a photo as numbers, its channels, its grey levels and their codes, the arrays that hold it."""

from __future__ import annotations

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.pixel_view import FOLDER, pixel_view
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import put_all
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in
from explainer.ui.pickers import ChosenImage, choose_photo

KEY = "pixel_view"
PARAMETERS = ("x", "y", "c", "lens", "show", "bits", "tint", "norm")
"""Query parameters that the component changes."""
_FIRST = 0.34, 0.38
"""Where the chosen pixel lies at first, as shares of width and height; the component begins there, too."""
_LONGEST_TEXT = 40


def draw() -> None:
    """Draw the part."""
    chosen = choose_photo()
    _draw(chosen)
    lesson("playground_pixels", title=t("How is a picture a tensor?"))


@st.fragment
def _draw(chosen: ChosenImage) -> None:
    with guard():
        from explainer.playground.pixels import LONGEST, fitted
        from explainer.render.pixels_code import pixels_code

        _take_over()
        image = fitted(chosen.image)
        pixel_view(_frame(chosen), key=KEY)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            width, height = image.size
            place = (
                _number("c", 2, 1),
                _number("y", height - 1, int(height * _FIRST[1])),
                _number("x", width - 1, int(width * _FIRST[0])),
            )
            bits = number_in(st.query_params.get("bits"), 1, 8) or 3
            scale = st.query_params.get("norm", "")
            code = pixels_code(
                chosen.code,
                chosen.imports,
                place=place,
                bits=bits,
                scale=scale if scale in {"signed", "photo"} else "imagenet",
                shrunk=max(chosen.image.size) > LONGEST,
            )
            st.code(code, language="python")


def _frame(chosen: ChosenImage) -> bytes:
    """Return what the component gets; kept while the reader stays with the photo and the language."""
    name = (chosen.identity, current_language())
    kept = st.session_state.get("pixels_frame")
    if kept is None or kept[0] != name:
        from explainer.playground.pixels import array, fitted
        from explainer.render.pixels import sent
        from explainer.render.wire import pack

        frame = sent(array(fitted(chosen.image)))
        frame |= {"identity": chosen.identity, "label": t("A photo as numbers"), "texts": texts_for(FOLDER)}
        kept = st.session_state["pixels_frame"] = (name, pack(frame))
    return kept[1]


def _number(name: str, most: int, usual: int) -> int:
    found = number_in(st.query_params.get(name), 0, most)
    return usual if found is None else found


def _take_over() -> None:
    """Take over what the component has put into the address, once."""
    ask = newly_asked(KEY)
    if ask:
        own = {name: str(ask.get(name) or "")[:_LONGEST_TEXT] for name in PARAMETERS}
        put_all({name: value for name, value in own.items() if value}, PARAMETERS)
