"""Know when the page is on the reader's screen, so that slow imports come after it and not before."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explainer.components.modules import link

FOLDER = Path(__file__).parent

_component = st.components.v2.component("convscope.painted", html="<span></span>", js=link(FOLDER))


def painted(key: str) -> bool:
    """Return whether ``tell_when_painted`` has told, under this widget key."""
    state = st.session_state.get(key) or {}
    return bool(state.get("painted"))


def tell_when_painted(key: str) -> None:
    """Run the script again as soon as the browser has painted what has been drawn so far.

    That a message has been sent is not enough: importing a large library stops the server from answering the
    browser's requests for what the page is made of, for seconds.
    """
    _component(key=key, on_painted_change=lambda: None)
