"""The epochs of a film: those that the reader has seen come; news of a run that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import t
from explainer.ui.link_widgets import switch

if TYPE_CHECKING:
    from explainer.training.runs import Run

FOLLOW = "follow"
"""Query parameter: whether new epochs come by themselves."""
_EVERY = 3.0
"""Seconds between looks at a run that goes on."""
_KNOWN = "replay_known"


@dataclass(frozen=True)
class _Seen:
    """The epochs of a run that the reader has seen come."""

    of: tuple[str, int]
    """Which run."""
    epochs: tuple[int, ...]


def known(run: Run) -> tuple[int, ...]:
    """Return the epochs of the film: those that were there when it was opened, or were asked for since."""
    from explainer.training.replay import spread

    there = run.history.epochs()
    of = (str(run.folder), run.history.written(there[0]))
    seen: _Seen | None = st.session_state.get(_KNOWN)
    # Epochs may also give way to others.
    if seen is None or seen.of != of or not set(seen.epochs) <= set(there) or _follows():
        seen = _Seen(of, there)
    st.session_state[_KNOWN] = seen
    return spread(seen.epochs)


def draw_news(run: Run, shown: Sequence[int]) -> None:
    """Draw what is known of epochs that have come since; look again while the run goes on."""
    state = run.status().state
    if state not in ("new", "running", "paused"):
        _offer(run, shown)
        return

    @st.fragment(run_every=_EVERY)
    def look() -> None:
        there = run.history.epochs()
        if there and (not shown or (_follows() and there[-1] != shown[-1])):
            st.rerun()
        # Not "no longer alive": a run that is about to begin is not alive yet, and this would never end.
        if run.status().state != state:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.caption(t("The run goes on: {count} epochs so far.", count=max(0, len(there) - 1)))
            if shown:
                switch(FOLLOW, t("Load new epochs by themselves"), usual=True)
                _offer(run, shown)

    look()


def _follows() -> bool:
    return st.query_params.get(FOLLOW) != "0"


def _offer(run: Run, shown: Sequence[int]) -> None:
    new = sum(epoch > shown[-1] for epoch in run.history.epochs()) if shown else 0
    if new and not _follows():
        label = t("One new epoch: load it") if new == 1 else t("{count} new epochs: load them", count=new)
        if st.button(label, icon=":material/movie:", key="replay_more"):
            st.session_state.pop(_KNOWN, None)
            st.rerun()
