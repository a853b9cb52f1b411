"""A curve, the sum of units that follows it, what each unit adds, and the error for every width."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import link, styles
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.approximation_view",
    html='<div class="approximation-view plain"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def approximation_view(
    frame: Mapping[str, Any],
    *,
    key: str,
    texts: Mapping[str, str],
    on_curve: Callable[[tuple[float, ...]], None],
    on_width: Callable[[int], None],
) -> None:
    """Show a fit.

    Args:
        frame: ``explainer.render.approximation.frame``.
        key: widget key.
        texts: translations of what the ES modules say.
        on_curve: called with the values of a curve that the reader has drawn, before the script runs again.
        on_width: called with the width that was clicked in the chart of errors.
    """

    def drawn() -> None:
        found = (st.session_state.get(key) or {}).get("curve")
        if isinstance(found, list) and all(isinstance(one, int | float) for one in found):
            on_curve(tuple(float(one) for one in found))

    def widened() -> None:
        found = (st.session_state.get(key) or {}).get("width")
        if isinstance(found, int) and not isinstance(found, bool):
            on_width(found)

    _component(
        data=pack({**frame, "texts": dict(texts)}),
        key=key,
        on_curve_change=drawn,
        on_width_change=widened,
    )
