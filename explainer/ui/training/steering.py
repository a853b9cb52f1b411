"""The buttons that steer a run: pause, go on, stop, continue, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.messages import message
from explainer.ui.opened import threads
from explainer.ui.training.place import RUN, keep
from explainer.ui.training.storage import AT_ONCE, is_mine, remove, trained_now, writing

if TYPE_CHECKING:
    from explainer.training.engine import Wish
    from explainer.training.runs import Run, Status

_PROBLEM = "training_problem"


def begin(run: Run) -> None:
    """Train a run in a process of its own, or go on with it.

    Raises:
        ReaderError: the server trains enough already, or the run is being trained.
    """
    if trained_now() >= AT_ONCE:
        raise ReaderError(
            "This server trains {count} networks already. Wait until one is finished, or stop one.",
            count=AT_ONCE,
        )
    run.start(threads())


def draw(run: Run, status: Status) -> None:
    """Draw the buttons that make sense now."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        st.error(message(problem), icon=":material/info:")
    if not is_mine(run):
        return
    state = status.state
    with st.container(horizontal=True, key="run_steering"):
        if state == "running":
            _button(t("Pause"), "pause", lambda: _wish(run, "pause"))
            _button(t("Stop"), "stop", lambda: _wish(run, "stop"))
        elif state == "paused":
            _button(t("Go on"), "play_arrow", lambda: _wish(run, "go"), main=True)
            _button(t("Stop"), "stop", lambda: _wish(run, "stop"))
        elif run.starting():
            return
        elif state in {"stopped", "interrupted", "failed"} or (state == "new" and not run.alive()):
            _button(t("Continue"), "play_arrow", lambda: begin(run), main=True)
        if state in {"stopped", "finished", "interrupted", "failed", "new"} and not run.alive():
            with st.popover(t("Delete"), icon=":material/delete:", type="tertiary"):
                st.markdown(t("Delete this run with everything it has learned?"))
                _button(t("Delete it"), "delete_forever", lambda: _delete(run))


def _wish(run: Run, wish: Wish) -> None:
    run.wish(wish)


def _delete(run: Run) -> None:
    remove(run)
    keep(RUN, "")


def _button(label: str, icon: str, act: object, *, main: bool = False) -> None:
    def pressed() -> None:
        try:
            with writing():
                act()  # type: ignore[operator]
        except ReaderError as error:
            st.session_state[_PROBLEM] = error

    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"run_{icon}",
        type="primary" if main else "secondary",
        on_click=pressed,
    )
