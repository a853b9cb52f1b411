"""The Live camera page."""

from __future__ import annotations

import sys

import streamlit as st

from explainer.components.painted import painted, tell_when_painted
from explainer.ui.language import later, t
from explainer.ui.lesson import lesson
from explainer.ui.link_widgets import one_of
from explainer.ui.live.choices import SAMPLES, Choice, choose, choose_kind
from explainer.ui.live.poster import draw_bare
from explainer.ui.live.studio import studio
from explainer.ui.live.trouble import SOURCE
from explainer.ui.messages import guard

_SOURCES = {
    "camera": later("Camera"),
    "snapshot": later("Snapshot"),
    "picture": later("Picture"),
    "video": later("Video file"),
}
_PAINTED = "detector_painted"
"""The same that the choice of a detector waits for: of two, each would take the other off the page."""


def draw_page() -> None:
    """Draw the page."""
    with guard():
        _draw()
    lesson("live", title=t("What happens between the camera and the boxes?"))


def _draw() -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="live_choices"):
        kind = choose_kind()
        source = one_of(SOURCE, t("Where pictures come from"), _SOURCES, "camera", hidden=True)
    stage, side = st.columns([3, 2], gap="large")
    if "torch" not in sys.modules and not painted(_PAINTED):
        tell_when_painted(_PAINTED)
        with stage:
            draw_bare(SAMPLES[kind])  # something to look at while PyTorch is imported
        return
    choice: Choice | None = None
    with side, st.container(key="live_settings"), guard():
        choice = choose(kind)
        if choice is not None:
            _draw_code(choice)
    if choice is None and source == "camera" and "torch" in sys.modules:
        choice = studio().choice  # the stream does not stop because of a network that cannot be had
    if choice is not None:
        _show_stage(stage, source, choice)


def _show_stage(stage: st.delta_generator.DeltaGenerator, source: str, choice: Choice) -> None:
    with stage, guard():
        if source == "camera":
            from explainer.ui.live.camera import draw_camera

            draw_camera(choice)
        elif source == "snapshot":
            from explainer.ui.live.still import draw_snapshot

            draw_snapshot(choice)
        elif source == "picture":
            from explainer.ui.live.still import draw_picture

            draw_picture(choice)
        else:
            from explainer.ui.live.film import draw_video_file

            draw_video_file(choice.another, choice.identity)


def _draw_code(choice: Choice) -> None:
    from explainer.render.live_code import live_code

    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(live_code(choice.code, choice.imports, choice.sample), "python")
