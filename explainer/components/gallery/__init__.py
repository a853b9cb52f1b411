"""The gallery: a strip of thumbnails of which the reader chooses one, with the pointer or the arrow keys."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from explainer.components.modules import link

FOLDER = Path(__file__).parent
_SIDE = 144
"""Longer side of a thumbnail in pixels: twice what is shown, for dense screens."""

_component = st.components.v2.component(
    "convscope.gallery",
    html='<div class="gallery" role="radiogroup"></div>',
    css=(FOLDER / "gallery.css").read_text("utf-8"),
    js=link(FOLDER),
)


def gallery(
    items: Sequence[tuple[str, str, Image.Image | None]],
    selected: str | None,
    *,
    key: str,
    label: str,
    on_choose: Callable[[str], None] | None = None,
) -> str | None:
    """Show ``items`` and return the chosen one's key.

    The gallery does not remember: it shows ``selected`` and reports a choice once, to ``on_choose`` before
    the rerun and as this function's value in it. So an upload or a link can take the selection away.

    Args:
        items: key, label and picture of each; pictures of any size, ``None`` for an empty frame.
        selected: the key that is marked, or ``None``.
        key: widget key.
        label: what the strip is called by a screen reader.
        on_choose: called with the chosen key before the script runs again.
    """

    def chosen() -> None:
        choice = _choice(st.session_state.get(key))
        if on_choose is not None and choice is not None:
            on_choose(choice)

    listing = [{"key": name, "label": title, "src": _source(image)} for name, title, image in items]
    # As text: to tell a list from a data frame, Streamlit would import pandas.
    data = {"label": label, "selected": selected, "items": json.dumps(listing, ensure_ascii=False)}
    result = _component(data=data, key=key, on_choice_change=chosen)
    choice = _choice(result)
    return choice if choice in {name for name, _, _ in items} else selected


def _choice(state: Any) -> str | None:
    choice = state.get("choice") if state else None
    return choice if isinstance(choice, str) else None


def _source(image: Image.Image | None) -> str:
    if image is None:
        return ""
    thumbnail = image.convert("RGB")
    thumbnail.thumbnail((_SIDE, _SIDE), reducing_gap=2.0)
    return _jpeg(thumbnail.size, thumbnail.tobytes())


@lru_cache(maxsize=256)
def _jpeg(size: tuple[int, int], pixels: bytes) -> str:
    stream = io.BytesIO()
    Image.frombytes("RGB", size, pixels).save(stream, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
