"""Convolution in two dimensions: input, kernel and window under the reader's hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.conv_lab import FOLDER, conv_lab
from explainer.errors import ReaderError
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import breaking, lesson
from explainer.ui.messages import guard, message
from explainer.ui.playground import conv_controls, conv_input, conv_kernels, conv_state

if TYPE_CHECKING:
    from explainer.playground.conv_setting import Setting

KEY = "conv_view"
_SERIAL = "conv_serial"
_INPUT = "conv_input"
"""The input that was shown last: what edits in the browser were made on."""


def draw() -> None:
    """Draw the part."""
    _section()
    lesson("playground_conv", title=t("What does a convolution compute?"))


@st.fragment
def _section() -> None:
    from explainer.playground.conv_setting import spec_of

    with guard():
        _code_line(conv_state.setting())
        photo = st.container()
        left, right = st.columns([3.6, 1.15], gap="medium")
        with right:
            conv_controls.draw(conv_state.setting())
        setting = conv_state.setting()  # an edited line or a drawing on the pad has gone into the link
        with photo:
            chosen = conv_input.choose(setting)
        with left, guard():
            _lab(setting, chosen)
        with guard():
            from explainer.ui.playground import costs_view

            _, height, width = chosen.image.shape
            shape = (setting.layer.in_channels, height, width)
            costs_view.draw(spec_of(setting.layer), shape, key="conv_costs")


def _code_line(setting: Setting) -> None:
    """Draw the layer as a line of code; an edited line moves the sliders, which are drawn after it."""
    from explainer.playground.conv_setting import spec_of
    from explainer.ui.playground.code_face import code_face

    changed = code_face(spec_of(setting.layer), key="conv_code", kinds=("Conv2d", "ConvTranspose2d"))
    if changed is None:
        return
    try:
        conv_state.put(setting.with_spec(changed))
    except ReaderError as error:
        st.error(message(error), icon=":material/info:")


def _lab(setting: Setting, chosen: conv_input.Chosen) -> None:
    import torch

    from explainer.playground.cells import PATTERNS
    from explainer.playground.conv_setting import MOST_OUTPUTS
    from explainer.playground.convolution import formula
    from explainer.playground.kernels_preset import PRESETS, RANDOM
    from explainer.render.conv_code import conv_code
    from explainer.render.conv_frame import conv_frame
    from explainer.render.wire import pack

    layer, image = setting.layer, chosen.image
    axes = layer.axes((image.shape[1], image.shape[2]))
    count = layer.out_channels * axes[0].output * axes[1].output
    if count > MOST_OUTPUTS:
        raise ReaderError(
            "The output would have {count} numbers, more than a page can show: "
            "take a smaller picture, fewer channels or a smaller stride.",
            count=f"{count:,}",
        )
    weight, bias = setting.weights(conv_kernels.taken(setting)), setting.bias()
    with torch.no_grad():
        output = layer.apply(image[None], weight, bias, flip=setting.flip)[0]
    frame = conv_frame(
        layer, image, weight, bias, output,
        flip=setting.flip,
        relu=setting.relu,
        grey=setting.source != "cells",
        colour=setting.source == "photo" and layer.in_channels == 3,
        paintable=setting.source != "photo",
        serial=int(st.session_state.get(_SERIAL, 0)),
        names=setting.titles,
        presets=[
            (key, t(one.title)) for key, one in PRESETS.items() if one.fits(layer.kernel)
        ] + [(RANDOM, t("Random, as before training")), *conv_kernels.titles(setting)],
        patterns=[(key, t(one.title)) for key, one in PATTERNS.items()],
        texts=texts_for(FOLDER),
    )  # fmt: skip
    st.session_state[_INPUT] = image
    conv_lab(pack(frame), key=KEY, on_edit=_edited, on_look=_looked)
    for axis, letter in zip(axes, "HW", strict=True):
        st.markdown(breaking(formula(axis, letter)))
    for axis, told in (
        (
            axes[0],
            t("The floor: the last {count} rows of the padded input are left over.", count=axes[0].remainder),
        ),
        (
            axes[1],
            t(
                "The floor: the last {count} columns of the padded input are left over.",
                count=axes[1].remainder,
            ),
        ),
    ):
        if axis.remainder:
            st.caption(told)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(conv_code(setting, chosen.code, chosen.imports, image, weight, bias), "python")


def _edited(edits: list[Any], serial: int) -> None:
    """Take over what the reader has painted and typed in the browser."""
    before = int(st.session_state.get(_SERIAL, 0))
    new = [one for one in edits if isinstance(one, dict) and _serial(one) > before]
    image = st.session_state.get(_INPUT)
    if not new or image is None:
        return
    st.session_state[_SERIAL] = serial
    conv_state.put(conv_state.setting().after(new, image))


def _serial(edit: dict[str, Any]) -> int:
    serial = edit.get("serial")
    return serial if type(serial) is int else 0


def _looked(output: int, channel: int) -> None:
    st.session_state[conv_kernels.LOOK] = output, channel
