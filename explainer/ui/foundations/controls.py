"""Widgets whose state stands in the link under a short name; what is usual does not stand there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from explainer.ui.language import t
from explainer.ui.numbers import number_in

_STATE = "linked_{}"
_LONGEST = 12


def one_of(
    name: str,
    label: str,
    options: Mapping[str, str],
    usual: str,
    *,
    changed: Callable[[], None] = lambda: None,
    hidden: bool = False,
) -> str:
    """Draw a segmented control and return the chosen key.

    Args:
        name: of the query parameter.
        label: translated.
        options: English titles, marked with ``later``, by key.
        usual: the key chosen without a parameter.
        changed: called after a change, before the script runs again.
        hidden: whether the label is for screen readers only.
    """
    wanted = st.query_params.get(name, usual)
    key = _STATE.format(name)
    st.session_state[key] = wanted if wanted in options else usual
    chosen = st.segmented_control(
        label,
        list(options),
        key=key,
        format_func=lambda one: t(options[one]) if one in options else one,
        required=True,
        on_change=_put,
        args=(name, usual, changed),
        label_visibility="collapsed" if hidden else "visible",
    )
    return str(chosen)


def several_of(
    name: str, label: str, options: Mapping[str, str], usual: Sequence[str], *, most: int = 99
) -> list[str]:
    """Draw pills and return the chosen keys in the order of ``options``; none chosen means the usual ones."""
    wanted = [one for one in st.query_params.get(name, "").split(",") if one in options]
    key = _STATE.format(name)
    st.session_state[key] = (wanted or list(usual))[:most]

    def put() -> None:
        found = st.session_state[key]
        found = [one for one in options if one in found]
        if found and found != list(usual):
            st.query_params[name] = ",".join(found)
        else:
            st.query_params.pop(name, None)

    chosen = st.pills(
        label,
        list(options),
        key=key,
        selection_mode="multi",
        format_func=lambda one: t(options[one]) if one in options else one,
        on_change=put,
    )
    return [one for one in options if one in chosen]


def whole(name: str, label: str, low: int, high: int, usual: int, *, help: str | None = None) -> int:
    """Draw a slider over whole numbers and return the number."""
    key = _STATE.format(name)
    found = number_in(st.query_params.get(name), low, high)
    st.session_state[key] = usual if found is None else found
    return int(
        st.slider(label, low, high, key=key, on_change=_put, args=(name, usual, lambda: None), help=help)
    )


def seed(name: str, label: str, usual: int = 0) -> int:
    """Draw a field for the seed of what is random and return it."""
    key = _STATE.format(name)
    found = number_in(st.query_params.get(name), 0, 9999)
    st.session_state[key] = usual if found is None else found
    return int(
        st.number_input(label, 0, 9999, key=key, on_change=_put, args=(name, usual, lambda: None), width=130)
    )


def level(name: str, label: str, levels: Sequence[float], usual: float, *, help: str | None = None) -> float:
    """Draw a slider over a few numbers and return the one chosen; a link may only name one of them."""
    key = _STATE.format(name)
    wanted = number(st.query_params.get(name))
    st.session_state[key] = wanted if wanted in levels else usual
    return float(
        st.select_slider(
            label,
            list(levels),
            key=key,
            format_func=lambda one: f"{one:g}",
            on_change=_put,
            args=(name, usual, lambda: None),
            help=help,
        )
    )


def number(text: str | None) -> float | None:
    """Return the finite number that a short text is, or ``None``: a link may hold anything."""
    if text is None or len(text) > _LONGEST:
        return None
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def forget(*names: str) -> None:
    """Take parameters out of the link, so that everything is as usual again."""
    for name in names:
        st.query_params.pop(name, None)


def _put(name: str, usual: object, changed: Callable[[], None]) -> None:
    found = st.session_state[_STATE.format(name)]
    if found == usual:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = f"{found:g}" if isinstance(found, float) else str(found)
    changed()
