"""The reader's list of changes: kept in the link as ``?what=``, with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import t
from explainer.ui.opened import open_image

if TYPE_CHECKING:
    from explainer.layers.intervention import Change
    from explainer.tracing import Trace
    from explainer.ui.subject import Subject

WHAT = "what"
_PAST = "what_if_past"
_KEPT = 50


def text_of_changes() -> str:
    """Return the changes as they stand in the link."""
    return st.query_params.get(WHAT, "")


def changes(subject: Subject) -> tuple[Change, ...]:
    """Return the changes of the link that this network has a place for."""
    from explainer.layers.links import read_changes

    found = read_changes(text_of_changes(), lambda key: trace_of(subject, key))
    return tuple(change for change in found if change.node in subject.trace)


def trace_of(subject: Subject, key: str) -> Trace | None:
    """Return the forward pass of a sample picture in this network; ``None`` if there is no such sample."""
    from explainer.errors import ReaderError
    from explainer.samples import sample

    try:
        picture = sample(key).load()
    except ReaderError:
        return None
    return open_image(subject.entry.key, subject.weights, key, picture).trace


def put_changes(made: Sequence[Change]) -> None:
    """Put changes into the link; what stood there can be brought back."""
    from explainer.layers.links import write_changes

    past: list[str] = st.session_state.setdefault(_PAST, [])
    past.append(text_of_changes())
    del past[:-_KEPT]
    _put(write_changes(made))


def undo(subject: Subject) -> None:
    """Bring back what stood in the link before; without a past (a link that was opened) drop the last one."""
    from explainer.layers.links import write_changes

    past: list[str] = st.session_state.setdefault(_PAST, [])
    if past:
        _put(past.pop())
    else:
        _put(write_changes(changes(subject)[:-1]))


def can_undo(subject: Subject) -> bool:
    """Whether ``undo`` would do anything."""
    return bool(st.session_state.get(_PAST)) or bool(changes(subject))


def _put(text: str) -> None:
    if text:
        st.query_params[WHAT] = text
    else:
        st.query_params.pop(WHAT, None)


def describe(change: Change) -> str:
    """Say in one line what a change is."""
    from explainer.layers.intervention import BiasChange, KernelChange

    place = {"node": change.node, "channel": change.channel}
    if isinstance(change, KernelChange):
        return t("{node}: kernel {channel} ← {source} edited", source=change.source, **place)
    if isinstance(change, BiasChange):
        return t("{node}: bias {channel} = {value}", value=f"{change.value:.4g}", **place)
    if change.how == "scale":
        return t("{node}: channel {channel} × {factor}", factor=f"{change.factor:g}", **place)
    if change.how == "zero":
        return t("{node}: channel {channel} silent", **place)
    if change.how == "mean":
        return t("{node}: channel {channel} replaced by its mean", **place)
    if change.how == "channel":
        return t("{node}: channel {channel} replaced by channel {source}", source=change.source, **place)
    return t("{node}: channel {channel} taken from another picture", **place)
