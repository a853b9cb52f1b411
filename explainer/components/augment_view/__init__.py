"""Augmentation: images with what training would make of them, and what one change does to a network."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_grid = st.components.v2.component(
    "convscope.augment_view",
    html='<div class="augment-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)
_effect = st.components.v2.component(
    "convscope.augment_effect",
    html='<div class="effect-root"></div>',
    css=styles(FOLDER),
    js=link(FOLDER, "effect.js"),
)


def augment_view(frame: bytes, *, key: str) -> None:
    """Show images, each with some draws beside it; one draw can be chosen.

    What it asks for (``asking.newly_asked``) holds ``row`` and ``draw``, counted from 0.

    Args:
        frame: a packed ``explainer.render.augmented.grid_frame``, with ``identity``, ``chosen`` ([row,
            draw]) and ``texts``.
        key: widget key.
    """
    _grid(data=frame, key=key, on_ask_change=lambda: None)


def effect_view(frame: bytes, *, key: str) -> None:
    """Show what a change of an image changed: maps, Grad-CAM and answers before and after.

    Args:
        frame: a packed ``explainer.render.augmented.effect_frame``, with ``identity`` and ``texts``.
        key: widget key.
    """
    _effect(data=frame, key=key)
