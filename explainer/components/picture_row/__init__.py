"""A row of pictures of one photo: what is under the pointer in one is marked and read off in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from explainer.components.modules import link
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.picture_row",
    html='<div class="picture-row"></div>',
    css=(FOLDER / "picture_row.css").read_text("utf-8"),
    js=link(FOLDER),
)


@dataclass(frozen=True, eq=False)
class Picture:
    """One of the row. What is there decides how it is drawn."""

    title: str
    note: str = ""
    """A line below it."""
    pixels: np.ndarray | None = None
    """A photo, uint8 [H, W, 3]; under a heat map it is drawn in grey."""
    heat: torch.Tensor | None = None
    """Values at least 0, float [h, w]: a heat map over the photo."""
    change: torch.Tensor | None = None
    """Signed values by colour, float [C, H, W], drawn as colours around grey: ``peak`` is full."""
    peak: float = 1.0
    """The value that gets the full colour."""
    unit: str = ""
    """Stands behind the values read off."""


def picture_row(pictures: Sequence[Picture], *, key: str, label: str, texts: dict[str, str]) -> None:
    """Show the pictures next to each other, or below each other where it is narrow.

    Args:
        pictures: what to show; all of them are of the same photo.
        key: widget key.
        label: what the row is called by a screen reader.
        texts: translations of what the ES modules say.
    """
    frame = {"label": label, "texts": texts, "pictures": [_message(one) for one in pictures]}
    _component(data=pack(frame), key=key)


def _message(picture: Picture) -> dict[str, object]:
    said: dict[str, object] = {
        "title": picture.title,
        "note": picture.note,
        "peak": picture.peak,
        "unit": picture.unit,
    }
    if picture.pixels is not None:
        height, width, _ = picture.pixels.shape
        said["photo"] = {"width": width, "height": height, "pixels": picture.pixels}
    for name, values in (("heat", picture.heat), ("change", picture.change)):
        if values is not None:
            *colours, height, width = values.shape
            said[name] = {
                "width": width,
                "height": height,
                "colours": colours[0] if colours else 1,
                "values": values.contiguous(),
            }
    return said
