"""One digit moved about, read by a dense and by a convolutional network; how often each is right anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import link, styles
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.shift_view",
    html='<div class="shift-view plain"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def shift_view(
    frame: Mapping[str, Any],
    *,
    key: str,
    texts: Mapping[str, str],
    on_move: Callable[[int, int], None],
) -> None:
    """Show the digit and what both networks say at every place it may be moved to.

    Args:
        frame: ``explainer.render.shifted.frame``.
        key: widget key.
        texts: translations of what the ES modules say.
        on_move: called with where the digit came to rest, pixels right and down.
    """

    def moved() -> None:
        found = (st.session_state.get(key) or {}).get("move")
        if isinstance(found, list) and len(found) == 2 and all(isinstance(one, int) for one in found):
            on_move(found[0], found[1])

    _component(data=pack({**frame, "texts": dict(texts)}), key=key, on_move_change=moved)
