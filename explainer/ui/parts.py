"""A page of several parts, one at a time: chosen by a switch that stands in the link as ``?part=``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.painted import painted, tell_when_painted
from explainer.ui import exercises, worksheet
from explainer.ui.language import link_parameters, t
from explainer.ui.messages import guard
from explainer.ui.warming import warm_up

if TYPE_CHECKING:
    from explainer.playground.exercises import Maker

PART = "part"
VIEW = "view"
_PAINTED = "page_painted"


@dataclass(frozen=True)
class Part:
    """One part of a page; what draws it is imported when it is chosen."""

    page: str
    """Key of the page."""
    key: str
    """Stands in the link, and names its modules and its lesson."""
    title: str
    asks: bool = True
    """Whether it has exercises, and so a worksheet."""

    @property
    def lesson(self) -> str:
        """Name of its lesson text."""
        return f"{self.page}_{self.key}"

    @property
    def makers(self) -> Mapping[str, Maker]:
        """What makes its exercises."""
        return dict(import_module(f"explainer.playground.exercises.{self.key}").EXERCISES)

    @property
    def draw(self) -> Callable[[], None]:
        """What draws it."""
        return import_module(f"explainer.ui.{self.page}.{self.key}").draw


def draw_parts(page: str, parts: Sequence[Part], kept: Collection[str] = ()) -> None:
    """Draw the switch and the part that the link names, with its exercises; or the worksheet.

    Args:
        page: the page's title.
        parts: in the order of the switch.
        kept: query parameters that all parts share.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="parts"):
        part = _choose(parts, kept)
        as_worksheet = part.asks and _choose_view()
    if "torch" not in sys.modules and not painted(_PAINTED):
        tell_when_painted(_PAINTED)
        return
    if as_worksheet:
        with guard():
            worksheet.draw(f"{t(page)} · {t(part.title)}", part.lesson, part.makers)
        return
    with guard():
        part.draw()
    if part.asks:
        with guard():
            exercises.draw(part.key, part.makers)
    warm_up()


def _choose(parts: Sequence[Part], kept: Collection[str]) -> Part:
    known = {part.key: part for part in parts}
    wanted = st.query_params.get(PART, "")
    chosen = wanted if wanted in known else parts[0].key
    st.session_state[PART] = chosen  # the switch follows the link and the history
    st.segmented_control(
        t("Part"),
        list(known),
        key=PART,
        format_func=lambda key: t(known[key].title) if key in known else key,
        required=True,
        label_visibility="collapsed",
        on_change=_switch,
        args=(kept,),
    )
    return known[chosen]


def _switch(kept: Collection[str]) -> None:
    """Lead to another part; what the link says of the one before does not belong there."""
    shared = {name: st.query_params[name] for name in kept if name in st.query_params}
    st.query_params.from_dict(link_parameters() | shared | {PART: st.session_state[PART]})


def _choose_view() -> bool:
    as_worksheet = st.query_params.get(VIEW) == "worksheet"
    label = t("Back to the page") if as_worksheet else t("Worksheet")
    icon = ":material/arrow_back:" if as_worksheet else ":material/print:"

    def change() -> None:
        if as_worksheet:
            st.query_params.pop(VIEW, None)
        else:
            st.query_params[VIEW] = "worksheet"

    st.button(label, icon=icon, key="worksheet_view", on_click=change, type="tertiary")
    return as_worksheet
