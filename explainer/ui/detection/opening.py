"""Detectors that have been opened: once for all readers, from the catalogue or from a reader's own file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.detection import DetectorEntry
from explainer.detection.own import OwnDetector
from explainer.errors import ReaderError
from explainer.models.own import OWN
from explainer.render.detector_code import opener
from explainer.ui.memory import Memory
from explainer.ui.opened import settle_threads, shelf

if TYPE_CHECKING:
    from explainer.detection import Detector
    from explainer.models.weights import Progress

_BUDGET = 1 << 30
_NO_DETECTOR = "The file {name} was opened as a classifier. Upload it here to open it as a detector."


@dataclass(frozen=True, eq=False)
class Opened:
    """A detector that the reader has chosen."""

    key: str
    entry: DetectorEntry
    weights: str
    """``"default"``, ``"none"`` or the identity of a reader's file."""
    detector: Detector
    own: OwnDetector | None = None
    """The reader's file."""

    @property
    def code(self) -> str:
        """An expression that opens it, anywhere."""
        if self.own is None:
            return opener(self.key, self.weights)
        usual = self.own.side in (0, self.entry.side)
        return opener(self.key, self.own.name, self.own.classes or (), 0 if usual else self.own.side)

    @property
    def file(self) -> str:
        """What opens it in another process of this machine: ``"default"``, ``"none"`` or a path."""
        return self.weights if self.own is None else str(self.own.path)


@st.cache_resource(show_spinner=False)
def _detectors() -> Memory[Detector]:
    return Memory(_BUDGET, _size)


def _size(detector: Detector) -> int:
    """Return the bytes of a detector, as if it had been asked for both of its faster versions."""
    return 3 * sum(value.numel() * value.element_size() for value in detector.model.state_dict().values())


def opened_detector(key: str, weights: str = "default", progress: Progress | None = None) -> Detector:
    """Return a detector, loaded once for everybody; nothing may change it.

    Args:
        key: of the catalogue.
        weights: ``"default"``, ``"none"`` or the identity of a reader's file, which knows its own key.
        progress: told the bytes downloaded and the bytes in all.

    Raises:
        ReaderError: it cannot be had; the message says why.
    """
    if weights not in ("default", "none") and not weights.startswith(OWN):
        raise ReaderError("A link cannot name a file of weights. Upload it instead.")
    settle_threads()
    from explainer.detection import load_detector

    if weights.startswith(OWN):
        own = own_detector(weights)
        return _detectors().get(
            (own.key, weights),
            lambda: load_detector(own.key, own.path, classes=own.classes, name=own.name, side=own.side),
        )
    return _detectors().get((key, weights), lambda: load_detector(key, weights, progress))


def own_detector(identity: str) -> OwnDetector:
    """Return what an identity in a link names.

    Raises:
        ReaderError: it is not here any more, or is no detector.
    """
    own = shelf().get(identity)
    if not isinstance(own, OwnDetector):
        raise ReaderError(_NO_DETECTOR, name=own.name)
    return own
