"""Work that the reader asks for by a button: it begins then, is watched, and its result is taken once."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from explainer.ui.jobs import Job
from explainer.ui.language import t
from explainer.ui.watching import watched

_ASKED = "{}_asked"


def ask(key: str, name: Hashable) -> None:
    """Note that something is wanted, anew where it has been tried before; to be called from a callback."""
    st.session_state[_ASKED.format(key)] = (key, name, time.monotonic())


def answered(
    key: str, name: Hashable, work: Callable[[Job], Any], show: Callable[[Job], None] = lambda _: None
) -> Any:
    """Return the result of the work that was asked for, once; ``None`` without one.

    Args:
        key: as given to ``ask``.
        name: what the page shows now: work that was asked for under another name must not pass for it.
        work: makes it; must not use Streamlit.
        show: draws what there is so far.

    Raises:
        ReaderError: what the work raised. It is raised again until something else is asked for.
    """
    asked = st.session_state.get(_ASKED.format(key))
    if asked is None or asked[1] != name:
        return None
    result = watched(asked, work, key=key, start=t("Begin again"), light=True, show=show)
    if result is not None:
        del st.session_state[_ASKED.format(key)]
    return result
