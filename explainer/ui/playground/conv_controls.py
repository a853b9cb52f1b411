"""The settings of a convolution as sliders and switches; all of them stand in the link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.playground import conv_input, conv_kernels
from explainer.ui.playground.conv_state import change, put, setting

if TYPE_CHECKING:
    from explainer.playground.conv_setting import Setting
    from explainer.playground.convolution import Pair

_APART = "conv_apart"
_MODES = {
    "zeros": later("Zeros"),
    "reflect": later("Reflect"),
    "replicate": later("Replicate"),
    "circular": later("Circular"),
}


def draw(now: Setting) -> None:
    """Draw everything that can be set."""
    conv_input.draw_source(now)
    layer = now.layer
    _segmented(
        "kind",
        t("Layer"),
        {"plain": later("Convolution"), "transposed": later("Transposed")},
        "transposed" if layer.transposed else "plain",
        lambda s, value: s.with_layer(transposed=value == "transposed"),
    )
    apart = _pairs(now)
    if not layer.transposed:
        key = "conv_mode"
        st.session_state[key] = layer.padding_mode
        st.selectbox(
            t("What the padding holds"),
            list(_MODES),
            key=key,
            format_func=lambda mode: t(_MODES[mode]),
            disabled=layer.margins == ((0, 0), (0, 0)),
            on_change=change,
            args=(key, lambda s, value: s.with_layer(padding_mode=value)),
        )
    _channels(now)
    with st.container(key="conv_switches", gap="xxsmall"):
        st.session_state[_APART] = apart
        st.toggle(
            t("Rows and columns apart"),
            key=_APART,
            help=t("Kernel, stride, padding and dilation may differ between the two directions."),
            on_change=_set_apart,
        )
        _switch("bias", t("Bias"), layer.bias, lambda s, value: s.with_layer(bias=value))
        _switch("relu", t("ReLU behind it"), now.relu, lambda s, value: replace(s, relu=value))
        _switch(
            "flip",
            t("True convolution: turn the kernel"),
            now.flip,
            lambda s, value: replace(s, flip=value),
            help=t(
                "Mathematics turns the kernel by half a turn before it slides. What PyTorch calls a "
                "convolution does not: it is a cross-correlation. For learned kernels it makes no difference."
            ),
        )
    conv_kernels.draw_taking(now)
    st.button(t("Reset"), icon=":material/restart_alt:", key="conv_reset", on_click=_reset)


def _reset() -> None:
    from explainer.playground.conv_setting import Setting

    st.session_state[_APART] = False
    put(Setting())


def _set_apart() -> None:
    """With one slider for both directions again, the columns follow the rows."""
    if st.session_state[_APART]:
        return
    layer = setting().layer
    both = {
        name: (getattr(layer, name)[0],) * 2 for name in ("kernel", "stride", "dilation", "output_padding")
    }
    if layer.padding != "same":
        both["padding"] = (layer.padding[0],) * 2
    put(setting().with_layer(**both))


# --- sizes ------------------------------------------------------------------------------------------------


def _pairs(now: Setting) -> bool:
    """Draw the sizes of two directions; return whether these are apart."""
    from explainer.playground.conv_setting import MOST_DILATION, MOST_KERNEL, MOST_PADDING, MOST_STRIDE

    layer = now.layer
    same = layer.padding == "same"
    padding = layer.margins[0][0], layer.margins[1][0]
    table: list[tuple[str, str, int, int, Pair]] = [
        ("kernel", t("Kernel"), 1, MOST_KERNEL, layer.kernel),
        ("stride", t("Stride"), 1, MOST_STRIDE, layer.stride),
        ("padding", t("Padding"), 0, MOST_PADDING, padding),
        ("dilation", t("Dilation"), 1, MOST_DILATION, layer.dilation),
    ]
    if layer.transposed:
        most = max(1, *layer.stride, *layer.dilation) - 1
        if most:
            table.append(("output_padding", t("Output padding"), 0, most, layer.output_padding))
    apart = bool(st.session_state.get(_APART)) or any(pair[0] != pair[1] for *_, pair in table)
    columns = st.columns(2, gap="small")
    for nth, (name, label, low, high, pair) in enumerate(table):
        if apart:
            columns = st.columns(2, gap="small")
            for axis, where in enumerate((t("rows"), t("columns"))):
                with columns[axis]:
                    _slider(
                        f"{name}{axis}", f"{label}, {where}", low, high, pair[axis], partial(_one, name, axis)
                    )
        else:
            with columns[nth % 2]:
                _slider(name, label, low, high, pair[0], partial(_both, name))
    if not layer.transposed and layer.stride == (1, 1):
        _switch(
            "same",
            'padding="same"',
            same,
            lambda s, value: s.with_layer(
                padding="same" if value else (s.layer.margins[0][0], s.layer.margins[1][0])
            ),
            help=t("As much padding as keeps the size; an odd cell goes to the far end."),
        )
    return apart


def _both(name: str, now: Setting, value: int) -> Setting:
    return now.with_layer(**{name: (value, value)})


def _one(name: str, axis: int, now: Setting, value: int) -> Setting:
    pair = getattr(now.layer, name)
    if pair == "same":
        pair = now.layer.margins[0][0], now.layer.margins[1][0]
    return now.with_layer(**{name: (value, pair[1]) if axis == 0 else (pair[0], value)})


def _channels(now: Setting) -> None:
    from math import gcd

    from explainer.playground.conv_setting import MOST_CHANNELS

    layer = now.layer
    first, second = st.columns(2, gap="small")
    with first:
        _slider(
            "in",
            t("Input channels"),
            1,
            MOST_CHANNELS,
            layer.in_channels,
            lambda s, v: s.with_layer(in_channels=v),
        )
    with second:
        _slider(
            "out", t("Output channels"), 1, MOST_CHANNELS, layer.out_channels,
            lambda s, v: s.with_layer(out_channels=v),
        )  # fmt: skip
    common = gcd(layer.in_channels, layer.out_channels)
    if common > 1:
        divisors = [count for count in range(1, common + 1) if common % count == 0]
        key = "conv_groups"
        st.session_state[key] = layer.groups
        st.select_slider(
            t("Groups"),
            divisors,
            key=key,
            on_change=change,
            args=(key, lambda s, value: s.with_layer(groups=value)),
        )


# --- widgets that follow the link -------------------------------------------------------------------------


def _slider(
    name: str, label: str, low: int, high: int, value: int, make: Callable[[Setting, Any], Setting]
) -> None:
    key = f"conv_{name}"
    st.session_state[key] = min(max(value, low), high)
    st.slider(label, low, high, key=key, on_change=change, args=(key, make))


def _switch(
    name: str, label: str, value: bool, make: Callable[[Setting, Any], Setting], help: str | None = None
) -> None:
    key = f"conv_{name}"
    st.session_state[key] = value
    st.toggle(label, key=key, help=help, on_change=change, args=(key, make))


def _segmented(
    name: str,
    label: str,
    titles: Mapping[str, str],
    value: str,
    make: Callable[[Setting, Any], Setting],
) -> None:
    key = f"conv_{name}"
    st.session_state[key] = value
    st.segmented_control(
        label,
        list(titles),
        key=key,
        format_func=lambda one: t(titles[one]),
        required=True,
        on_change=change,
        args=(key, make),
    )
