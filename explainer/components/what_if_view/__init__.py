"""What a change does: class bars before and after, every layer downstream, one layer's channels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.components.modules import link
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.what_if_view",
    html='<div class="what-if"></div>',
    css=(FOLDER / "what_if.css").read_text("utf-8"),
    js=link(FOLDER),
)


def what_if_view(
    message: dict[str, Any],
    *,
    key: str,
    texts: dict[str, str],
    on_choose: Callable[[str], None],
    on_turn: Callable[[int], None],
) -> None:
    """Show the view.

    Args:
        message: ``explainer.render.consequences.consequences``.
        key: widget key; with the same key new values move the bars and keep the place.
        texts: translations of what the ES modules say.
        on_choose: called with the name of the layer that was clicked, before the script runs again.
        on_turn: called with the number of the channel that was clicked, likewise.
    """

    def chosen() -> None:
        name = (st.session_state.get(key) or {}).get("layer")
        if isinstance(name, str):
            on_choose(name)

    def turned() -> None:
        channel = (st.session_state.get(key) or {}).get("channel")
        if isinstance(channel, int) and not isinstance(channel, bool):
            on_turn(channel)

    _component(
        data=pack({**message, "texts": texts}), key=key, on_layer_change=chosen, on_channel_change=turned
    )
