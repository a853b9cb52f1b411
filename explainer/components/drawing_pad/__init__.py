"""The drawing pad: the reader draws with mouse, finger or pen, and the script follows as the line grows."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from explainer.components.modules import link

FOLDER = Path(__file__).parent
SIDE = 56
"""Side of the picture that the browser sends, in pixels; the pad is five times as large."""

_component = st.components.v2.component(
    "convscope.drawing_pad",
    html='<div class="pad"></div>',
    css=(FOLDER / "drawing_pad.css").read_text("utf-8"),
    js=link(FOLDER),
)


def drawing_pad(
    *, key: str, texts: Mapping[str, str] | None = None, on_change: Callable[[], None] = lambda: None
) -> Image.Image | None:
    """Show the pad and return what is drawn on it: light on black, mode ``"L"``, ``SIDE`` x ``SIDE``.

    ``None`` while the pad is empty. While a line is being drawn the script runs again a few times a second,
    never faster than it can follow.

    Args:
        key: widget key.
        texts: translations of the texts that the modules in ``FOLDER`` ask for.
        on_change: called before the script runs again for a new drawing.
    """
    drawing = _drawing(st.session_state.get(key))
    # The number goes back to the browser, which then knows that this drawing was seen and sends the next.
    data = {"side": SIDE, "seen": drawing.get("serial", 0), "texts": dict(texts or {})}
    result = _component(data=data, key=key, on_drawing_change=on_change)
    return _picture(_drawing(result).get("pixels"))


def is_empty(key: str) -> bool:
    """Return whether nothing is drawn on the pad with this widget key."""
    return _picture(_drawing(st.session_state.get(key)).get("pixels")) is None


def _drawing(state: Any) -> dict[str, Any]:
    return dict((state.get("drawing") if state else None) or {})


def _picture(pixels: Any) -> Image.Image | None:
    """Return the picture in a message of the browser; ``None`` for an empty one or one of another size."""
    try:
        content = base64.b64decode(pixels or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        return None
    return Image.frombytes("L", (SIDE, SIDE), content) if len(content) == SIDE * SIDE else None
