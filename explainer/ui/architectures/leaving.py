"""From the overview to a network: on the Network page, or in the table of shapes."""

from __future__ import annotations

import streamlit as st

from explainer.models.architectures import ARCHITECTURES
from explainer.render.architecture_board import network_link
from explainer.ui.language import link_parameters
from explainer.ui.page import go_to_page

_WANTED = "architectures-leave"
_SHAPES = "architectures-shapes"
_PUBLISHED = {one.key: one.published[-1].file if one.published else "" for one in ARCHITECTURES}
"""Files of the weights that the Network page opens, by network."""
_BELONGS = ("weights", "at", "image", "class")
"""What the link says of another network than the one that is opened."""


def want(key: str, at: str = "") -> None:
    """Note in a callback which network the reader wants to open, and at which layer."""
    st.session_state[_WANTED] = (key, at)


def want_shapes(key: str) -> None:
    """Turn to a network's table of shapes; for a callback."""
    if key in _PUBLISHED:
        st.query_params.from_dict(link_parameters() | {"part": "shapes", "net": key})
        st.session_state[_SHAPES] = True


def leave_if_wanted() -> None:
    """Go where a callback has noted that the reader wants to go, if so."""
    if st.session_state.pop(_SHAPES, False):
        st.rerun()  # the whole page: a fragment alone would stay where it is
    key, at = st.session_state.pop(_WANTED, ("", ""))
    if key not in _PUBLISHED:
        return
    for name in _BELONGS:
        st.query_params.pop(name, None)
    place = {"at": at} if at else {}
    go_to_page("network", **network_link(key, trained=_is_here(key)), **place)


def _is_here(key: str) -> bool:
    """Whether the weights that the Network page opens are on this machine."""
    from explainer.models.weights import checkpoint_folder

    file = _PUBLISHED[key]
    return bool(file) and (checkpoint_folder() / file).is_file()
