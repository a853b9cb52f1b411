"""Curves of functions and of their derivatives, read off at the pointer: the values are PyTorch's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.modules import parcel, styles
from explainer.render.figures import COLOURS
from explainer.render.wire import pack

if TYPE_CHECKING:
    from torch import Tensor

FOLDER = Path(__file__).parent

_code, _runner = parcel(FOLDER)
_carrier = st.components.v2.component("convscope.curve_view_code", html="<span></span>", js=_code)
_component = st.components.v2.component(
    "convscope.curve_view",
    html='<div class="curve-view plain"></div>',
    css=styles(FOLDER),
    js=_runner,
)


@dataclass(frozen=True, eq=False)
class Shown:
    """One function: its values and derivatives at equally spaced places, float [n] each."""

    key: str
    """Which formula the browser writes out; unknown keys have none."""
    name: str
    value: Tensor
    derivative: Tensor
    colour: int
    """Number of its colour and dash: the same function looks the same whatever else is shown."""
    settings: Mapping[str, float]
    """Numbers that stand in its formula."""
    note: str = ""
    """A few words below the formula."""
    path: Sequence[float] = ()
    """Places that a ball rolls through, one a step."""


@dataclass(frozen=True)
class Axis:
    """The horizontal axis: places ``low + i * step``."""

    name: str
    low: float
    step: float
    digits: int
    """Decimals of a place."""


@dataclass(frozen=True)
class Pane:
    """One of the two plots."""

    title: str
    low: float
    high: float


def curve_view(
    shown: Sequence[Shown],
    axis: Axis,
    panes: tuple[Pane, Pane],
    *,
    at: float,
    chosen: str,
    key: str,
    label: str,
    texts: Mapping[str, str],
    on_read: Callable[[float, str], None],
    mark: float | None = None,
    ball: str = "",
) -> None:
    """Show the curves, the values beside the derivatives.

    Args:
        shown: what to draw.
        axis: the places.
        panes: plot of the values and plot of the derivatives.
        at: the place to read off first.
        chosen: key of the function whose formula is written out first.
        key: widget key.
        label: what the plots are called by a screen reader.
        texts: translations of what the ES modules say.
        on_read: called with place and function that the reader has stopped at.
        mark: a place to mark, such as the target.
        ball: what the steps of the balls are called, where there are any.
    """

    def read() -> None:
        state: Any = st.session_state.get(key)
        found = (state or {}).get("read") or {}
        place, name = found.get("at"), found.get("key")
        if isinstance(place, int | float) and isinstance(name, str):
            on_read(float(place), name)

    frame = {
        "texts": dict(texts),
        "label": label,
        "axis": {"name": axis.name, "low": axis.low, "step": axis.step, "digits": axis.digits},
        "panes": [{"title": pane.title, "low": pane.low, "high": pane.high} for pane in panes],
        "curves": [
            {
                "key": one.key,
                "name": one.name,
                "colour": COLOURS[one.colour % len(COLOURS)],
                "dash": one.colour,
                "values": [one.value, one.derivative],
                "settings": dict(one.settings),
                "note": one.note,
                "path": list(one.path),
            }
            for one in shown
        ],
        "at": at,
        "chosen": chosen,
        "mark": mark,
        "ball": ball,
    }
    _carrier(key=f"{key}_view_code")
    _component(data=pack(frame), key=key, on_read_change=read)
