"""What is convolved: cells to paint, a digit, a photo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components import drawing_pad
from explainer.ui.language import later, t, texts_for
from explainer.ui.playground.conv_state import change, put

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from explainer.playground.conv_setting import Setting

_PAD = "conv_pad"
_SEEN = "conv_pad_seen"
_DRAWN = "drawn"
_TITLES = {"cells": later("Cells"), "digit": later("Digit"), "photo": later("Photo")}


@dataclass(frozen=True, eq=False)
class Chosen:
    """An input and the code that makes it."""

    image: Tensor
    """float [in_channels, H, W]"""
    code: str
    """An expression that gives it; empty where its numbers are written out."""
    imports: tuple[str, ...] = ()


def draw_source(now: Setting) -> None:
    """Draw which kind of input it is, and its size."""
    key = "conv_source"
    st.session_state[key] = now.source
    st.segmented_control(
        t("Input"),
        list(_TITLES),
        key=key,
        format_func=lambda one: t(_TITLES[one]),
        required=True,
        on_change=change,
        args=(key, lambda s, value: s.with_source(value)),
    )
    if now.source == "cells":
        _draw_size(now)
    else:
        _draw_side(now)
    if now.source == "digit":
        _draw_digits(now)


def _draw_size(now: Setting) -> None:
    from explainer.playground.conv_setting import MOST_CELLS

    first, second = st.columns(2, gap="small")
    for column, name, label, value in (
        (first, "rows", t("Rows"), now.rows),
        (second, "columns", t("Columns"), now.columns),
    ):
        key = f"conv_input_{name}"
        st.session_state[key] = value
        with column:
            st.slider(
                label,
                1,
                MOST_CELLS,
                key=key,
                on_change=change,
                args=(key, lambda s, v, name=name: replace(s, **{name: v})),
            )


def _draw_side(now: Setting) -> None:
    from explainer.playground.conv_setting import SIDES

    key = "conv_side"
    st.session_state[key] = now.working_side
    cells = "" if now.source == "digit" else now.cells
    st.select_slider(
        t("Cells along its longer side"),
        SIDES[now.source],
        key=key,
        on_change=change,
        args=(key, lambda s, value: replace(s, side=value, cells=cells)),
    )


def _draw_digits(now: Setting) -> None:
    key = "conv_digit"
    st.session_state[key] = _DRAWN if now.digit is None else now.digit
    st.selectbox(
        t("Digit"),
        [*range(10), _DRAWN],
        key=key,
        format_func=lambda one: t("draw your own") if one == _DRAWN else str(one),
        on_change=change,
        args=(key, lambda s, value: replace(s, digit=None if value == _DRAWN else value, cells="")),
    )
    if now.digit is None:
        _take(now, drawing_pad.drawing_pad(key=_PAD, texts=texts_for(drawing_pad.FOLDER)))


def _take(now: Setting, drawing: Image.Image | None) -> None:
    """Put a new drawing into the link, in cells: from there on it can be painted over like any other."""
    from explainer.models.digits import centre_digit
    from explainer.playground.cells import picture, write_cells
    from explainer.playground.conv_setting import PAINTED

    seen = None if drawing is None else (drawing.tobytes(), now.working_side)
    if seen == st.session_state.get(_SEEN) or drawing is None:
        return
    st.session_state[_SEEN] = seen
    cells = picture(centre_digit(drawing), now.working_side, 1).repeat(now.layer.in_channels, 1, 1)
    put(replace(now, cells=PAINTED + write_cells(cells)))


def choose(now: Setting) -> Chosen:
    """Return the input, after drawing the strip of photos where it is one."""
    if now.source == "photo":
        return _photo(now)
    if now.source == "cells" or now.painted() is not None:
        return Chosen(now.drawn(), "")
    return _digit(now)


def _photo(now: Setting) -> Chosen:
    from explainer.playground.cells import picture
    from explainer.ui.pickers import choose_photo

    chosen = choose_photo()
    side, channels = now.working_side, now.layer.in_channels
    image = picture(chosen.image, side, channels)
    imports = (*chosen.imports, "from explainer.playground.cells import picture")
    return Chosen(image, f"picture({chosen.code}, {side}, {channels})", imports)


def _digit(now: Setting) -> Chosen:
    import torch

    from explainer.playground.cells import digits

    side, channels = now.working_side, now.layer.in_channels
    if now.digit is None:
        return Chosen(torch.zeros(channels, side, side), f"torch.zeros({channels}, {side}, {side})")
    made = digits(now.digit, side, channels)
    imports = ("from explainer.playground.cells import digits",)
    return Chosen(made, f"digits({now.digit}, {side}, {channels})", imports)
