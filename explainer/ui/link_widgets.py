"""Widgets whose state stands in the link under a short name; what is usual does not stand there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from explainer.ui.language import t
from explainer.ui.link import forget, put
from explainer.ui.numbers import finite, number_in

_STATE = "linked_{}"
LAST_SEED = 9999


def one_of(
    name: str,
    label: str,
    options: Mapping[str, str],
    usual: str,
    *,
    changed: Callable[[], None] = lambda: None,
    hidden: bool = False,
    help: str | None = None,
) -> str:
    """Draw a segmented control and return the chosen key.

    Args:
        name: of the query parameter.
        label: translated.
        options: English titles, marked with ``later``, by key.
        usual: the key chosen without a parameter.
        changed: called after a change, before the script runs again.
        hidden: whether the label is for screen readers only.
        help: translated.
    """
    key = _follow_key(name, options, usual)
    chosen = st.segmented_control(
        label,
        list(options),
        key=key,
        format_func=lambda one: t(options[one]) if one in options else one,
        required=True,
        on_change=_put,
        args=(name, usual, changed),
        label_visibility="collapsed" if hidden else "visible",
        help=help,
    )
    return str(chosen)


def from_list(
    name: str,
    label: str,
    options: Mapping[str, str],
    usual: str,
    *,
    changed: Callable[[], None] = lambda: None,
    named: Callable[[str], str] = t,
    **more: Any,
) -> str:
    """Draw a list that unfolds and return the chosen key; see ``one_of``. ``more`` is Streamlit's.

    ``named`` returns what a title in ``options`` is shown as; ``str`` where titles are names, or translated.
    """
    key = _follow_key(name, options, usual)
    chosen = st.selectbox(
        label,
        list(options),
        key=key,
        format_func=lambda one: named(options[one]) if one in options else one,
        on_change=_put,
        args=(name, usual, changed),
        **more,
    )
    return str(chosen)


def several_of(
    name: str, label: str, options: Mapping[str, str], usual: Sequence[str], *, most: int = 99
) -> list[str]:
    """Draw pills and return the chosen keys in the order of ``options``; none chosen means the usual ones."""
    wanted = [one for one in st.query_params.get(name, "").split(",") if one in options]
    key = _STATE.format(name)
    st.session_state[key] = (wanted or list(usual))[:most]

    def keep() -> None:
        found = [one for one in options if one in st.session_state[key]]
        if found:
            put(name, ",".join(found), ",".join(usual))
        else:
            forget(name)

    chosen = st.pills(
        label,
        list(options),
        key=key,
        selection_mode="multi",
        format_func=lambda one: t(options[one]) if one in options else one,
        on_change=keep,
    )
    return [one for one in options if one in chosen]


def switch(name: str, label: str, *, usual: bool) -> bool:
    """Draw a switch and return whether it is on; it is ``?name=0`` or ``?name=1``."""
    wanted = st.query_params.get(name)
    key = _STATE.format(name)
    st.session_state[key] = wanted == "1" if wanted in ("0", "1") else usual
    return st.toggle(
        label,
        key=key,
        on_change=lambda: put(name, str(int(st.session_state[key])), str(int(usual))),
    )


def whole(name: str, label: str, low: int, high: int, usual: int, *, help: str | None = None) -> int:
    """Draw a slider over whole numbers and return the number."""
    key = _follow_number(name, low, high, usual)
    return int(st.slider(label, low, high, key=key, on_change=_put, args=(name, usual), help=help))


def seed(name: str, label: str, usual: int = 0) -> int:
    """Draw a field for the seed of what is random and return it.

    ``name`` is another one than ``seed``, which says the numbers of the exercises.
    """
    key = _follow_number(name, 0, LAST_SEED, usual)
    return int(st.number_input(label, 0, LAST_SEED, key=key, on_change=_put, args=(name, usual), width=130))


def seed_of(name: str) -> int:
    """Return the seed that the link says; 0 where it says none."""
    return number_in(st.query_params.get(name), 0, LAST_SEED) or 0


def put_seed(name: str, number: int) -> None:
    """Put a seed into the link; after the last one comes the first."""
    put(name, str(number % (LAST_SEED + 1)), "0")


def next_seed(name: str, label: str, icon: str, *, key: str) -> None:
    """Draw a button that puts the next seed into the link; ``label`` is translated."""
    st.button(label, icon=icon, key=key, on_click=lambda: put_seed(name, seed_of(name) + 1))


def level(name: str, label: str, levels: Sequence[float], usual: float, *, help: str | None = None) -> float:
    """Draw a slider over a few numbers and return the one chosen; a link may only name one of them."""
    key = _STATE.format(name)
    wanted = finite(st.query_params.get(name))
    st.session_state[key] = wanted if wanted in levels else usual
    return float(
        st.select_slider(
            label,
            list(levels),
            key=key,
            format_func=lambda one: f"{one:g}",
            on_change=_put,
            args=(name, usual),
            help=help,
        )
    )


def reset_button(*names: str, key: str, also: Callable[[], None] = lambda: None) -> None:
    """Draw the button that takes parameters out of the link; ``also`` is called after it has done so."""

    def reset() -> None:
        forget(*names)
        also()

    st.button(t("Reset"), icon=":material/restart_alt:", type="tertiary", key=key, on_click=reset)


def _follow_key(name: str, options: Mapping[str, str], usual: str) -> str:
    """Let a widget follow the link and the history; return its key in the session's state."""
    wanted = st.query_params.get(name, usual)
    key = _STATE.format(name)
    st.session_state[key] = wanted if wanted in options else usual
    return key


def _follow_number(name: str, low: int, high: int, usual: int) -> str:
    found = number_in(st.query_params.get(name), low, high)
    key = _STATE.format(name)
    st.session_state[key] = usual if found is None else found
    return key


def _put(name: str, usual: object, changed: Callable[[], None] = lambda: None) -> None:
    put(name, _text(st.session_state[_STATE.format(name)]), _text(usual))
    changed()


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
