"""Best moments: the patches of many pictures that excite a channel most."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.moment_wall import FOLDER, Card, moment_wall
from explainer.ui.language import later, t, texts_for
from explainer.ui.layers.finding import draw_skipped, is_light, name_of, own_pictures, pictures_of, search
from explainer.ui.lesson import lesson
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard
from explainer.ui.subject import put_place
from explainer.ui.watching import watched

if TYPE_CHECKING:
    import numpy as np

    from explainer.layers.moments import Moment, Peaks
    from explainer.tracing import Node
    from explainer.ui.subject import Subject

FROM = "from"
"""Name of the query parameter that says whose pictures are looked through."""
_SOURCES = {"samples": later("Sample gallery"), "own": later("Your pictures")}
_CARDS = 12
_PATCH, _PICTURE = 160, 96
"""Longest sides of what is sent to the browser, in pixels."""


def draw(subject: Subject, node: Node, channel: int) -> None:
    """Draw the section about one channel of one layer."""
    _draw(subject, node.name, channel)


@st.fragment
def _draw(subject: Subject, layer: str, channel: int) -> None:
    with guard():
        node = subject.trace[layer]
        source = one_of(FROM, t("Pictures"), _SOURCES, "samples", hidden=True)
        collection = None
        name: Hashable = "samples"
        if source == "own":
            given = own_pictures()
            if given is None:
                st.caption(t("Your pictures stay on this server and are forgotten when you leave."))
                return
            name, collection = given
        pictures = pictures_of(subject, collection)
        found = watched(
            name_of(subject, node, name),
            lambda job: search(subject, node, pictures, job),
            key="moments",
            start=t("Look through the pictures"),
            light=is_light(subject, node, len(pictures)),
        )
        draw_skipped(collection, found)
        if found is None:
            return
        from explainer.layers.moments import best_moments

        moments = best_moments(subject.opened.loaded, node.name, channel, pictures, k=_CARDS, found=found)
        _say(node, channel, found, moments)
        _wall(layer, channel, moments, source == "samples")
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.layer_code import moments_code

            st.code(moments_code(subject.origin, node.name, channel), language="python")
        lesson("best_moments", title=t("What do the best moments say?"))


def _say(node: Node, channel: int, found: Peaks, moments: list[Moment]) -> None:
    """Say what was found in one line."""
    from explainer.tracing.arithmetic import written

    top, left, bottom, right = moments[0].box
    text = t(
        "The strongest answers of channel {channel} of {node} to {count} pictures, one patch of each. "
        "A patch is what the unit sees: {height} × {width} pixels.",
        channel=channel,
        node=f"`{node.name}`",
        count=len(found.read),
        height=bottom - top,
        width=right - left,
    )
    height, width = moments[0].seen.shape[:2]
    if any(min(one.box[:2]) < 0 or one.box[2] > height or one.box[3] > width for one in moments):
        text += " " + t("Grey lies beyond the edge of the picture.")
    st.markdown(text)
    if moments[0].value <= 0:
        st.info(
            t(
                "No picture excites this channel: its largest value is {value}.",
                value=written(moments[0].value),
            ),
            icon=":material/volume_off:",
        )


def _wall(layer: str, channel: int, moments: list[Moment], samples: bool) -> None:
    def open_picture(number: int) -> None:
        moment = moments[number]
        if samples:
            st.query_params["image"] = moment.picture
            put_place(layer, channel, moment.y, moment.x)
            st.session_state["moment_opened"] = True

    moment_wall(
        [_card(moment, samples) for moment in moments],
        key="moment_wall",
        label=t("Best moments of channel {channel}", channel=channel),
        texts=dict(texts_for(FOLDER)),
        on_choose=open_picture,
    )
    if st.session_state.pop("moment_opened", False):
        st.rerun()  # the picture above is another one now


def _card(moment: Moment, sample: bool) -> Card:
    from explainer.samples import sample as find

    height, width = moment.seen.shape[:2]
    top, left, bottom, right = moment.box
    return Card(
        title=t(find(moment.picture).title) if sample else moment.picture,
        value=moment.value,
        patch=shrunk(moment.patch, _PATCH),
        picture=shrunk(moment.seen, _PICTURE),
        box=(
            max(0, top) / height,
            max(0, left) / width,
            min(height, bottom) / height,
            min(width, right) / width,
        ),
        where=t("row {y}, column {x}", y=moment.y, x=moment.x),
        opens=sample,
    )


def shrunk(pixels: np.ndarray, most: int) -> np.ndarray:
    """Return a picture uint8 [H, W, 3] no longer than ``most`` on its longer side; never enlarged."""
    import numpy as np
    from PIL import Image

    if max(pixels.shape[:2]) <= most:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((most, most), Image.Resampling.BOX)
    return np.asarray(image)
