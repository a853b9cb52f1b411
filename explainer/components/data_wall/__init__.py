"""The pictures of a data set, class by class, with how many there are; and those that are there twice."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_wall = st.components.v2.component(
    "convscope.data_wall",
    html='<div class="data-wall-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)
_twins = st.components.v2.component(
    "convscope.twins_wall",
    html='<div class="twins-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER, "twins.js"),
)


def data_wall(frame: bytes, *, key: str) -> None:
    """Show pictures class by class beside the counts of the classes, which choose among them.

    What it asks for (``asking.asked``) holds ``shown``, a part of the data set; ``label``, -1 for all;
    ``page`` from 0; and ``draw``, which examples.

    Args:
        frame: a packed ``explainer.render.data_wall.wall_frame``, with ``identity`` and ``texts``.
        key: widget key.
    """
    _wall(data=frame, key=key, on_ask_change=lambda: None)


def twins_wall(frame: bytes, *, key: str) -> None:
    """Show pictures that are there more than once, side by side.

    What it asks for (``asking.asked``) holds ``kind`` and ``page``.

    Args:
        frame: a packed ``explainer.render.data_wall.twins_frame``, with ``texts``.
        key: widget key.
    """
    _twins(data=frame, key=key, on_ask_change=lambda: None)
