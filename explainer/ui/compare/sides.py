"""The two sides of a comparison as a frame for the browser, and what they say in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.twin_view import FOLDER, twin_view
from explainer.ui.compare.choices import SECOND_PLACE, Twin, weights_title
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.messages import guard, plain
from explainer.ui.numbers import number_in
from explainer.ui.opened import frame
from explainer.ui.subject import CLASS, PLACE, Subject

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.render.twins import Answer, Side
    from explainer.tracing import Node


def draw(twin: Twin, class_index: int) -> None:
    """Draw both sides at a class of the first one."""
    with guard():
        st.markdown(agreement(twin, class_index))
        twin_view(_frame(twin, class_index), key="twin_view", on_choose=put_class)


def put_class(index: int) -> None:
    """Put a class into the link."""
    st.query_params[CLASS] = str(index)


def titles(twin: Twin) -> tuple[str, str]:
    """Return what the two sides are called."""
    if twin.mode == "images":
        return t("First image"), t("Second image")
    if twin.mode == "weights":
        return weights_title(twin.first.weights), weights_title(twin.second.weights)
    first, second = (subject.opened.loaded.title for subject in (twin.first, twin.second))
    if first == second:
        return t("{title}, first", title=first), t("{title}, second", title=second)
    return first, second


def names_of(twin: Twin) -> tuple[list[str], list[str]]:
    """Return what all outputs of both sides are called.

    Random weights have no names for theirs: before and after training those of the trained ones hold.
    """
    first, second = (
        [subject.class_name(index) for index in range(subject.opened.logits.shape[-1])]
        for subject in (twin.first, twin.second)
    )
    if _same_outputs(twin):
        named = second if twin.second.opened.loaded.trained else first
        return named, named
    return first, second


def probabilities_of(subject: Subject) -> Tensor:
    """Return the softmax of the logits, float64 [classes]."""
    return subject.opened.logits.output[0].detach().double().softmax(0)


def second_class(twin: Twin, class_index: int) -> int | None:
    """Return the class of the second side that is the first side's; ``None`` where it does not know it."""
    from explainer.render.twins import twin_of_class

    if _same_outputs(twin):
        return class_index
    names, others = names_of(twin)
    return twin_of_class(names[class_index], others)


def _same_outputs(twin: Twin) -> bool:
    """Whether the outputs mean the same on both sides: one network, and as many of them."""
    shapes = [subject.opened.logits.shape[-1] for subject in (twin.first, twin.second)]
    return twin.first.entry.key == twin.second.entry.key and shapes[0] == shapes[1]


def answers_of(twin: Twin, class_index: int) -> list[Answer]:
    """Return the likeliest classes of either side."""
    from explainer.render.twins import paired_answers

    return paired_answers(
        names_of(twin),
        [probabilities_of(subject) for subject in (twin.first, twin.second)],
        same=_same_outputs(twin),
        wanted=class_index,
    )


def agreement(twin: Twin, class_index: int) -> str:
    """Say in a sentence or two where the sides agree and where they do not."""
    one, two = map(plain, titles(twin))
    first, second = (probabilities_of(subject) for subject in (twin.first, twin.second))
    names, others = names_of(twin)
    best, other = int(first.argmax()), int(second.argmax())
    name = plain(names[best])
    if second_class(twin, best) == other:
        said = t(
            "Both say {name}: {first} with {p}, {second} with {q}.",
            name=name,
            first=one,
            second=two,
            p=f"{float(first[best]):.1%}",
            q=f"{float(second[other]):.1%}",
        )
    else:
        said = t(
            "They disagree: {first} says {name} ({p}), {second} says {other} ({q}).",
            first=one,
            name=name,
            p=f"{float(first[best]):.1%}",
            second=two,
            other=plain(others[other]),
            q=f"{float(second[other]):.1%}",
        )
    wanted = plain(names[class_index])
    match = second_class(twin, class_index)
    if match is None:
        return f"{said} " + t(
            "{name} is a class of {first} only; for {second} the maps are those of its own answer, {other}.",
            name=wanted,
            first=one,
            second=two,
            other=plain(others[other]),
        )
    return f"{said} " + t(
        "For {name}: {p} and {q}.",
        name=wanted,
        p=f"{float(first[class_index]):.1%}",
        q=f"{float(second[match]):.1%}",
    )


def side_of(
    subject: Subject,
    node: Node,
    class_index: int,
    class_name: str,
    *,
    title: str,
    detail: str,
    parameter: str,
    panes: tuple[str, ...],
) -> Side:
    """Return one side with its class activation map and receptive fields."""
    from explainer.attribution import cam
    from explainer.render.twins import Side
    from explainer.tracing import receptive_fields

    opened = subject.opened
    return Side(
        title=title,
        detail=detail,
        trace=opened.trace,
        node=node,
        geometry=opened.loaded.preprocessing.geometry(subject.chosen.image.size),
        picture=opened.picture,
        panes=panes,
        parameter=parameter,
        heat=cam(opened.trace, node, opened.logits, class_index).map if "cam" in panes else None,
        heat_title=class_name,
        field=receptive_fields(opened.trace).get(node),
    )


def channel_in(parameter: str, node: Node) -> int | None:
    """Return the channel of ``node`` that a query parameter names."""
    from explainer.tracing import extent

    name, *rest = st.query_params.get(parameter, "").split("/")
    return number_in(rest[0], 0, extent(node)[0] - 1) if name == node.name and rest else None


def _details(twin: Twin) -> tuple[str, str]:
    if twin.mode != "models":
        return twin.first.opened.loaded.title, twin.second.opened.loaded.title
    found = []
    for subject in (twin.first, twin.second):
        height, width = subject.opened.loaded.preprocessing.size
        size = t("input of {width}×{height} pixels", width=width, height=height)
        found.append(size if subject.opened.loaded.trained else f"{size} · {weights_title(subject.weights)}")
    return found[0], found[1]


def _panes(twin: Twin) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the pictures of each side; a photograph that both have stands there once."""
    usual = ("photo", "map", "cam")
    if not twin.linked:
        return usual, usual
    return usual, ("map", "difference", "cam") if twin.mode == "weights" else (
        *usual[:2],
        "difference",
        "cam",
    )


def _frame(twin: Twin, class_index: int) -> bytes:
    channels = (channel_in(PLACE, twin.layer), channel_in(SECOND_PLACE, twin.other))
    keys = (twin.first.opened.key, twin.layer.name, twin.second.opened.key, twin.other.name)
    name = f"twins/{twin.mode}/{'/'.join(keys)}/{class_index}/{channels}/{current_language()}"
    return frame(name, lambda: _make(twin, class_index, channels))


def _make(twin: Twin, class_index: int, channels: tuple[int | None, int | None]) -> bytes:
    from explainer.render.twins import twins
    from explainer.render.wire import pack

    match = second_class(twin, class_index)
    if match is None:
        match = int(probabilities_of(twin.second).argmax())
    names, others = names_of(twin)
    sides = [
        side_of(subject, node, index, name, title=title, detail=detail, parameter=parameter, panes=panes)
        for subject, node, index, name, title, detail, parameter, panes in zip(
            (twin.first, twin.second),
            (twin.layer, twin.other),
            (class_index, match),
            (names[class_index], others[match]),
            titles(twin),
            _details(twin),
            (PLACE, SECOND_PLACE),
            _panes(twin),
            strict=True,
        )
    ]
    content = twins(
        sides,
        linked=twin.linked,
        channel=channels[0],
        others=channels[1:],
        answers=answers_of(twin, class_index),
        chosen=class_index,
    )
    return pack(content | {"text": dict(texts_for(FOLDER))})
