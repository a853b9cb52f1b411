"""Choosing a detector and its thresholds: alike on every page, kept in the link, loaded once for all."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.painted import painted, tell_when_painted
from explainer.detection import DetectorEntry, detectors, find_detector
from explainer.errors import ReaderError
from explainer.ui.fetching import loaded_in_view, say_untrained
from explainer.ui.language import t
from explainer.ui.link import put
from explainer.ui.link_widgets import level
from explainer.ui.memory import Memory
from explainer.ui.messages import message
from explainer.ui.opened import settle_threads

if TYPE_CHECKING:
    from explainer.detection import Detector
    from explainer.models.weights import Progress

SCORES = tuple(round(0.05 * step, 2) for step in range(1, 20))
OVERLAPS = tuple(round(0.05 * step, 2) for step in range(2, 20))
_PAINTED = "detector_painted{}"
_BUDGET = 1 << 30


@dataclass(frozen=True, eq=False)
class Opened:
    """A detector that the reader has chosen."""

    key: str
    entry: DetectorEntry
    weights: str
    """``"default"`` or ``"none"``."""
    detector: Detector


@st.cache_resource(show_spinner=False)
def _detectors() -> Memory[Detector]:
    return Memory(_BUDGET, _size)


def _size(detector: Detector) -> int:
    """Return the bytes of a detector, as if it had been asked for both of its faster versions."""
    return 3 * sum(value.numel() * value.element_size() for value in detector.model.state_dict().values())


def opened_detector(key: str, weights: str = "default", progress: Progress | None = None) -> Detector:
    """Return a detector, loaded once for everybody; nothing may change it.

    Raises:
        ReaderError: it cannot be had; the message says why.
    """
    if weights not in ("default", "none"):
        raise ReaderError("A link cannot name a file of weights. Upload it instead.")
    settle_threads()
    from explainer.detection import load_detector

    return _detectors().get((key, weights), lambda: load_detector(key, weights, progress))


def choose_detector(kinds: tuple[str, ...] = (), *, default: str, number: str = "") -> Opened | None:
    """Draw the list of detectors and return the chosen one, loaded; the choice is ``?detector=``.

    Args:
        kinds: which to offer (``"yolox"``, ``"faster_rcnn"``, ``"ssdlite"``); all for an empty tuple.
        default: chosen while the link names none, or none of these.
        number: of a further detector on the page: with ``"2"`` the choice is ``?detector2=``.

    Returns:
        ``None`` while it cannot be had: PyTorch is imported only once the page is on the screen; or the
        reader has been told why not, and what to do.
    """
    entry = _choose(kinds, default, number)
    if not ("torch" in sys.modules or painted(_PAINTED.format(number))):
        tell_when_painted(_PAINTED.format(number))
        return None
    weights = "none" if st.query_params.get(f"weights{number}") == "none" else "default"
    detector = loaded_in_view(
        lambda progress: opened_detector(entry.key, weights, progress), f"weights{number}"
    )
    if detector is None:
        return None
    if not detector.trained:
        _say_untrained(number)
    return Opened(entry.key, entry, weights, detector)


def thresholds(*, score: float = 0.25, iou: float = 0.45) -> tuple[float, float]:
    """Draw both sliders side by side and return the least score and the overlap: ``?score=``, ``?iou=``.

    Args:
        score: usual one.
        iou: usual one.
    """
    left, right = st.columns(2)
    with left:
        least = level(
            "score", t("Least score"), SCORES, score, help=t("Boxes that are less sure are not shown.")
        )
    with right:
        overlap = level(
            "iou",
            t("Overlap (IoU)"),
            OVERLAPS,
            iou,
            help=t("Of two boxes of one class that overlap by more than this, only the surer one stays."),
        )
    return least, overlap


def detector_title(entry: DetectorEntry) -> str:
    """Return what a list calls a detector: a star if it is bundled, and its size."""
    return f"{'★ ' if entry.bundled else ''}{t(entry.title)} · {entry.parameters / 1e6:.1f} M"


def _choose(kinds: tuple[str, ...], default: str, number: str) -> DetectorEntry:
    name = f"detector{number}"
    offered = {entry.key: entry for entry in detectors(kinds)}
    titles = {key: detector_title(entry) for key, entry in offered.items()}  # the session keeps these
    wanted = st.query_params.get(name, default)
    if wanted not in offered:
        try:
            find_detector(wanted)
        except ReaderError as error:
            st.error(message(error), icon=":material/info:")
        wanted = default
    st.session_state[name] = wanted  # the list follows the link and the history

    def keep() -> None:
        put(name, st.session_state[name], default)
        put(f"weights{number}", "")

    st.selectbox(
        t("Detector"),
        list(offered),
        key=name,
        format_func=lambda key: titles.get(key, key),
        on_change=keep,
        help=t("Detectors with a star are bundled and need no network connection."),
    )
    return offered[wanted]


def _say_untrained(number: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        say_untrained()
        if st.button(t("Use trained weights"), type="tertiary", key=f"trained_detector{number}"):
            put(f"weights{number}", "")
            st.rerun()
