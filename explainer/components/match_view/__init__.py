"""Detections matched with objects: the curve that their ranking draws, and the mistakes, case by case."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_album = st.components.v2.component(
    "convscope.match_album",
    html='<div class="match-album"></div>',
    js=link(FOLDER, "album.js"),
)
_curve = st.components.v2.component(
    "convscope.match_view",
    html='<div class="match-root"></div>',
    css=styles(FOLDER, "player"),
    js=link(FOLDER),
)
_mistakes = st.components.v2.component(
    "convscope.mistakes_view",
    html='<div class="mistakes-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER, "mistakes.js"),
)


def match_album(frame: bytes, *, key: str) -> None:
    """Bring the pictures of an evaluation into the page; nothing is shown.

    Args:
        frame: a packed ``explainer.render.evaluation.album``.
        key: widget key.
    """
    _album(data=frame, key=key)


def match_view(frame: bytes, *, key: str) -> None:
    """Show how the precision-recall curve of a class comes about.

    What it asks for (``asking.asked``) holds ``rank``: which detection is shown, the surest is 1.

    Args:
        frame: a packed ``explainer.render.evaluation.curve_frame``, with ``identity``, ``album``, ``rank`` (0
            for the last that reaches the threshold) and ``texts``.
        key: widget key.
    """
    _curve(data=frame, key=key, on_ask_change=lambda: None)


def mistakes_view(frame: bytes, *, key: str) -> None:
    """Show what a detector did wrong.

    What it asks for (``asking.asked``) holds ``kind`` and ``place``: which case is shown, counted from 0.

    Args:
        frame: a packed ``explainer.render.evaluation.mistakes_frame``, with ``identity``, ``album``,
            ``texts``, and what to begin with: ``shown``, a kind, and ``place``.
        key: widget key.
    """
    _mistakes(data=frame, key=key, on_ask_change=lambda: None)
