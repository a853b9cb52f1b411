"""Work that takes a while: kept for everybody, with a bar while it runs and a way to end it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from explainer.ui.language import t
from explainer.ui.memory import Memory

if TYPE_CHECKING:
    from explainer.attribution.scores import Progress
    from explainer.ui.opened import Opened

Result = TypeVar("Result")

_BUDGET = 256 << 20
_LIGHT = 50e9
"""Operations of what is done without being asked for: a second or two on one core."""
_PATIENCE = 0.4
"""Seconds before a bar appears."""


def worked(
    name: Hashable,
    make: Callable[[Progress], Result],
    *,
    key: str,
    start: str,
    operations: float,
) -> Result | None:
    """Return what ``make`` gives, from memory if it is there; ``None`` until the reader has asked for it.

    Light work is begun at once. For heavy work there is a button; while it runs, a bar and a way to end it.
    Anything else that the reader does to the section ends it as well: then its question is another one.

    Args:
        name: what it is, over all readers.
        make: does the work, telling how far it is.
        key: prefix of the widgets' keys.
        start: label of the button.
        operations: floating-point operations that it takes.
    """
    memory = _kept()
    wanted = f"{key}-wanted"
    place = st.empty()
    if name not in memory and operations > _LIGHT and st.session_state.get(wanted) != name:
        if not place.button(start, key=f"{key}-start", icon=":material/play_arrow:"):
            return None
        st.session_state[wanted] = name
    result: Result = memory.get(name, lambda: make(_Bar(place, key, wanted)))
    place.empty()
    return result


def operations(opened: Opened, passes: float) -> float:
    """Return what so many forward passes cost, in floating-point operations; a gradient is two more."""
    from explainer.tracing import cost

    once = _kept().get(
        ("operations", opened.key), lambda: sum(one.flops for one in cost(opened.trace).values())
    )
    return float(once * passes)


class _Bar:
    """Shows progress. Streamlit ends the run here when the reader does something else."""

    def __init__(self, place: Any, key: str, wanted: str) -> None:
        self._place, self._key, self._wanted = place, key, wanted
        self._begun = time.monotonic()
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        spent = time.monotonic() - self._begun
        if self._bar is None:
            if spent < _PATIENCE:
                return
            with self._place.container(horizontal=True, vertical_alignment="center"):
                self._bar = st.progress(0.0)
                st.button(
                    t("Cancel"),
                    key=f"{self._key}-cancel",
                    on_click=lambda: st.session_state.pop(self._wanted, None),
                )
        share = min(1.0, done / max(1, total))
        left = spent / share * (1 - share) if share > 0 else 0.0
        text = t("{done} of {total}", done=done, total=total)
        if left >= 1:
            text += " · " + t("about {seconds} s left", seconds=round(left))
        self._bar.progress(share, text=text)


@st.cache_resource(show_spinner=False)
def _kept() -> Memory[Any]:
    return Memory(_BUDGET, _size)


def _size(value: Any) -> int:
    """Return the bytes of the tensors and arrays in a result."""
    if is_dataclass(value):
        return sum(_size(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return int(getattr(value, "nbytes", 64))
