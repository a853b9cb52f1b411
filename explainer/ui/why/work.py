"""Work that takes a while: kept for everybody, with a bar while it runs and a way to end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from explainer.errors import Cancelled
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
_PACE = 0.4
"""Seconds between two looks at work in the background."""
_ABANDONED = 120.0
"""Seconds without a look after which work in the background ends: the reader has left the page."""


def worked(
    name: Hashable,
    make: Callable[[Progress], Result],
    *,
    key: str,
    start: str,
    operations: float,
) -> Result | None:
    """Return what ``make`` gives, from memory if it is there; ``None`` until it is.

    Light work is done at once. Heavy work waits for the reader to press a button and runs in a thread of its
    own, for Streamlit does not interrupt a fragment: so the page can still be used, and the work be ended.

    Args:
        name: what it is, over all readers; another name ends what is still under way under this key.
        make: does the work, telling how far it is. Must not use Streamlit.
        key: prefix of the widgets' keys.
        start: label of the button.
        operations: floating-point operations that it takes.

    Raises:
        Exception: what ``make`` raised.
    """
    memory = _kept()
    slot = f"{key}-work"
    work: _Work | None = st.session_state.get(slot)
    if work is not None and work.name != name:
        work.end()
        work = None
        del st.session_state[slot]
    if work is not None and work.over.is_set():
        del st.session_state[slot]
        if not isinstance(work.error, Cancelled):
            return work.outcome()
        work = None
    if work is None and (name in memory or operations <= _LIGHT):
        place = st.empty()
        result: Result = memory.get(name, lambda: make(_Bar(place)))
        place.empty()
        return result
    if work is None:
        if not st.button(start, key=f"{key}-start", icon=":material/play_arrow:"):
            return None
        work = st.session_state[slot] = _Work(name, lambda progress: memory.get(name, lambda: make(progress)))
    st.fragment(_watch, run_every=_PACE)(slot)
    return None


def operations(opened: Opened, passes: float) -> float:
    """Return what so many forward passes cost, in floating-point operations; a gradient is two more."""
    from explainer.tracing import cost

    once = _kept().get(
        ("operations", opened.key), lambda: sum(one.flops for one in cost(opened.trace).values())
    )
    return float(once * passes)


class _Work:
    """Work under way in a thread of its own."""

    def __init__(self, name: Hashable, make: Callable[[Progress], Any]) -> None:
        self.name = name
        self.over = threading.Event()
        self.error: BaseException | None = None
        self.begun = self.seen = time.monotonic()
        self.done, self.total = 0, 1
        self._result: Any = None
        self._ended = False
        threading.Thread(target=self._run, args=(make,), daemon=True).start()

    def end(self) -> None:
        """Make it stop at its next sign of progress."""
        self._ended = True

    def outcome(self) -> Any:
        """Return what it gave, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self._result

    def _run(self, make: Callable[[Progress], Any]) -> None:
        try:
            self._result = make(self._tell)
        except BaseException as error:  # noqa: BLE001 - raised again where the reader can be told
            self.error = error
        finally:
            self.over.set()

    def _tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self._ended or time.monotonic() - self.seen > _ABANDONED:
            raise Cancelled


def _watch(slot: str) -> None:
    """Show how far the work is; run the page again once it is over."""
    work: _Work | None = st.session_state.get(slot)
    if work is None:
        return
    work.seen = time.monotonic()
    if work.over.is_set():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        _show(st.progress(0.0), work.done, work.total, work.begun)
        if st.button(t("Cancel"), key=f"{slot}-cancel", icon=":material/stop_circle:"):
            work.end()
            del st.session_state[slot]
            st.rerun()


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
        _show(self._bar, done, total, self._begun)


def _show(bar: Any, done: int, total: int, begun: float) -> None:
    spent = time.monotonic() - begun
    share = min(1.0, done / max(1, total))
    left = spent / share * (1 - share) if share > 0 else 0.0
    text = t("{done} of {total}", done=done, total=total)
    if left >= 1:
        text += " · " + t("about {seconds} s left", seconds=round(left))
    bar.progress(share, text=text)


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
