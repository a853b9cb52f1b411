"""What a page is about: a network and an image, chosen alike on every page, kept in the link, traced."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.painted import painted, tell_when_painted
from explainer.ui.about import about_network
from explainer.ui.address import PLACE, place_in_address
from explainer.ui.fetching import loaded_in_view, say_untrained
from explainer.ui.language import t
from explainer.ui.numbers import number_in
from explainer.ui.opened import Opened, network, open_image
from explainer.ui.pickers import HANDWRITING, ChosenImage, choose_image, choose_model, draw_digit

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explainer.models import CatalogEntry
    from explainer.models.weights import Progress
    from explainer.render.snippet import Origin
    from explainer.tracing import Node, Trace

CLASS = "class"
_PAINTED = "page_painted"


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, an image, and the forward pass of one through the other.

    The forward pass is looked up each time: what a fragment is called with lives as long as its session,
    traces do not.
    """

    entry: CatalogEntry
    weights: str
    """``"default"``, ``"none"``, or what else ``?weights=`` names."""
    chosen: ChosenImage
    stage: DeltaGenerator
    """Where the page goes on."""

    @property
    def opened(self) -> Opened:
        """The network with the image in it."""
        return open_image(self.entry.key, self.weights, self.chosen.identity, self.chosen.image)

    @property
    def trace(self) -> Trace:
        """The recorded forward pass."""
        return self.opened.trace

    @property
    def origin(self) -> Origin:
        """Where network and image come from, in words that code can use."""
        return self.chosen.origin(self.entry.key, self.weights)

    def class_name(self, index: int) -> str:
        """Return what an output is called."""
        classes = self.opened.loaded.classes
        return classes[index] if index < len(classes) else t("class {number}", number=index)


def choose_subject() -> Subject | None:
    """Draw what to choose from, and return what was chosen, traced.

    ``None`` while that cannot be had: PyTorch is imported only once the page is on the screen; or the reader
    has been told why not. The page then ends here.
    """
    left, right = st.columns([6, 8], vertical_alignment="bottom")
    with left, st.container(horizontal=True, vertical_alignment="bottom"):
        entry = choose_model()
        about = st.popover(t("About"), icon=":material/info:", width="content")
    with right:
        chosen = choose_image(entry, thumbnails=_ready())
    stage = st.container()
    if entry.key == HANDWRITING:
        pad, stage = st.columns([1, 4])
        with pad:
            chosen = draw_digit() or chosen
    with stage:
        if not _ready():
            tell_when_painted(_PAINTED)
            return None
        weights = _weights()
        opened = open_subject(entry.key, weights, chosen)
    if opened is None:
        return None
    with about:
        about_network(opened)
    return Subject(entry, weights, chosen, stage)


def open_subject(
    model: str, weights: str, chosen: ChosenImage, *, parameter: str = "weights", badge: bool = True
) -> Opened | None:
    """Load a network and trace an image, showing progress; ``None`` where the reader is told why not.

    Args:
        model: key of the network.
        weights: which of its weights.
        chosen: the image.
        parameter: of the link, which says which weights; empty where random ones are no way out.
        badge: whether to say of random weights that they are.
    """

    def load(progress: Progress) -> Opened:
        network(model, weights, progress)
        return open_image(model, weights, chosen.identity, chosen.image)

    opened = loaded_in_view(load, parameter)
    if badge and opened is not None and not opened.loaded.trained:
        say_untrained()
    return opened


def place(subject: Subject) -> tuple[Node | None, int | None, int | None, int | None]:
    """Return the node, channel, row and column that the link names; ``None`` for what it leaves out."""
    from explainer.render.answers import read_place

    text = place_in_address()
    if text.split("/")[0] not in subject.trace:
        return None, None, None, None
    return read_place(subject.trace, text)


def put_place(name: str, channel: int | None = None, y: int | None = None, x: int | None = None) -> None:
    """Put a place into the link: a node's name, for what a callback holds lives as long as its session."""
    parts = [name]
    if channel is not None:
        parts.append(str(channel))
        if y is not None and x is not None:
            parts.append(f"{y},{x}")
    st.query_params[PLACE] = "/".join(parts)


def choose_layer(
    subject: Subject,
    *,
    default: Node | None = None,
    only: Callable[[Node], bool] | None = None,
    label: str | None = None,
) -> Node:
    """Draw the searchable list of a network's operations; the choice is the node in ``?at=``.

    Args:
        subject: what the page is about.
        default: chosen while the link names none; the first of the list without.
        only: which operations to offer; those whose output has channels without.
        label: what the list is called.
    """
    from explainer.render.planes import extent_of

    offered = {
        node.name: node
        for node in subject.trace.nodes
        if (only or (lambda n: extent_of(n) is not None))(node)
    }
    wanted = place(subject)[0] or default
    chosen = wanted.name if wanted is not None and wanted.name in offered else next(iter(offered))
    return list_layers(offered, chosen, label=label or t("Layer"), key="layer")


def list_layers(
    offered: Mapping[str, Node], chosen: str, *, label: str, key: str, parameter: str = PLACE
) -> Node:
    """Draw a list of layers; what the reader chooses stands in the link from then on.

    Args:
        offered: the layers by name.
        chosen: name of the one that the link means.
        label: translated.
        key: of the list.
        parameter: of the link.
    """
    st.session_state[key] = chosen  # the list follows the link and the history
    titles = {name: layer_title(node) for name, node in offered.items()}  # the session keeps these
    st.selectbox(
        label,
        list(titles),
        key=key,
        format_func=lambda name: titles.get(name, name),
        on_change=lambda: st.query_params.__setitem__(parameter, st.session_state[key]),
    )
    return offered[chosen]


def layer_title(node: Node) -> str:
    """Return a layer's name, kind and size in one line."""
    return f"{node.name} · {node.kind} · {'×'.join(map(str, node.shape[1:]))}"


def choose_class(subject: Subject, *, label: str | None = None) -> int:
    """Draw the searchable list of classes, the most likely first; the choice is ``?class=``.

    Without a choice it is the network's answer.
    """
    count = subject.opened.logits.shape[-1]
    probabilities = subject.opened.logits.output[0].softmax(0).tolist()
    order = sorted(range(count), key=probabilities.__getitem__, reverse=True)
    wanted = class_in_link(count)
    chosen = order[0] if wanted is None else wanted
    st.session_state["class"] = chosen
    st.selectbox(
        label or t("Class"),
        order,
        key="class",
        format_func=lambda index: f"{subject.class_name(index)} · {probabilities[index]:.1%}",
        on_change=lambda: st.query_params.__setitem__(CLASS, str(st.session_state["class"])),
    )
    return chosen


def class_in_link(count: int) -> int | None:
    """Return the class of ``?class=``, if it is one of so many."""
    return number_in(st.query_params.get(CLASS), 0, count - 1)


def _weights() -> str:
    """Return the weights that the link names; never a path, for a link may come from anyone."""
    wanted = st.query_params.get("weights", "")
    return wanted if wanted == "none" or wanted.startswith("file-") else "default"


def _ready() -> bool:
    """Whether what takes long may begin: PyTorch is here, or the rest of the page is on the screen."""
    return "torch" in sys.modules or painted(_PAINTED)
