"""Sliders of any layer of a chain, and buttons that add one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import later, t

if TYPE_CHECKING:
    from explainer.playground.layer_specs import LayerSpec
    from explainer.playground.stacking import Stack

    Take = Callable[[tuple[LayerSpec, ...]], object]

_SLIDERS: dict[str, tuple[str, int, int]] = {
    "out_channels": (later("Output channels"), 1, 128),
    "out_features": (later("Outputs"), 1, 512),
    "kernel_size": (later("Size"), 1, 11),
    "stride": (later("Stride"), 1, 4),
    "padding": (later("Padding"), 0, 5),
    "dilation": (later("Dilation"), 1, 6),
}
"""Title, least and largest value of each argument that has a slider."""
_ADDED: dict[str, tuple[str, dict[str, Any]]] = {
    "Conv2d": (later("Convolution"), {"kernel_size": 3, "padding": 1}),
    "ReLU": ("ReLU", {}),
    "MaxPool2d": (later("Max pooling"), {"kernel_size": 2}),
    "AvgPool2d": (later("Average pooling"), {"kernel_size": 2}),
    "BatchNorm2d": (later("Batch norm"), {}),
    "AdaptiveAvgPool2d": (later("Global average"), {"output_size": 1}),
    "Flatten": (later("Flatten"), {}),
    "Linear": (later("Dense layer"), {"out_features": 10}),
}


def draw_sliders(stack: Stack, at: int, take: Take) -> None:
    """Draw the sliders of one layer; ``take`` gets the whole chain with the change."""
    spec = stack.specs[at]
    names = [name for name in _SLIDERS if name in spec.arguments]
    if not names:
        st.caption(t("nn.{kind} has nothing to set here. Choose another layer above.", kind=spec.kind))
        return
    with st.container(horizontal=True, gap="medium"):
        for name in names:
            _slider(stack, at, name, take)


def _slider(stack: Stack, at: int, name: str, take: Take) -> None:
    spec = stack.specs[at]
    title, low, high = _SLIDERS[name]
    value = spec[name][0] if isinstance(spec[name], tuple) else spec[name]
    if isinstance(value, str):  # padding="same" has no number
        value = spec["dilation"][0] * (spec["kernel_size"][0] - 1) // 2
    if name == "padding" and "Pool" in spec.kind:
        high = max(1, min(spec["kernel_size"]) // 2)
    key = f"stack_{name}"
    st.session_state[key] = value

    def change() -> None:
        chain = list(stack.specs)
        chain[at] = _changed(spec, name, st.session_state[key])
        take(tuple(chain))

    st.slider(t(title), low, max(high, value), key=key, on_change=change, width=165)


def _changed(spec: LayerSpec, name: str, value: int) -> LayerSpec:
    """Return the layer with one value changed, and what hangs on it."""
    changes: dict[str, Any] = {name: value}
    if name == "kernel_size" and "Pool" in spec.kind:
        if spec["stride"] == spec["kernel_size"]:
            changes["stride"] = value
        changes["padding"] = min(*spec["padding"], value // 2)
    if name == "stride" and spec.arguments.get("padding") == "same":
        changes["padding"] = tuple(
            dilation * (size - 1) // 2
            for size, dilation in zip(spec["kernel_size"], spec["dilation"], strict=True)
        )
    if name == "out_channels" and value % spec["groups"]:
        changes["groups"] = 1
    return spec.but(**changes)


def draw_adding(stack: Stack, at: int, take: Take) -> None:
    """Draw the buttons that add a layer behind one; ``take`` gets the longer chain."""
    st.caption(t("Add behind it:"))
    with st.container(horizontal=True, gap="xsmall", key="stack_adding"):
        for kind, (title, arguments) in _ADDED.items():
            st.button(
                t(title),
                key=f"stack_add_{kind}",
                on_click=_add,
                args=(stack, at, kind, arguments, take),
            )


def _add(stack: Stack, at: int, kind: str, arguments: dict[str, Any], take: Take) -> None:
    from explainer.playground.layer_code import layer

    shape = stack.steps[at].shape
    channels = min(shape[0], 4096)
    given = dict(arguments)
    if kind == "Conv2d":
        given |= {"in_channels": channels, "out_channels": min(channels, 128)}
    elif kind == "BatchNorm2d":
        given["num_features"] = channels
    elif kind == "Linear":
        given["in_features"] = min(shape[-1], 65536)
    chain = list(stack.specs)
    chain.insert(at + 1, layer(kind, **given))
    take(tuple(chain))
