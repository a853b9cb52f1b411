"""A perceptron while it learns: a diagram of it, its surface over the plane, its curves, its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import parcel, styles
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_code, _runner = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.learner_view_code", html="<span></span>", js=_code)
_component = st.components.v2.component(
    "convscope.learner_view",
    html='<div class="learner-view plain"></div>',
    css=styles(FOLDER),
    js=_runner,
)


def learner_view(
    frame: Mapping[str, Any],
    *,
    key: str,
    texts: Mapping[str, str],
    on_wish: Callable[[Mapping[str, Any]], None],
    on_hidden: Callable[[tuple[int, ...]], None] = lambda hidden: None,
    on_points: Callable[[Sequence[Any], int], None] = lambda points, serial: None,
) -> None:
    """Show the network. While it plays, the browser asks for more steps when it has drawn the last ones.

    Args:
        frame: ``explainer.render.learner.plane_frame`` or ``digit_frame``.
        key: widget key.
        texts: translations of what the ES modules say.
        on_wish: called with what the reader wants before the script runs again: ``steps``, ``reset`` or
            ``pause``, and the ``serial`` that the next frame should carry as ``seen``.
        on_hidden: called with the units of all hidden layers when their number was changed.
        on_points: called with all points, ``[x, y, class]``, and a serial number after painting; whoever
            takes them checks them.
    """

    def given(name: str) -> Any:
        return (st.session_state.get(key) or {}).get(name)

    def wished() -> None:
        found = given("wish")
        if isinstance(found, Mapping):
            on_wish(found)

    def widened() -> None:
        found = given("hidden")
        if isinstance(found, list) and all(isinstance(one, int) for one in found):
            on_hidden(tuple(found))

    def painted() -> None:
        found = given("points")
        if isinstance(found, Mapping) and isinstance(found.get("points"), list):
            serial = found.get("serial")
            on_points(found["points"], serial if isinstance(serial, int) else 0)

    _carrier(key=f"{key}_code")
    _component(
        data=pack({**frame, "texts": dict(texts)}),
        key=key,
        on_wish_change=wished,
        on_hidden_change=widened,
        on_points_change=painted,
    )
