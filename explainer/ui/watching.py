"""A job on the page: begun, watched while it runs, ended by the reader, its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from explainer.ui.jobs import Job, jobs, watcher
from explainer.ui.language import t

_EVERY = 0.4
"""Seconds between looks."""


def watched(
    name: Hashable,
    work: Callable[[Job], Any],
    *,
    key: str,
    start: str,
    light: bool,
    show: Callable[[Job], None] = lambda _: None,
) -> Any:
    """Return the result of a job; ``None`` until there is one.

    Light work begins by itself, heavy work when the reader presses a button. While it runs there is a bar, a
    way to end it, and what ``show`` draws.

    Args:
        name: what the job makes, over all readers; another name under the same key ends the one before,
            unless somebody else looks at it.
        work: does it, reporting how far it is. Must not use Streamlit.
        key: prefix of the widgets' keys.
        start: label of the button.
        light: whether it begins by itself.
        show: draws what there is so far.

    Raises:
        ReaderError: what the work raised, or the server is busy.
    """
    ended, wanted = f"{key}-ended", f"{key}-wanted"
    if st.session_state.get(wanted, name) != name:
        jobs().leave(st.session_state[wanted], watcher())
    st.session_state[wanted] = name
    job = jobs().find(name, watcher())
    failed = job is not None and job.finished and job.error is not None
    if job is None or (job.finished and job.result is None and not (failed and light)):
        begin = light and st.session_state.get(ended) != name
        if not begin and not st.button(
            start, key=f"{key}-start", icon=":material/play_arrow:", type="primary"
        ):
            if job is not None and job.error is not None:
                raise job.error
            return None
        st.session_state.pop(ended, None)
        job = jobs().start(name, watcher(), work)
        _settle(job)
    if job.finished:
        if job.error is not None:
            raise job.error
        return job.result

    def leave() -> None:
        st.session_state[ended] = name
        jobs().leave(name, watcher())

    @st.fragment(run_every=_EVERY)
    def look() -> None:
        found = jobs().find(name, watcher())
        if found is None or found.finished:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, found.done / max(1, found.total)), text=_words(found))
            st.button(t("Cancel"), key=f"{key}-cancel", icon=":material/close:", on_click=leave)
        show(found)

    look()
    return None


def _settle(job: Job) -> None:
    """Wait a moment: what is done at once needs no bar."""
    until = time.monotonic() + 0.25
    while not job.finished and time.monotonic() < until:
        time.sleep(0.01)


def _words(job: Job) -> str:
    return told(job.done, job.total, job.begun) if job.begun else t("Waiting for other readers' work")


def told(done: int, total: int, begun: float) -> str:
    """Say how far work is that began at a moment of ``time.monotonic()``, and how long the rest may take."""
    share = done / max(1, total)
    left = (time.monotonic() - begun) / share * (1 - share) if share else 0.0
    text = t("{done} of {total}", done=done, total=total)
    return text if left < 1 else f"{text} · {t('about {seconds} s left', seconds=round(left))}"
