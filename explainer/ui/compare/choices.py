"""What is compared with what: the second side, the layers of both, all in the link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.models.own import OWN
from explainer.ui.language import later, t
from explainer.ui.opened import shelf
from explainer.ui.own_weights import own_weights
from explainer.ui.pickers import DEFAULT_MODEL, choose_model, choose_second_image
from explainer.ui.subject import PLACE, Subject, choose_class, choose_layer, list_layers, open_subject

if TYPE_CHECKING:
    from explainer.models import CatalogEntry
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
_FIRST_LAYER = "compared_layer"
"""Name in the session's state of the first side's layer, to see that it has changed."""
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


def choose_twin(mode: str, first: Subject) -> tuple[Twin, int] | None:
    """Draw what the second side is, the layers of both and the class.

    Returns:
        Both sides and the class of the first; ``None`` where the second cannot be had and the reader is told
        why.
    """
    if mode == "images":
        chosen = choose_second_image(first.entry)
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        notes = st.container()
        second = replace(first, chosen=chosen)
    else:
        beside, left, middle, right = st.columns([4, 3, 3, 3], vertical_alignment="bottom")
        notes = st.container()
        with beside, st.container(horizontal=True, vertical_alignment="bottom"):
            entry, weights = _choose_second(mode, first)
        second = replace(first, entry=entry, weights=weights)
    with notes:
        which = "" if mode == "weights" and first.weights == "none" else "weights2"
        # Of one network the first side has said that it is untrained, and of other weights the list.
        wanted = (second.entry.key, second.weights, second.chosen)
        if open_subject(*wanted, parameter=which, badge=mode == "models") is None:
            return None
    for subject in (first, second):
        if len(subject.opened.logits.shape) != 2:
            raise ReaderError(
                "{network} does not answer with one score for each class, so there is no class to compare "
                "at.",
                network=subject.opened.loaded.title,
            )
    with left:
        layer = choose_one_layer(first)
    with middle:
        other = _choose_other(second, layer, first)
    with right:
        index = choose_class(first)
    return Twin(mode, first, second, layer, other), index


def _choose_second(mode: str, first: Subject) -> tuple[CatalogEntry, str]:
    """Draw the picker of the second network, or of other weights of the first."""
    if mode == "weights":
        return first.entry, _choose_weights(first)
    default = "resnet20" if first.entry.key == DEFAULT_MODEL else DEFAULT_MODEL
    entry = choose_model(number="2", default=default, label=t("Second network"))
    wanted = st.query_params.get("weights2", "")
    return entry, wanted if wanted == "none" or wanted.startswith(OWN) else "default"


def _choose_weights(first: Subject) -> str:
    """Draw the other weights of the same network; the choice is ``?weights2=``.

    Raises:
        ReaderError: there are none.
    """
    key = first.entry.key
    usual = ["none", "default"] if first.entry.weights else ["none"]
    if first.entry.source in ("live", "file"):  # what was given is all there is
        usual = []
    opened = [identity for own, identity in st.session_state.get("own_opened", []) if own == key]
    wanted = st.query_params.get("weights2", "")
    named = [wanted] if wanted.startswith(OWN) and _architecture(wanted) == key else []
    offered = [one for one in dict.fromkeys([*usual, *opened, *named]) if one != first.weights]
    if not offered:
        own_weights(first.entry, "2")
        raise ReaderError("There are no other weights of this network to compare with. Bring your own.")
    st.session_state["weights2"] = wanted if wanted in offered else offered[0]
    chosen = st.selectbox(
        t("Compare with"),
        offered,
        key="weights2",
        format_func=weights_title,
        on_change=lambda: st.query_params.__setitem__("weights2", st.session_state["weights2"]),
    )
    own_weights(first.entry, "2")
    return str(chosen)


def _architecture(weights: str) -> str | None:
    """Return which network a reader's file is weights of; ``None`` if it is no longer here."""
    own = shelf().find(weights)
    return own.key if own is not None else None


def weights_title(weights: str) -> str:
    """Return in words which weights these are."""
    if weights in _WEIGHTS:
        return t(_WEIGHTS[weights])
    own = shelf().find(weights) if weights.startswith(OWN) else None
    return own.name if own is not None else weights


def put_layers(first: str, second: str) -> None:
    """Put a layer of each side into the link."""
    st.query_params[PLACE], st.query_params[SECOND_PLACE] = first, second
    st.session_state[_FIRST_LAYER] = first


def choose_one_layer(subject: Subject) -> Node:
    """Draw the list of layers with a place in the picture; the choice is in ``?at=``."""
    from explainer.attribution import has_place

    trace = subject.trace
    return choose_layer(subject, default=_last(subject), only=lambda node: has_place(trace, node))


def _choose_other(second: Subject, layer: Node, first: Subject) -> Node:
    """Draw the layers of the second side; another layer on the first one takes it along."""
    from explainer.render.twins import places, twin_of_layer

    before = st.session_state.get(_FIRST_LAYER)
    st.session_state[_FIRST_LAYER] = layer.name
    if before not in (None, layer.name):
        st.query_params.pop(SECOND_PLACE, None)
    offered = {node.name: node for node in places(second.trace)}
    wanted = st.query_params.get(SECOND_PLACE, "").split("/")[0]
    chosen = wanted if wanted in offered else twin_of_layer(layer, first.trace, second.trace).name
    return list_layers(offered, chosen, label=t("Layer of the second"), key="layer2", parameter=SECOND_PLACE)


def _last(subject: Subject) -> Node:
    """Return the last convolution: deep enough to mean something, early enough to say where."""
    from explainer.render.twins import places

    found = places(subject.trace)
    return next((node for node in reversed(found) if node.kind.startswith("conv")), found[-1])
