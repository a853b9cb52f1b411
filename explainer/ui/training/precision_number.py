"""One number in float32, bfloat16 and float16: typed, a pixel's, or made by flipping bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.precision_view import FOLDER, bits_view
from explainer.ui.language import later, link_parameters, t, texts_for
from explainer.ui.link import forget, put
from explainer.ui.link_widgets import next_seed, one_of, seed_of
from explainer.ui.numbers import pair_in
from explainer.ui.training import draft
from explainer.ui.training.storage import open_dataset

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.training.data import Dataset

VIEW = "bits_view"
SOURCE, NUMBER, PICTURE, PIXEL, TINT = "of", "number", "picture", "pixel", "tint"
"""Query parameters: where the number comes from, what was typed, the picture's seed, its pixel (row,column),
and the colour."""
USUAL = "0.1"
_SOURCES = {"typed": later("Any number"), "pixel": later("A pixel of the data set")}
_EXAMPLES = {
    "0.1": "0.1",
    "1.003": "1.003",
    "65504": "65504",
    "65520": "65520",
    "1e-05": "10⁻⁵",
    "2e-08": "2·10⁻⁸",
    "3e+38": "3·10³⁸",
}
_TINTS = {"0": later("Red"), "1": later("Green"), "2": later("Blue")}
_LONGEST = 30
"""Characters of a number in the link."""


def draw() -> None:
    """Draw the section."""
    _take_over()
    source = one_of(SOURCE, t("Number"), _SOURCES, "typed", hidden=True)
    frame = _typed() if source == "typed" else _pixel()
    from explainer.render.wire import pack

    bits_view(pack(frame | {"texts": texts_for(FOLDER)}), key=VIEW)
    st.caption(
        t(
            "The triangle is the number that was given, the thick line what is held, the thin ones its "
            "neighbours. Click a bit to flip it."
        )
    )
    st.page_link(
        "pages/compare.py",
        label=t("What such roundings do to a whole network: the Compare page"),
        icon=":material/compare:",
        query_params=link_parameters() | {"what": "precision"},
    )


def number_of(text: str) -> float | None:
    """Return the number that a text is, infinity and NaN among them; ``None`` for everything else."""
    text = text.strip().replace("−", "-").replace(",", ".").replace("∞", "inf")
    if not text or len(text) > _LONGEST or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _typed() -> dict[str, Any]:
    from explainer.render.precision_frames import number_frame

    wanted = st.query_params.get(NUMBER, USUAL)
    st.session_state["precision_number"] = wanted
    number = number_of(wanted)
    left, right = st.columns([2, 5], vertical_alignment="bottom", gap="medium")
    with left:
        st.text_input(t("Number"), key="precision_number", max_chars=_LONGEST, on_change=_take_typed)
    with right, st.container(horizontal=True, gap="small", key="precision_examples"):
        for text, title in _EXAMPLES.items():
            st.button(title, key=f"precision_example_{text}", on_click=put, args=(NUMBER, text, USUAL))
    if number is None:
        st.info(t("Type a number, such as 0.1, -3e-8 or inf. Until then it is 0.1."), icon=":material/info:")
        number = float(USUAL)
    return number_frame(number)


def _take_typed() -> None:
    put(NUMBER, str(st.session_state["precision_number"]).strip()[:_LONGEST], USUAL)


def _pixel() -> dict[str, Any]:
    """Draw what chooses a pixel, and return its value as the network is given it."""
    from explainer.render.photo import rgb
    from explainer.render.precision_frames import number_frame

    with st.spinner(t("Opening the data set"), show_time=True):
        data = open_dataset(draft.data_key(), draft.value_of("side"))
    image = _picture(data)
    channels, height, width = image.shape
    with st.container(horizontal=True, vertical_alignment="center", key="precision_pixel"):
        tint = int(one_of(TINT, t("Colour"), _TINTS, "0", hidden=True)) if channels == 3 else 0
        next_seed(PICTURE, t("Another image"), ":material/shuffle:", key="precision_picture")
    row, column = pair_in(st.query_params.get(PIXEL), height, width) or (height // 2, width // 2)
    level = int(image[tint, row, column])
    mean, std = (draft.value_of(name) for name in ("mean", "std"))
    # One value serves all colours where the recipe has only one.
    number = (level / 255 - mean[min(tint, len(mean) - 1)]) / std[min(tint, len(std) - 1)]
    st.markdown(
        t(
            "Row {row}, column {column}: the byte {level} of 255. The network is given {number}.",
            row=row,
            column=column,
            level=level,
            number=f"**{number:.7g}**",
        )
    )
    picture = {"width": width, "height": height, "pixels": rgb(image)}
    return number_frame(number) | {"picture": picture, "pixel": [row, column]}


def _picture(data: Dataset) -> Tensor:
    """Return a training image uint8 [C, H, W]."""
    import torch

    from explainer.training.chance import generator_for

    generator = generator_for(seed_of(PICTURE), "pixel")
    return data.train.images[int(torch.randint(len(data.train), (), generator=generator))]


def _take_over() -> None:
    """Put into the link what was clicked: a flipped bit's number, or a pixel."""
    ask = newly_asked(VIEW)
    number, pixel = ask.get("number"), ask.get("pixel")
    if isinstance(number, str) and number_of(number) is not None:
        put(NUMBER, number, USUAL)
        forget(SOURCE)
    if isinstance(pixel, list) and len(pixel) == 2 and all(isinstance(one, int | float) for one in pixel):
        put(PIXEL, f"{int(pixel[0])},{int(pixel[1])}")
