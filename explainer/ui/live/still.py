"""The same modes on one picture: a snapshot that needs no WebRTC, or a sample or a photo of the reader's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explainer.images import read_image
from explainer.ui.language import t
from explainer.ui.live.freezing import draw_ways
from explainer.ui.live.poster import result_of
from explainer.ui.live.status import words
from explainer.ui.pickers import choose_photo

if TYPE_CHECKING:
    from PIL import Image

    from explainer.ui.live.choices import Choice

_LONGEST = 1280
"""Pixels of the longer side that a picture is shown with."""


def draw_snapshot(choice: Choice) -> None:
    """Draw the browser's own way to take a picture, and the picture with the result on it."""
    shot = st.camera_input(
        t("Take a picture: the network looks at it as at a frame of the live camera."), key="live_snapshot"
    )
    if shot is not None:
        image = read_image(shot.getvalue(), shot.name)
        _show(choice, image, shot.file_id, t("Snapshot"))


def draw_picture(choice: Choice) -> None:
    """Draw the strip of samples and own pictures, and the chosen one with the result on it."""
    chosen = choose_photo(default=choice.sample)
    _show(choice, chosen.image, chosen.identity, t("Picture"))


def _show(choice: Choice, image: Image.Image, identity: str, name: str) -> None:
    image = image.copy()
    image.thumbnail((_LONGEST, _LONGEST))
    frame = np.asarray(image)
    result = result_of(choice.still, (choice.identity, identity), frame)
    said = words(result.said())
    st.image(
        result.draw(frame),
        width="stretch",
        output_format="JPEG",
        alt=t("The picture with what the network says: {what}", what=said or t("nothing found")),
    )
    st.caption(said or t("Nothing found above the least score."))
    with st.container(horizontal=True, key="live_still_ways"):
        draw_ways(frame, name, choice, key="still")
