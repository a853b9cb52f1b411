"""The head of the Layers page: which layer, what it is, what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.address import take_over
from explainer.ui.language import t
from explainer.ui.subject import choose_layer, place, put_place

if TYPE_CHECKING:
    from explainer.tracing import Node
    from explainer.ui.subject import Subject


def draw_picker(subject: Subject) -> Node:
    """Draw the list of layers between the buttons that step through it; return the layer in the link."""
    from explainer.render.planes import extent_of

    layers = [node for node in subject.trace.nodes if extent_of(node) is not None]
    here = place(subject)[0]
    current = here if here in layers else first_convolution(subject)
    at = layers.index(current)
    with st.container(key="layer_picker", horizontal=True, vertical_alignment="bottom", gap="small"):
        _step("layer_before", ":material/chevron_left:", t("Previous layer"), layers[at - 1] if at else None)
        node = choose_layer(subject, default=current)
        later = layers[at + 1] if at + 1 < len(layers) else None
        _step("layer_after", ":material/chevron_right:", t("Next layer"), later)
    return node


def first_convolution(subject: Subject) -> Node:
    """Return the layer to begin with: the first convolution, else the first operation with channels."""
    from explainer.render.planes import extent_of

    layers = [node for node in subject.trace.nodes if extent_of(node) is not None]
    convolutions = (node for node in layers if node.kind.startswith("conv"))
    return next(convolutions, layers[min(1, len(layers) - 1)])


def _step(key: str, icon: str, label: str, node: Node | None) -> None:
    st.button(
        icon,
        key=key,
        help=label if node is None else f"{label}: {node.name}",
        disabled=node is None,
        on_click=_go,
        args=("" if node is None else node.name,),
    )


def _go(name: str) -> None:
    take_over()
    put_place(name)


def draw_line(subject: Subject, node: Node) -> None:
    """Say in one line what the layer is, what goes in and out, and what it costs."""
    from explainer.tracing import cost

    own = cost(subject.trace)[node]
    shapes = " + ".join(_shape(source) for source in node.inputs) or t("the image")
    parts = [f"`{_what(node)}`", f"{shapes} → **{_shape(node)}**"]
    if own.parameters:
        parts.append(t("{count} parameters", count=f"{own.parameters:,}"))
    elif node.arguments.get("weight") is not None:
        parts.append(t("parameters shared with an earlier layer"))
    if own.flops:
        parts.append(f"{_short(own.flops)} FLOPs".replace(" ", "\N{NO-BREAK SPACE}"))
    st.markdown(" · ".join(parts))


def _what(node: Node) -> str:
    """Return the module as PyTorch writes it where the layer is one, else the operation's name."""
    return node.call.description if node.name.split(":")[0] == node.module else node.kind


def _shape(node: Node) -> str:
    return "×".join(map(str, node.shape[1:]))


def _short(count: int) -> str:
    """Write 231211008 as 231 M."""
    value, units = float(count), ["", " k", " M", " G", " T"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.3g}{units[0]}"
