"""What a component asks the server for: the newest request stands in its state as ``ask``."""

from __future__ import annotations

from typing import Any

import streamlit as st


def asked(key: str) -> dict[str, Any]:
    """Return what the component with this key last asked for, empty before it has asked anything."""
    state = st.session_state.get(key) or {}
    return dict(state.get("ask") or {})
