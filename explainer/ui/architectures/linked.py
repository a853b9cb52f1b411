"""Controls whose state stands in the link; what is as usual does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st


def put(name: str, value: str, usual: str) -> None:
    """Put a value into the link, or take it out where it is the usual one."""
    if value == usual:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def _state(name: str, options: Sequence[str], usual: str) -> Callable[[], None]:
    """Let the control follow the link and the history; return what puts the reader's choice there."""
    wanted = st.query_params.get(name, usual)
    st.session_state[name] = wanted if wanted in options else usual
    return lambda: put(name, str(st.session_state[name]), usual)


def select(
    label: str,
    titles: Mapping[str, str],
    *,
    name: str,
    usual: str,
    changed: Callable[[], None] = lambda: None,
    **options: Any,
) -> str:
    """Draw a list to choose from; the choice is ``?name=``. ``changed`` is called then."""
    put_there = _state(name, list(titles), usual)

    def keep() -> None:
        put_there()
        changed()

    return st.selectbox(
        label, list(titles), key=name, format_func=lambda one: titles.get(one, one), on_change=keep, **options
    )


def segments(label: str, titles: Mapping[str, str], *, name: str, usual: str, **options: Any) -> str:
    """Draw a few choices beside each other; the choice is ``?name=``."""
    keep = _state(name, list(titles), usual)
    found = st.segmented_control(
        label,
        list(titles),
        key=name,
        format_func=lambda one: titles.get(one, one),
        on_change=keep,
        required=True,
        **options,
    )
    return str(found)


def switch(label: str, *, name: str, usual: bool, **options: Any) -> bool:
    """Draw a switch; it is ``?name=0`` or ``?name=1``."""
    wanted = st.query_params.get(name)
    st.session_state[name] = usual if wanted not in ("0", "1") else wanted == "1"
    return st.toggle(
        label,
        key=name,
        on_change=lambda: put(name, str(int(st.session_state[name])), str(int(usual))),
        **options,
    )


def reset(*names: str) -> None:
    """Take what a part has put there out of the link: everything is as usual again."""
    for name in names:
        st.query_params.pop(name, None)
