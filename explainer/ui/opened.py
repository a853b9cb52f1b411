"""Networks and traces that all readers share, within a budget of memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.errors import ReaderError
from explainer.models.own import OWN, OwnWeights, Shelf
from explainer.models.shown import SHOWN, find_shown, shown_keys
from explainer.ui.memory import Memory

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from explainer.models import LoadedModel, Prediction
    from explainer.models.weights import Progress
    from explainer.tracing import Node, Trace


@dataclass(frozen=True, eq=False)
class Opened:
    """One image in one network: the forward pass and what it says."""

    key: str
    loaded: LoadedModel
    trace: Trace
    logits: Node
    predictions: list[Prediction]
    picture: np.ndarray
    """The image as the network received it, uint8 [H, W, 3]."""


@st.cache_resource(show_spinner=False)
def _networks() -> Memory[LoadedModel]:
    return Memory(
        3 << 30, lambda loaded: sum(p.numel() * p.element_size() for p in loaded.model.state_dict().values())
    )


@st.cache_resource(show_spinner=False)
def _traces() -> Memory[Opened]:
    return Memory(3 << 30, _size)


@st.cache_resource(show_spinner=False)
def _frames() -> Memory[bytes]:
    return Memory(128 << 20, len)


def _size(opened: Opened) -> int:
    """Return the bytes that go when a trace goes.

    As if every value were there: those that the trace has let go come back when a layer is opened. The
    weights count, too: a trace holds its network even where that has given way itself.
    """
    values = sum(prod(node.shape) * node.dtype.itemsize for node in opened.trace.nodes)
    return values + sum(p.numel() * p.element_size() for p in opened.loaded.model.parameters())


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """Return the files of weights that readers brought along."""
    return Shelf()


def network(key: str, weights: str, progress: Progress | None = None) -> LoadedModel:
    """Return a network: of the catalogue or a reader's own, loaded once for everybody; or a live one.

    Raises:
        ReaderError: it cannot be had; the message says why.
    """
    if key.startswith(SHOWN):
        return find_shown(key).loaded
    settle_threads()
    if weights.startswith(OWN):
        own = shelf().get(weights)
        return _networks().get((key, weights), lambda: _load_own(key, own))
    if "." in weights or "/" in weights or os.sep in weights:
        raise ReaderError("A link cannot name a file of weights. Upload it instead.")
    from explainer.models import load_model

    return _networks().get((key, weights), lambda: load_model(key, weights, progress))


def _load_own(key: str, own: OwnWeights) -> LoadedModel:
    from explainer.models import load_model

    loaded = load_model(key, own.path, classes=own.classes, preprocessing=own.preprocessing, name=own.name)
    return replace(loaded, card={**loaded.card, "weights": own.name})


def open_image(key: str, weights: str, identity: str, image: Image.Image) -> Opened:
    """Return the trace of an image in a network that ``network`` has loaded; traced once for everybody."""
    name = f"{key}/{weights}/{identity}"
    return _traces().get(name, lambda: _trace(name, network(key, weights), image))


def kept_trace(name: str, make: Callable[[], Opened]) -> Opened:
    """Return a trace of a network that is not in the catalogue, such as one that is about to be trained."""
    return _traces().get(name, make)


def frame(name: str, make: Callable[[], bytes]) -> bytes:
    """Return a packed frame, made once for everybody."""
    return _frames().get(name, make)


def _trace(name: str, loaded: LoadedModel, image: Image.Image) -> Opened:
    from explainer.models import top_classes
    from explainer.tracing import trace, with_softmax

    images = loaded.preprocessing.apply(image)
    recorded = trace(loaded.model, images)
    logits = recorded.nodes[-1]
    if logits.output.ndim == 2:
        recorded = with_softmax(recorded, logits)
    return Opened(
        key=name,
        loaded=loaded,
        trace=recorded,
        logits=logits,
        predictions=top_classes(logits.output[0], loaded.classes, k=10) if logits.output.ndim == 2 else [],
        picture=loaded.preprocessing.as_seen(images),
    )


def threads() -> int:
    """Return how many threads one reader's work may use: on busy shared cores more are slower than one."""
    return max(1, min(4, (os.cpu_count() or 2) // 2))


@st.cache_resource(show_spinner=False)
def settle_threads() -> Any:
    """Tell PyTorch how many threads it may use, once for the life of the server."""
    import torch

    if shown_keys():  # the process is somebody's script or notebook: its threads are its own
        return
    torch.set_num_threads(threads())
