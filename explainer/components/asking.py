"""What a component asks the server for: the newest request stands in its state as ``ask``."""

from __future__ import annotations

from typing import Any

import streamlit as st

_TAKEN = "{}_taken"


def asked(key: str) -> dict[str, Any]:
    """Return what the component with this key last asked for, empty before it has asked anything."""
    state = st.session_state.get(key) or {}
    return dict(state.get("ask") or {})


def newly_asked(key: str) -> dict[str, Any]:
    """Return the component's last request where it is news, empty otherwise; it is news once.

    A request that is carried out once holds ``serial``, a number that grows. So the browser's way back leads
    back, though the request still stands in the component's state.
    """
    ask = asked(key)
    serial = ask.get("serial")
    if not isinstance(serial, int | float) or serial <= taken(key):
        return {}
    st.session_state[_TAKEN.format(key)] = serial
    return ask


def taken(key: str) -> int | float:
    """Return the serial of the last request that was news, for the component to see; 0 before."""
    return st.session_state.get(_TAKEN.format(key), 0)
