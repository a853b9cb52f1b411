"""Layers & kernels: one layer in depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.ui.page import begin_page

begin_page("layers")

import streamlit as st  # noqa: E402

from explainer.ui.address import take_over  # noqa: E402
from explainer.ui.language import later, t  # noqa: E402
from explainer.ui.messages import guard  # noqa: E402
from explainer.ui.subject import choose_subject, place, put_place  # noqa: E402

if TYPE_CHECKING:
    from explainer.tracing import Node
    from explainer.ui.subject import Subject

TAB = "tab"
"""Name of the query parameter that says which section is open."""
TABS = {
    "channels": later("Channels"),
    "kernels": later("Kernels"),
    "field": later("Receptive field"),
    "moments": later("Best moments"),
    "visualisation": later("Feature visualisation"),
    "what-if": later("What if"),
}
NEED_A_CHANNEL = ("moments", "visualisation", "what-if")
"""Sections about one channel, which have no picture to choose it in."""


def draw_page() -> None:
    """Draw what to choose from, then the layer, then the one section that is open."""
    subject = choose_subject()
    if subject is None:
        return
    with subject.stage:
        from explainer.ui.layers.header import draw_line, draw_picker

        left, right = st.columns([3, 5], vertical_alignment="bottom")
        with left:
            node = draw_picker(subject)
        with right:
            draw_line(subject, node)
        with st.container(key="layer_tabs", horizontal=True, vertical_alignment="bottom"):
            tab = choose_tab()
            channel = chosen_channel(subject, node)
            if tab in NEED_A_CHANNEL:
                channel = choose_channel(node, channel)
        with guard():
            draw_section(tab, subject, node, channel)


def choose_tab() -> str:
    """Draw the names of the sections; the choice is ``?tab=``."""
    wanted = st.query_params.get(TAB, "")
    st.session_state["layer_tab"] = wanted if wanted in TABS else next(iter(TABS))  # follows the link
    chosen = st.segmented_control(
        t("Section"),
        list(TABS),
        key="layer_tab",
        format_func=lambda name: t(TABS[name]),
        required=True,
        label_visibility="collapsed",
        on_change=_open_tab,
    )
    return str(chosen)


def _open_tab() -> None:
    take_over()
    st.query_params[TAB] = st.session_state["layer_tab"]


def chosen_channel(subject: Subject, node: Node) -> int:
    """Return the channel in the link, moved into the layer; the first where the link names none."""
    from explainer.tracing import extent

    here, channel, *_ = place(subject)
    return min(max(channel or 0, 0), extent(node)[0] - 1) if here is node else 0


def choose_channel(node: Node, channel: int) -> int:
    """Draw the number of the channel; the choice is the channel in ``?at=``."""
    from explainer.tracing import extent

    name = node.name
    st.session_state["layer_channel"] = channel
    st.number_input(
        t("Channel"),
        min_value=0,
        max_value=extent(node)[0] - 1,
        key="layer_channel",
        width=140,
        on_change=lambda: put_place(name, st.session_state["layer_channel"]),
    )
    return channel


def draw_section(tab: str, subject: Subject, node: Node, channel: int) -> None:
    """Draw one section; what the others need is not even imported."""
    if tab == "channels":
        from explainer.ui.layers import channels_section

        channels_section.draw(subject, node)
    elif tab == "kernels":
        from explainer.ui.layers import kernels_section

        kernels_section.draw(subject, node)
    elif tab == "field":
        from explainer.ui.layers import field_section

        field_section.draw(subject, node)
    elif tab == "moments":
        from explainer.ui.layers import moments_section

        moments_section.draw(subject, node, channel)
    elif tab == "visualisation":
        from explainer.ui.layers import visualisation_section

        visualisation_section.draw(subject, node, channel)
    else:
        from explainer.ui.layers import what_if_section

        what_if_section.draw(subject, node, channel)


with guard():
    draw_page()
