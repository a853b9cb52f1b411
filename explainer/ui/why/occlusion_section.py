"""Occlusion by hand: a patch moves over the photo, and the score at that place is read off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.occlusion_view import FOLDER, occlusion_view
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in
from explainer.ui.why.work import operations, worked

if TYPE_CHECKING:
    from explainer.attribution import Occlusion
    from explainer.progress import Progress
    from explainer.ui.opened import Opened
    from explainer.ui.subject import Subject

_MOST_PLACES = 1600
"""The step is not made smaller than this allows."""


@st.fragment
def draw(subject: Subject, class_index: int, *, key: str = "occlusion") -> None:
    """Draw the section.

    Args:
        subject: network and photo.
        class_index: the class whose score is followed.
        key: prefix of the widgets' keys.
    """
    with guard():
        _draw(subject, class_index, key)


def _draw(subject: Subject, class_index: int, key: str) -> None:
    opened = subject.opened
    height, width, _ = opened.picture.shape
    size, stride, fill = _controls(height, width, key)
    from explainer.attribution import baseline
    from explainer.attribution.occlusion import places
    from explainer.render.probes import occlusion_code

    grid = places(height, width, size, stride)
    count = len(grid) * len(grid[0])
    scaling = opened.loaded.preprocessing
    cover = baseline(fill, opened.trace.input.output, scaling)
    found = worked(
        ("occlusion", opened.key, class_index, size, stride, fill),
        lambda progress: _occlude(opened, class_index, size, stride, fill, progress),
        key=key,
        start=t("Cover {count} places, one after the other", count=count),
        operations=operations(opened, count),
    )
    if found is None:
        return
    occlusion_view(
        found,
        opened.picture,
        scaling.as_seen(cover),
        [subject.class_name(index) for index in range(found.table.shape[-1])],
        key=f"{key}-view",
        texts=texts_for(FOLDER),
    )
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(occlusion_code(subject.origin, class_index, size, stride, fill), language="python")
    lesson("attribution_methods", title=t("Five ways to ask the pixels"))


def _controls(height: int, width: int, key: str) -> tuple[int, int, str]:
    """Draw the controls; they follow the link: ``patch``, ``patch_step`` and ``patch_fill``."""
    from explainer.attribution import BASELINES

    side = min(height, width)
    largest, smallest = max(2, side // 2), max(1, side // 32)
    finest = max(1, round((height * width / _MOST_PLACES) ** 0.5))
    link, state = st.query_params, st.session_state

    def follow(name: str, low: int, high: int, otherwise: int) -> None:
        wanted = number_in(link.get(name), 0, 99_999)
        state[f"{key}-{name}"] = min(max(otherwise if wanted is None else wanted, low), high)

    def put(name: str) -> None:
        link[name] = str(state[f"{key}-{name}"])

    follow("patch", smallest, largest, max(smallest, side // 5))
    follow("patch_step", finest, largest, max(finest, side // 16))
    fill = link.get("patch_fill")
    state[f"{key}-patch_fill"] = fill if fill in BASELINES else "grey"
    first, second, third = st.columns(3, vertical_alignment="bottom")
    with first:
        size = st.slider(
            t("Side of the patch in pixels"),
            smallest,
            largest,
            key=f"{key}-patch",
            on_change=put,
            args=("patch",),
        )
    with second:
        stride = st.slider(
            t("Step from place to place"),
            finest,
            largest,
            key=f"{key}-patch_step",
            on_change=put,
            args=("patch_step",),
        )
    with third:
        chosen = st.selectbox(
            t("What the patch shows"),
            list(BASELINES),
            key=f"{key}-patch_fill",
            format_func=lambda kind: t(BASELINES[kind]),
            on_change=put,
            args=("patch_fill",),
        )
    # With gaps between the places, some pixels would never be covered.
    return int(size), min(int(stride), int(size)), str(chosen)


def _occlude(
    opened: Opened, class_index: int, size: int, stride: int, fill: str, progress: Progress
) -> Occlusion:
    from explainer.attribution import baseline, occlusion

    images = opened.trace.input.output
    cover = baseline(fill, images, opened.loaded.preprocessing)
    return occlusion(
        opened.loaded.model, images, class_index, size=size, stride=stride, fill=cover, progress=progress
    )
