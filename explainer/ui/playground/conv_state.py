"""The setting of the 2-D part: what the link says, and how it gets there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.link import put_all

if TYPE_CHECKING:
    from explainer.playground.conv_setting import Setting


def setting() -> Setting:
    """Return what the link describes."""
    from explainer.playground.conv_link import read_link

    return read_link(st.query_params.to_dict())


def put(new: Setting) -> None:
    """Write a setting into the link."""
    from explainer.playground.conv_link import PARAMETERS, write_link

    put_all(write_link(new), PARAMETERS)


def change(key: str, make: Callable[[Setting, Any], Setting]) -> None:
    """Take a widget's new value into the link."""
    put(make(setting(), st.session_state[key]))
