"""Kernels from trained networks, for the convolution of the playground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.messages import message
from explainer.ui.playground.conv_state import put, setting

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explainer.playground.conv_setting import Setting

LOOK = "conv_look"
"""The output and the input channel that the reader has chosen in the view."""
NETWORKS = ("resnet20", "tiny_vgg", "lenet5")
"""Bundled: they need no download."""
_WHOLE = -1


def taken(now: Setting) -> Mapping[str, Tensor]:
    """Return the kernels of networks that a setting names; what is not there is passed over."""
    from explainer.playground.kernels_preset import TAKEN

    found = {}
    for name in set(now.names):
        if TAKEN in name and (kernel := _kernel(name)) is not None:
            found[name] = kernel
    return found


def _kernel(name: str) -> Tensor | None:
    """Return the kernel [h, w] or filter [inputs, h, w] of a name such as ``resnet20/conv1/5/2``."""
    key, layer, *places = name.split("/")
    if key not in NETWORKS:
        return None
    weight = _weights(key).get(layer)
    try:
        return None if weight is None else weight[tuple(int(place) for place in places)]
    except IndexError:
        return None


def _weights(key: str) -> dict[str, Tensor]:
    """Return the weights of the convolutions of a network that are small enough to be shown, by name."""
    from torch import nn

    from explainer.playground.conv_setting import MOST_KERNEL
    from explainer.ui.opened import network

    model: nn.Module = network(key, "default").model
    return {
        name: module.weight.detach()
        for name, module in model.named_modules()
        if isinstance(module, nn.Conv2d) and max(module.kernel_size) <= MOST_KERNEL
    }


def draw_taking(now: Setting) -> None:
    """Draw the choice of a trained kernel, for the output that is shown."""
    with st.popover(t("A kernel from a trained network"), icon=":material/hub:", width="stretch"):
        # What is inside is drawn only when it is open: it opens a network.
        if st.toggle(t("Choose one"), key="conv_taking", value=False):
            try:
                _choose(now)
            except ReaderError as error:
                st.error(message(error), icon=":material/info:")


def _choose(now: Setting) -> None:
    key = st.selectbox(t("Network"), NETWORKS, key="conv_network", format_func=_title)
    weights = _weights(key)
    layer = st.selectbox(t("Layer"), list(weights), key=f"conv_layer_{key}")
    weight = weights[layer]
    outputs, inputs = weight.shape[:2]
    output = st.number_input(t("Its output channel"), 0, outputs - 1, key=f"conv_from_{key}_{layer}")
    choices = [*([_WHOLE] if inputs > 1 else []), *range(inputs)]
    source = st.selectbox(
        t("Its input channel"),
        choices,
        key=f"conv_of_{key}_{layer}",
        format_func=lambda one: t("all: the whole filter") if one == _WHOLE else str(one),
    )
    name = f"{key}/{layer}/{output}" + ("" if source == _WHOLE else f"/{source}")
    here = min(st.session_state.get(LOOK, (0, 0))[0], now.layer.out_channels - 1)
    st.button(
        t("Take it for output {channel}", channel=here),
        key="conv_take",
        type="primary",
        width="stretch",
        on_click=_take,
        args=(here, name, tuple(weight.shape[2:])),
    )


def _take(output: int, name: str, shape: tuple[int, int]) -> None:
    put(setting().with_layer(kernel=shape).with_filter(output, name))


def _title(key: str) -> str:
    from explainer.models.entries import find

    return find(key).title
