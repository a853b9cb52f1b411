"""Work that takes a while: kept for everybody, with a bar while it runs and a way to end it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from explainer.ui.memory import Memory
from explainer.ui.watching import told, watched

if TYPE_CHECKING:
    from explainer.progress import Progress
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
    """Return what ``make`` gives, from memory if it is there; ``None`` until it is.

    Light work is done at once. Heavy work waits for the reader to press a button and is a job in a thread,
    for Streamlit does not interrupt a fragment: so the page can still be used, and the work be ended.

    Args:
        name: what it is, over all readers.
        make: does the work, telling how far it is. Must not use Streamlit.
        key: prefix of the widgets' keys.
        start: label of the button.
        operations: floating-point operations that it takes.

    Raises:
        Exception: what ``make`` raised.
    """
    memory = _kept()
    if name in memory or operations <= _LIGHT:
        place = st.empty()
        result: Result = memory.get(name, lambda: make(_Bar(place)))
        place.empty()
        return result
    found: Result | None = watched(
        name,
        lambda job: memory.get(name, lambda: make(job.report)),
        key=key,
        start=start,
        light=False,
    )
    return found


def operations(opened: Opened, passes: float) -> float:
    """Return what so many forward passes cost, in floating-point operations; a gradient is two more."""
    from explainer.tracing import cost

    once = _kept().get(
        ("operations", opened.key), lambda: sum(one.flops for one in cost(opened.trace).values())
    )
    return float(once * passes)


class _Bar:
    """Shows the progress of light work, should it take longer than expected."""

    def __init__(self, place: Any) -> None:
        self._place = place
        self._begun = time.monotonic()
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._begun < _PATIENCE:
            return
        self._bar = self._bar or self._place.progress(0.0)
        self._bar.progress(min(1.0, done / max(1, total)), text=told(done, total, self._begun))


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
