"""The page's link: parts put there what the reader has set; what is usual does not stand there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st


def put(name: str, value: str, usual: str = "") -> None:
    """Put a value into the link, or take it out where it is the usual one."""
    if value == usual:
        forget(name)
    else:
        st.query_params[name] = value


def forget(*names: str) -> None:
    """Take parameters out of the link, so that everything is as usual again."""
    for name in names:
        st.query_params.pop(name, None)


def put_all(values: Mapping[str, str], parameters: Collection[str]) -> None:
    """Put a part's values into the link, in place of whatever ``parameters`` said there.

    Nothing happens where the link says just that already: the browser's history gets no entry.
    """
    now = st.query_params.to_dict()
    new = {name: value for name, value in now.items() if name not in parameters} | dict(values)
    if new != now:
        st.query_params.from_dict(new)
