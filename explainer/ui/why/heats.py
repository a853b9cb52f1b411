"""Heat maps that all readers share, within a budget of memory; what takes long shows its progress."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.memory import Memory

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explainer.render.heat_methods import Heat, Value
    from explainer.ui.subject import Subject

_log = logging.getLogger("convscope")

AT_ONCE = 0.4
"""Seconds of computing before the wall is drawn, and before it is drawn again with what has come."""
_STOPPED = "why_stopped"
_REFRESH = 0.1


@dataclass(frozen=True)
class Job:
    """One map of one trace."""

    method: str
    layer: str | None
    """Name of the node; ``None`` for methods of the pixels."""
    class_index: int
    values: tuple[tuple[str, Value], ...] = ()


@st.cache_resource(show_spinner=False)
def _heats() -> Memory[Heat | ReaderError]:
    return Memory(256 << 20, _size)


def _size(found: Heat | ReaderError) -> int:
    if isinstance(found, ReaderError):
        return 1
    return sum(
        0 if part is None else part.numel() * part.element_size() for part in (found.map, found.opposed)
    )


def ready(subject: Subject, jobs: Sequence[Job]) -> dict[Job, Heat | ReaderError]:
    """Return what is at hand, and what can be made in a moment."""
    end = time.monotonic() + AT_ONCE
    found = {}
    for job in jobs:
        key = (subject.opened.key, job)
        if key in _heats() or (not _many(job) and time.monotonic() < end):
            found[job] = _heats().get(key, lambda job=job: _make(subject, job, None))  # type: ignore[misc]
    return found


def finish(subject: Subject, jobs: Sequence[Job]) -> None:
    """Compute what is missing, unless the reader stopped it, and run the page again to show it.

    Whatever the reader does in the meantime ends the work: Streamlit runs the page anew at the next sign of
    progress. What was finished is kept.
    """
    waiting = [job for job in jobs if (subject.opened.key, job) not in _heats() and not stopped(subject, job)]
    if not waiting:
        return
    with st.container(key="why_work", horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text=" ")
        st.button(
            t("Stop"),
            key="why_stop",
            icon=":material/stop_circle:",
            on_click=_stop,
            args=(subject.opened.key, waiting),
        )
    end = time.monotonic() + AT_ONCE
    for number, job in enumerate(waiting):
        told = _teller(bar, _title(job), number, len(waiting))
        told(0, 1)
        _heats().get((subject.opened.key, job), lambda job=job, told=told: _make(subject, job, told))  # type: ignore[misc]
        if time.monotonic() > end:
            break
    st.rerun()


def stopped(subject: Subject, job: Job) -> bool:
    """Whether the reader did not want to wait for it."""
    return (subject.opened.key, job) in st.session_state.get(_STOPPED, ())


def start(subject: Subject, job: Job) -> None:
    """Compute it after all."""
    st.session_state[_STOPPED] = st.session_state.get(_STOPPED, frozenset()) - {(subject.opened.key, job)}


def _stop(key: str, jobs: Sequence[Job]) -> None:
    st.session_state[_STOPPED] = st.session_state.get(_STOPPED, frozenset()) | {(key, job) for job in jobs}


def _many(job: Job) -> bool:
    from explainer.render.heat_methods import METHODS

    return METHODS[job.method].many


def _title(job: Job) -> str:
    from explainer.render.heat_methods import METHODS

    return t(METHODS[job.method].title)


def _make(subject: Subject, job: Job, progress: Callable[[int, int], None] | None) -> Heat | ReaderError:
    from explainer.render.heat_methods import compute

    opened = subject.opened
    node = None if job.layer is None else opened.trace[job.layer]
    try:
        return compute(
            job.method,
            opened.loaded,
            opened.trace,
            opened.logits,
            node,
            job.class_index,
            dict(job.values),
            progress,
        )
    except ReaderError as error:
        return error
    except Exception:  # noqa: BLE001 - one method must not take the others from the wall
        _log.exception("%s failed on %s", job.method, opened.key)
        return ReaderError("This method does not work with this network; the server's log says why.")


def _teller(bar: DeltaGenerator, title: str, number: int, count: int) -> Callable[[int, int], None]:
    last = 0.0

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _REFRESH:
            return
        last = now
        share = done / total if total else 0.0
        known = total > 1
        text = t("{method}: {done} of {total}", method=title, done=done, total=total) if known else title
        bar.progress(min(1.0, (number + share) / count), text=text)

    return told
