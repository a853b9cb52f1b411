"""Choosing a detector and its thresholds: alike on every page, kept in the link."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.painted import painted, tell_when_painted
from explainer.detection import DetectorEntry, detectors, find_detector
from explainer.errors import ReaderError
from explainer.ui.detection.opening import Opened, opened_detector
from explainer.ui.detection.own_file import FILE, file_in_link, own_file, own_title
from explainer.ui.fetching import loaded_in_view, say_untrained
from explainer.ui.language import t
from explainer.ui.link import forget, put
from explainer.ui.link_widgets import level
from explainer.ui.messages import message

if TYPE_CHECKING:
    from explainer.detection.own import OwnDetector

__all__ = [
    "OVERLAPS",
    "SCORES",
    "Opened",
    "choose_detector",
    "detector_title",
    "opened_detector",
    "thresholds",
]

SCORES = tuple(round(0.01 * step, 2) for step in range(5, 96))
OVERLAPS = tuple(round(0.01 * step, 2) for step in range(10, 96))
_PAINTED = "detector_painted{}"


def choose_detector(kinds: tuple[str, ...] = (), *, default: str, number: str = "") -> Opened | None:
    """Draw the list of detectors and return the chosen one, loaded; the choice is ``?detector=``.

    Beside it the reader opens a file of weights, which is ``?own=``.

    Args:
        kinds: which to offer (``"yolox"``, ``"faster_rcnn"``, ``"ssdlite"``); all for an empty tuple.
        default: chosen while the link names none, or none of these.
        number: of a further detector on the page: with ``"2"`` the choice is ``?detector2=``.

    Returns:
        ``None`` while it cannot be had: PyTorch is imported only once the page is on the screen; or the
        reader has been told why not, and what to do.
    """
    own = file_in_link(kinds, number)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        entry = _choose(kinds, default, number, own)
        own_file(kinds, number)
    if not ("torch" in sys.modules or painted(_PAINTED.format(number))):
        tell_when_painted(_PAINTED.format(number))
        return None
    if own is not None:
        weights = st.query_params[f"{FILE}{number}"]
    else:
        weights = "none" if st.query_params.get(f"weights{number}") == "none" else "default"
    detector = loaded_in_view(
        lambda progress: opened_detector(entry.key, weights, progress), f"weights{number}"
    )
    if detector is None:
        return None
    if not detector.trained:
        _say_untrained(number)
    return Opened(entry.key, entry, weights, detector, own)


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


def _choose(kinds: tuple[str, ...], default: str, number: str, own: OwnDetector | None) -> DetectorEntry:
    name = f"detector{number}"
    offered = {entry.key: entry for entry in detectors(kinds)}
    titles = {key: detector_title(entry) for key, entry in offered.items()}  # the session keeps these
    wanted = st.query_params.get(name, default)
    if own is not None:
        wanted = own.key
        titles[wanted] = own_title(offered[wanted], own)
    if wanted not in offered:
        try:
            find_detector(wanted)
        except ReaderError as error:
            st.error(message(error), icon=":material/info:")
        wanted = default
    st.session_state[name] = wanted  # the list follows the link and the history

    def keep() -> None:
        put(name, st.session_state[name], default)
        forget(f"weights{number}", f"{FILE}{number}")

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
