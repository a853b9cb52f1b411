"""Kernels from trained networks, for the convolution of the playground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.models.own import OWN
from explainer.ui.language import t
from explainer.ui.messages import message
from explainer.ui.opened import network, shelf
from explainer.ui.playground.conv_state import put, setting

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explainer.playground.conv_setting import Setting

LOOK = "conv_look"
"""The output and the input channel that the reader has chosen in the view."""
BUNDLED = ("resnet20", "tiny_vgg", "lenet5")
"""They need no download."""
_WHOLE = -1


def taken(now: Setting) -> Mapping[str, Tensor]:
    """Return the kernels of networks that a setting names; what is not there is passed over."""
    from explainer.playground.kernels_preset import TAKEN

    found = {}
    for name in set(now.names):
        if TAKEN in name and (kernel := _kernel(name)) is not None:
            found[name] = kernel
    return found


def titles(now: Setting) -> list[tuple[str, str]]:
    """Return name and title of the kernels that a setting takes from the reader's files."""
    found = []
    for name in sorted(set(now.names)):
        identity, *rest = name.split("/")
        if identity.startswith(OWN) and (own := shelf().find(identity)) is not None:
            found.append((name, "/".join([own.name, *rest])))
    return found


def _kernel(name: str) -> Tensor | None:
    """Return the kernel [h, w] or filter [inputs, h, w] of a name such as ``resnet20/conv1/5/2``."""
    key, layer, *places = name.split("/")
    if not _is_here(key):
        return None
    try:
        weight = _weights(key).get(layer)
    except ReaderError:
        return None
    try:
        return None if weight is None else weight[tuple(int(place) for place in places)]
    except (IndexError, ValueError):  # as a link may have it
        return None


def _networks() -> dict[str, str]:
    """Return titles by key: bundled networks, published ones on this machine, and the reader's own files."""
    from explainer.models.entries import catalog, find
    from explainer.models.weights import checkpoint_folder

    found = {key: find(key).title for key in BUNDLED}
    if any(checkpoint_folder().glob("*")):  # torchvision, which knows the files, takes a while to load
        found |= {one.key: one.title for one in catalog() if one.key not in found and _is_here(one.key)}
    for _, identity in st.session_state.get("own_opened", []):
        if (own := shelf().find(identity)) is not None:
            found[identity] = own.name
    return found


def _is_here(key: str) -> bool:
    """Return whether a network opens without a download; ``key`` may come from a link."""
    from explainer.models.at_hand import weights_at_hand
    from explainer.models.entries import find

    if key in BUNDLED:
        return True
    if key.startswith(OWN):
        return shelf().find(key) is not None
    try:
        return weights_at_hand(find(key)) == "default"
    except ReaderError:
        return False


def _weights(key: str) -> dict[str, Tensor]:
    """Return the weights of the convolutions of a network that are small enough to be shown, by name."""
    from torch import nn

    from explainer.playground.conv_setting import MOST_KERNEL

    own = shelf().get(key) if key.startswith(OWN) else None
    model: nn.Module = (network(own.key, key) if own else network(key, "default")).model
    return {
        name: module.weight.detach()
        for name, module in model.named_modules()
        if isinstance(module, nn.Conv2d) and max(module.kernel_size) <= MOST_KERNEL
    }


def draw_taking(now: Setting) -> None:
    """Draw the choice of a trained kernel, for the output that is shown."""
    # No popover: it would open towards the end of the screen, and what it holds is higher than is left there.
    inside = st.expander(
        t("A kernel from a trained network"), icon=":material/hub:", key="conv_taking", on_change="rerun"
    )
    if inside.open:  # only then: what is inside opens a network
        with inside:
            try:
                _choose(now)
            except ReaderError as error:
                st.error(message(error), icon=":material/info:")


def _choose(now: Setting) -> None:
    offered = _networks()
    key = st.selectbox(
        t("Network"), list(offered), key="conv_network", format_func=lambda one: offered.get(one, one)
    )
    weights = _weights(key)
    if not weights:
        raise ReaderError("This network has no two-dimensional convolution that fits in here.")
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
