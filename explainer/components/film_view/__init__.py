"""Training as a film: one component brings it into the browser, in the other the reader scrubs."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link, styles

FOLDER = Path(__file__).parent

_reel = st.components.v2.component(
    "convscope.film_reel",
    html='<div class="film-reel"></div>',
    js=link(FOLDER, "reel.js"),
)
_view = st.components.v2.component(
    "convscope.film_view",
    html='<div class="film-root"></div>',
    css=styles(FOLDER, "player"),
    js=link(FOLDER),
)


def film_reel(frame: bytes, *, key: str) -> None:
    """Bring a film into the page, once; nothing is shown.

    Args:
        frame: a packed ``explainer.render.film.reel``, with ``reel``, a name for it.
        key: widget key.
    """
    _reel(data=frame, key=key)


def film_view(frame: bytes, *, key: str) -> None:
    """Show a film: slider, filters, feature maps, Grad-CAM, answers, curves.

    What it asks for (``asking.asked``) holds ``epoch``, ``pin`` (-1 for none), ``scale`` (``"all"`` or
    ``"own"``), ``paint`` (``"rgb"`` or ``"signed"``) and ``pace`` (epochs a second).

    Args:
        frame: packed: ``reel``, the film's name; ``subject``, the same while only epochs are added; what to
            begin with, by the names above (``epoch`` -1 for the last); ``classes``, names by their index as
            text; ``texts``.
        key: widget key.
    """
    _view(data=frame, key=key, on_ask_change=lambda: None)
