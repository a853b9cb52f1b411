"""Mixed precision: bits of a number, the course of a loss scale, how large gradients are."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_bits = st.components.v2.component(
    "convscope.bits_view",
    html='<div class="bits-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)
_course = st.components.v2.component(
    "convscope.scale_course",
    html='<div class="course-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER, "course.js"),
)
_magnitudes = st.components.v2.component(
    "convscope.gradient_magnitudes",
    html='<div class="magnitudes-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER, "magnitudes.js"),
)


def bits_view(frame: bytes, *, key: str) -> None:
    """Show a number in three formats; a bit that is clicked is flipped.

    What it asks for (``asking.newly_asked``) holds ``number``, text that Python reads as a float, or
    ``pixel``, [row, column] of the picture.

    Args:
        frame: a packed ``explainer.render.precision_frames.number_frame``, with ``texts``; and for a pixel's
            value ``picture`` ({width, height, pixels}) and ``pixel`` ([row, column]).
        key: widget key.
    """
    _bits(data=frame, key=key, on_ask_change=lambda: None)


def scale_course(frame: bytes, *, key: str) -> None:
    """Show the course of a loss scale; a step that is clicked overflows.

    What it asks for holds ``overflows``: the steps that are to, from 0.

    Args:
        frame: a packed ``explainer.render.precision_frames.course_frame``, with ``texts``.
        key: widget key.
    """
    _course(data=frame, key=key, on_ask_change=lambda: None)


def gradient_magnitudes(frame: bytes, *, key: str) -> None:
    """Show how large gradients are against what the formats hold; a slider scales them.

    What it asks for holds ``power``: of two, of the scale.

    Args:
        frame: a packed ``explainer.render.precision_frames.magnitudes_frame``, with ``power``, ``label`` and
            ``texts``.
        key: widget key.
    """
    _magnitudes(data=frame, key=key, on_ask_change=lambda: None)
