"""What the page shows while the camera is off: the mode at work on a sample picture."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explainer.samples import sample
from explainer.ui.language import t
from explainer.ui.live.status import words

if TYPE_CHECKING:
    from explainer.live.modes import Mode, Result
    from explainer.ui.live.choices import Choice

SIZE = (640, 480)
_STATE = "live_poster"


def draw_poster(choice: Choice) -> None:
    """Draw the sample with the result on it, as the camera's picture will look."""
    frame = poster(choice.sample)
    result = result_of(choice.still, (choice.identity, choice.sample), frame)
    said = words(result.said())
    st.image(
        result.draw(frame),
        width="stretch",
        output_format="JPEG",
        caption=t("A sample picture. Start the camera, and the network looks at you in its place."),
        alt=t("The sample with what the network says: {what}", what=said or t("nothing found")),
    )


def draw_bare(key: str) -> None:
    """Draw a sample with nothing on it, for as long as there is no network yet."""
    st.image(poster(key), width="stretch", output_format="JPEG", alt=t("A sample picture"))


@cache
def poster(key: str) -> np.ndarray:
    """Return a sample in the proportions of a camera's picture: uint8 [480, 640, 3]."""
    image = sample(key).load()
    width, height = image.size
    wanted = width * SIZE[1] / SIZE[0]
    if wanted <= height:  # too tall: the upper part, where faces are
        top = round((height - wanted) * 0.08)
        box = (0, top, width, top + round(wanted))
    else:
        across = height * SIZE[0] / SIZE[1]
        left = round((width - across) / 2)
        box = (left, 0, left + round(across), height)
    return np.asarray(image.resize(SIZE, box=box))


def result_of(mode: Mode, identity: object, frame: np.ndarray) -> Result:
    """Return what a mode makes of a picture, worked out once for the same ``identity``."""
    kept = st.session_state.get(_STATE)
    if kept is None or kept[0] != identity:
        kept = st.session_state[_STATE] = (identity, mode.run(frame))
    result: Result = kept[1]
    return result
