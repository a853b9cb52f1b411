"""What is compared with what: the second side, the layers of both, all in the link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.pickers import DEFAULT_MODEL, choose_model, choose_second_image
from explainer.ui.subject import PLACE, Subject, choose_layer, layer_title, open_subject

if TYPE_CHECKING:
    from explainer.tracing import Node

WHAT = "what"
"""Name of the query parameter that says what is compared."""
MODES = {
    "models": later("Two networks"),
    "images": later("Two images"),
    "weights": later("Before and after training"),
    "precision": later("Number formats"),
}
SECOND_PLACE = f"{PLACE}2"
_WEIGHTS = {
    "default": later("trained weights"),
    "none": later("random weights"),
}


@dataclass(frozen=True, eq=False)
class Twin:
    """Two subjects and a layer of each."""

    mode: str
    first: Subject
    second: Subject
    layer: Node
    """Of the first."""
    other: Node
    """Of the second."""

    @property
    def linked(self) -> bool:
        """Whether it is the same layer of the same architecture."""
        return (
            self.first.entry.key == self.second.entry.key
            and self.layer.name == self.other.name
            and self.layer.shape == self.other.shape
        )


def choose_mode() -> str:
    """Draw what can be compared; the choice is ``?what=``."""
    wanted = st.query_params.get(WHAT, "")
    st.session_state[WHAT] = wanted if wanted in MODES else "models"  # follows the link and the history
    chosen = st.segmented_control(
        t("What to compare"),
        list(MODES),
        key=WHAT,
        format_func=lambda name: t(MODES[name]),
        required=True,
        label_visibility="collapsed",
        on_change=_change_mode,
    )
    return str(chosen)


def _change_mode() -> None:
    st.query_params[WHAT] = st.session_state[WHAT]
    st.query_params.pop(SECOND_PLACE, None)


def choose_second(mode: str, first: Subject) -> Subject | None:
    """Draw the picker of the second side; ``None`` where it cannot be had and the reader is told why."""
    if mode == "images":
        second = replace(first, chosen=choose_second_image(first.entry))
        return second if open_subject(first.entry.key, first.weights, second.chosen) else None
    if mode == "models":
        default = "resnet20" if first.entry.key == DEFAULT_MODEL else DEFAULT_MODEL
        entry = choose_model(number="2", default=default, label=t("Second network"))
        wanted = st.query_params.get("weights2", "")
        weights = wanted if wanted == "none" or wanted.startswith("file-") else "default"
    else:
        entry, weights = first.entry, _choose_weights(first)
    if open_subject(entry.key, weights, first.chosen, parameter="weights2") is None:
        return None
    return replace(first, entry=entry, weights=weights)


def _choose_weights(first: Subject) -> str:
    """Draw the other weights of the same network; the choice is ``?weights2=``."""
    offered = list(dict.fromkeys(["none", "default", *_own_weights(first)]))
    offered = [weights for weights in offered if weights != first.weights]
    wanted = st.query_params.get("weights2", "")
    if wanted.startswith("file-") and wanted not in offered and wanted != first.weights:
        offered.append(wanted)
    st.session_state["weights2"] = wanted if wanted in offered else offered[0]
    chosen = st.selectbox(
        t("Compare with"),
        offered,
        key="weights2",
        format_func=weights_title,
        on_change=lambda: st.query_params.__setitem__("weights2", st.session_state["weights2"]),
    )
    return str(chosen)


def _own_weights(first: Subject) -> list[str]:
    """Return the weights that the link names, beside those that every network has."""
    return [first.weights] if first.weights.startswith("file-") else []


def weights_title(weights: str) -> str:
    """Return in words which weights these are."""
    return t(_WEIGHTS[weights]) if weights in _WEIGHTS else t("your weights ({name})", name=weights[:13])


def choose_layers(first: Subject, second: Subject) -> tuple[Node, Node]:
    """Draw a list of layers for each side; the choices are in ``?at=`` and ``?at2=``.

    Another layer on the first side takes the second one along.
    """
    from explainer.render.twins import twin_of_layer

    left, right = st.columns(2)
    with left:
        layer = choose_one_layer(first)
    before = st.session_state.get("compared_layer")
    st.session_state["compared_layer"] = layer.name
    if before not in (None, layer.name):
        st.query_params.pop(SECOND_PLACE, None)
    with right:
        other = _choose_other(second, twin_of_layer(layer, first.trace, second.trace))
    return layer, other


def choose_one_layer(subject: Subject) -> Node:
    """Draw the list of layers with a place in the picture; the choice is in ``?at=``."""
    from explainer.attribution import has_place

    trace = subject.trace
    return choose_layer(subject, default=_last(subject), only=lambda node: has_place(trace, node))


def _choose_other(second: Subject, default: Node) -> Node:
    from explainer.render.twins import places

    offered = {node.name: node for node in places(second.trace)}
    wanted = st.query_params.get(SECOND_PLACE, "").split("/")[0]
    chosen = wanted if wanted in offered else default.name
    st.session_state["layer2"] = chosen  # the list follows the link and the history
    st.selectbox(
        t("Layer of the second"),
        list(offered),
        key="layer2",
        format_func=lambda name: layer_title(offered[name]) if name in offered else name,
        on_change=lambda: st.query_params.__setitem__(SECOND_PLACE, st.session_state["layer2"]),
    )
    return offered[chosen]


def _last(subject: Subject) -> Node:
    """Return the last convolution: deep enough to mean something, early enough to say where."""
    from explainer.render.twins import places

    found = places(subject.trace)
    return next((node for node in reversed(found) if node.kind.startswith("conv")), found[-1])
