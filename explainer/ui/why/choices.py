"""What is on the wall: the reader's choices, which all stand in the link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explainer.render.heat_methods import (
    FIRST,
    FIRST_OF_LARGE,
    LAYERED,
    METHODS,
    QUICK,
    Value,
    last_layer,
    layers_with_place,
    parameters,
    through_the_depth,
)
from explainer.ui.language import later, t
from explainer.ui.numbers import number_in
from explainer.ui.subject import Subject, choose_class, choose_layer
from explainer.ui.why.heats import Job
from explainer.ui.why.work import operations

if TYPE_CHECKING:
    from explainer.tracing import Node

VIEWS = {"methods": later("Methods"), "layers": later("Layers"), "classes": later("Classes")}
_MOST = 12
"""Tiles on the wall."""


@dataclass(frozen=True)
class Choice:
    """What the wall shows."""

    view: str
    jobs: tuple[Job, ...]
    """One for each tile, in order."""
    classes: tuple[int, ...]
    """The classes on the wall; the first is the one that everything below is about."""
    layer: str | None
    """Its name; ``None`` in a network without a layer that has places."""
    opposed: bool
    """Whether to show what speaks against the class, too."""


def choose(subject: Subject) -> Choice:
    """Draw the controls and return what they say."""
    known = _layers(subject)
    row = st.columns([2.8, 3, 3, 3], vertical_alignment="bottom")
    switches = row[3].container(horizontal=True, vertical_alignment="center", horizontal_alignment="right")
    with row[0]:
        view = _view(bool(known.names))
    depth: list[str] = []
    with row[1]:
        classes = _classes(subject) if view == "classes" else [choose_class(subject)]
    with row[2]:
        layer = None if known.last is None else subject.trace[known.last]
        if view == "layers":
            depth = _depth(known)
        elif layer is not None:
            offered = frozenset(known.names)
            layer = choose_layer(subject, default=layer, only=lambda node: node.name in offered)
        else:
            st.caption(
                t("No layer of this network keeps rows and columns: only methods of the pixels are offered.")
            )
    with switches:
        opposed = _switch()
    methods = _methods(subject, view, bool(known.names))
    with switches:
        values = _settings(subject, methods)

    def job(method: str, name: str | None, class_index: int) -> Job:
        return Job(method, name if METHODS[method].layered else None, class_index, values.get(method, ()))

    name = None if layer is None else layer.name

    if view == "layers":
        jobs = [job(methods[0], name, classes[0]) for name in depth]
    elif view == "classes":
        jobs = [job(methods[0], name, index) for index in classes]
    else:
        jobs = [job(method, name, classes[0]) for method in methods]
    return Choice(view, tuple(dict.fromkeys(jobs)), tuple(classes), name, opposed)


@dataclass(frozen=True)
class _Layers:
    """What a network has to offer, by name: the session must not keep a trace alive."""

    key: str
    names: tuple[str, ...]
    last: str | None
    depth: tuple[str, ...]


def _layers(subject: Subject) -> _Layers:
    opened = subject.opened
    kept: _Layers | None = st.session_state.get("why_layers")
    if kept is None or kept.key != opened.key:
        found = layers_with_place(opened.trace, opened.logits)
        last = last_layer(opened.trace, opened.logits, found) if found else None
        depth = through_the_depth(opened.trace, found, last) if last else ()
        kept = _Layers(opened.key, _names(found), last.name if last else None, _names(depth))
        st.session_state["why_layers"] = kept
    return kept


def _names(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(node.name for node in nodes)


def _view(layered: bool) -> str:
    offered = [view for view in VIEWS if layered or view != "layers"]
    wanted = st.query_params.get("view", "methods")
    st.session_state["why_view"] = wanted if wanted in offered else "methods"
    st.segmented_control(
        t("Side by side"),
        offered,
        key="why_view",
        format_func=lambda view: t(VIEWS[view]),
        required=True,
        on_change=partial(_put, "view", "why_view"),
    )
    return str(st.session_state["why_view"])


def _classes(subject: Subject) -> list[int]:
    logits = subject.opened.logits.output[0]
    chances = logits.softmax(0).tolist()
    order = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)
    listed = (number_in(part, 0, len(chances) - 1) for part in _listed("classes"))
    wanted = list(dict.fromkeys(index for index in listed if index is not None))
    st.session_state["why_classes"] = wanted[:_MOST] or order[:3]
    st.multiselect(
        t("Classes"),
        order,
        key="why_classes",
        format_func=lambda index: f"{subject.class_name(index)} · {chances[index]:.1%}",
        max_selections=_MOST,
        on_change=partial(_put_list, "classes", "why_classes"),
    )
    return list(st.session_state["why_classes"])


def _depth(known: _Layers) -> list[str]:
    wanted = [part for part in _listed("layers") if part in known.names]
    st.session_state["why_depth"] = wanted[:_MOST] or list(known.depth)
    chosen = st.multiselect(
        t("Layers"),
        list(known.names),
        key="why_depth",
        max_selections=_MOST,
        on_change=partial(_put_list, "layers", "why_depth"),
    )
    return sorted(chosen, key=known.names.index)


def _methods(subject: Subject, view: str, layered: bool) -> list[str]:
    offered = [key for key in METHODS if layered or not METHODS[key].layered]
    if view == "layers":
        offered = list(LAYERED)
    wanted = [key for key in _listed("methods") if key in offered]

    def title(key: str) -> str:
        return t(METHODS[key].title)

    if view == "methods":
        usual = [key for key in (FIRST if _quick(subject) else FIRST_OF_LARGE) if key in offered]
        st.session_state["why_methods"] = wanted or usual
        several = st.pills(
            t("Methods"),
            offered,
            key="why_methods",
            selection_mode="multi",
            format_func=title,
            label_visibility="collapsed",
            on_change=partial(_put_list, "methods", "why_methods"),
        )
        return sorted(several, key=offered.index)
    single = st.query_params.get("method")
    st.session_state["why_method"] = single if single in offered else (wanted or offered)[0]
    one = st.pills(
        t("Method"),
        offered,
        key="why_method",
        format_func=title,
        required=True,
        label_visibility="collapsed",
        on_change=partial(_put, "method", "why_method"),
    )
    return [one or offered[0]]


def _quick(subject: Subject) -> bool:
    return operations(subject.opened, 1) <= QUICK


def _switch() -> bool:
    st.session_state["why_opposed"] = st.query_params.get("against") == "1"
    return st.toggle(
        t("For and against"),
        key="why_opposed",
        help=t(
            "Show what speaks against the class, too: class activation maps before their ReLU, and the "
            "signed sum over the colours instead of the largest magnitude."
        ),
        on_change=lambda: _write("against", "1" if st.session_state["why_opposed"] else ""),
    )


def _settings(subject: Subject, methods: Iterable[str]) -> dict[str, tuple[tuple[str, Value], ...]]:
    """Draw what can be set about the methods; return what is set."""
    height, width = subject.trace.input.shape[2:]
    found: dict[str, tuple[tuple[str, Value], ...]] = {}
    wanted = {method: parameters(method, (height, width)) for method in methods}
    wanted = {method: given for method, given in wanted.items() if given}
    with st.popover(t("Settings"), icon=":material/tune:", width="content", disabled=not wanted):
        for method, given in wanted.items():
            st.markdown(f"**{t(METHODS[method].title)}**")
            values = []
            for one in given:
                name = f"{method}.{one.key}"
                value = one.read(st.query_params.get(name))
                st.session_state[name] = value
                change = partial(_put_setting, name, one.default)
                if one.choices is not None:
                    st.selectbox(
                        t(one.title),
                        list(one.choices),
                        key=name,
                        format_func=partial(_choice_title, one.choices),
                        on_change=change,
                    )
                else:
                    kind = float if isinstance(one.default, float) else int
                    st.slider(
                        t(one.title),
                        kind(one.low),
                        kind(one.high),
                        step=kind(one.step),
                        key=name,
                        on_change=change,
                    )
                values.append((one.key, value))
            found[method] = tuple(values)
        names = [f"{method}.{one.key}" for method, given in wanted.items() for one in given]
        st.button(
            t("Reset"), icon=":material/restart_alt:", key="why_reset", on_click=partial(_forget, names)
        )
    return found


def _choice_title(titles: Mapping[str, str], key: str) -> str:
    return t(titles[key])


# --- the link ---


def _listed(name: str) -> list[str]:
    return list(dict.fromkeys(filter(None, st.query_params.get(name, "").split(","))))


def _write(name: str, text: str) -> None:
    if text:
        st.query_params[name] = text
    else:
        st.query_params.pop(name, None)


def _put(name: str, key: str) -> None:
    _write(name, str(st.session_state[key] or ""))


def _put_list(name: str, key: str) -> None:
    chosen = st.session_state[key]
    _write(name, ",".join(map(str, chosen)))


def _put_setting(name: str, default: Value) -> None:
    value = st.session_state[name]
    _write(name, "" if value == default else str(value))


def _forget(names: Sequence[str]) -> None:
    for name in names:
        st.query_params.pop(name, None)
