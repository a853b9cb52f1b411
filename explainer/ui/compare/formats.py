"""The precision lens: one pass in float32, bfloat16 and float16, down to the bits of one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.twin_view import FOLDER, twin_view
from explainer.ui.compare.kept import Formats, formats
from explainer.ui.compare.likeness import clickable
from explainer.ui.compare.sides import channel_in
from explainer.ui.language import current_language, later, t, texts_for
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard, plain
from explainer.ui.opened import frame
from explainer.ui.subject import PLACE, Subject

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.tracing import Node

MEASURE = "error"
"""Name of the query parameter that says how errors are measured."""
_MEASURES = {
    "relative": later("overall (Euclidean)"),
    "largest": later("largest"),
    "mean": later("mean"),
}
_DETAILS = {
    "float32": later("8 bits of exponent, 24 of significand: about 7 digits, up to 3.4e38"),
    "bfloat16": later("8 bits of exponent, 8 of significand: 2 to 3 digits, up to 3.4e38"),
    "float16": later("5 bits of exponent, 11 of significand: 3 to 4 digits, up to 65504"),
}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def draw(subject: Subject, layer: Node) -> None:
    """Draw the layer in three formats, then the error of every layer."""
    with guard():
        with st.spinner(t("Running the network in three number formats"), show_time=True):
            found = formats(subject)
        st.markdown(_said(subject, found))
        twin_view(_frame(subject, found, layer), key="format_view")
    _draw_errors(subject, layer)


def _draw_errors(subject: Subject, layer: Node) -> None:
    from explainer.render.compared import layer_curves
    from explainer.render.figures import Line

    with guard():
        found = formats(subject)
        head, choice = st.columns([3, 2], vertical_alignment="bottom")
        with head:
            st.subheader(t("Error layer by layer"))
        with choice:
            measure = one_of(MEASURE, t("Which error"), _MEASURES, "relative", hidden=True)
        names = [error.name for error in next(iter(found.errors.values()))]
        lines = []
        for name, errors in found.errors.items():
            lines.append(Line(name, range(len(names)), [getattr(error, measure) for error in errors]))
            if measure == "relative":
                rounding = [error.rounding for error in errors]
                lines.append(
                    Line(t("{format} rounded once", format=name), range(len(names)), rounding, neutral=True)
                )
        here = names.index(layer.name) if layer.name in names else None
        chart = layer_curves(
            names, lines, y=t("relative error"), log=True, here=here, height=300, y_format=".2e", first=1
        )
        clickable(chart, names, key="format_errors")
        st.markdown(_table(found, layer))


def _table(found: Formats, layer: Node) -> str:
    """Return the layer's errors and the network's losses as a Markdown table."""
    from explainer.tracing.precision import FORMATS

    heads = [
        t("Format"),
        t("Error of {layer}", layer=f"`{layer.name}`"),
        t("largest"),
        t("mean"),
        t("Step after 1"),
        t("Became infinite"),
        t("Became zero"),
        t("Largest value / largest number"),
    ]
    lines = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    for name, errors in found.errors.items():
        form = FORMATS[name]
        own = next((error for error in errors if error.name == layer.name), None)
        peak = max(error.peak for error in errors)
        cells = [
            name,
            *(
                f"{value:.2e}" if own else "–"
                for value in ((own.relative, own.largest, own.mean) if own else (0,) * 3)
            ),
            f"2{str(-form.fraction).translate(_RAISED)}",
            _lost([(error.name, error.overflowed) for error in errors]),
            _lost([(error.name, error.vanished) for error in errors]),
            f"{peak:.3g} / {form.largest:.3g}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _lost(counts: list[tuple[str, int]]) -> str:
    """Return how many numbers were lost in all layers, and in which first."""
    total = sum(count for _, count in counts)
    first = next((name for name, count in counts if count), "")
    return t("{count}, first in {layer}", count=f"{total:,}", layer=f"`{first}`") if total else "0"


def _probabilities(subject: Subject, found: Formats) -> dict[str, Tensor]:
    """Return the softmax of each format's logits, worked out in float64."""
    name = subject.opened.logits.name
    return {form: trace[name].output[0].detach().double().softmax(0) for form, trace in found.traces.items()}


def _said(subject: Subject, found: Formats) -> str:
    """Say whether the formats agree and how far the answer moves."""
    if subject.opened.logits.output.ndim != 2:
        return ""
    answers = _probabilities(subject, found)
    reference = answers["float32"]
    best = int(reference.argmax())
    moved = max(float((one - reference).abs().max()) for one in answers.values())
    other = [name for name, one in answers.items() if int(one.argmax()) != best]
    if other:
        return t(
            "In {formats} the answer is another one: not {name}. Probabilities move by up to {points} "
            "percentage points.",
            formats=", ".join(other),
            name=plain(subject.class_name(best)),
            points=f"{100 * moved:.2g}",
        )
    return t(
        "All three formats answer {name}. Probabilities move by up to {points} percentage points.",
        name=plain(subject.class_name(best)),
        points=f"{100 * moved:.2g}",
    )


def _frame(subject: Subject, found: Formats, layer: Node) -> bytes:
    channel = channel_in(PLACE, layer)
    name = f"formats/{subject.opened.key}/{layer.name}/{channel}/{current_language()}"
    return frame(name, lambda: _make(subject, found, layer, channel))


def _make(subject: Subject, found: Formats, layer: Node, channel: int | None) -> bytes:
    from explainer.render.twins import Side, paired_answers, twins
    from explainer.render.wire import pack
    from explainer.tracing import receptive_fields
    from explainer.tracing.precision import FORMATS

    opened = subject.opened
    field = receptive_fields(opened.trace).get(layer)
    sides = [
        Side(
            title=name,
            detail=t(_DETAILS[name]),
            trace=trace,
            node=trace[layer.name],
            geometry=opened.loaded.preprocessing.geometry(subject.chosen.image.size),
            picture=opened.picture,
            panes=("photo", "map") if name == "float32" else ("map", "difference"),
            parameter=PLACE if name == "float32" else "",
            field=field,
        )
        for name, trace in found.traces.items()
    ]
    answers = []
    if opened.logits.output.ndim == 2:
        shares = list(_probabilities(subject, found).values())
        names = [subject.class_name(index) for index in range(opened.logits.shape[-1])]
        answers = paired_answers([names] * 3, shares, same=True, wanted=int(shares[0].argmax()))
    content = twins(sides, linked=True, channel=channel, answers=answers, formats=tuple(FORMATS.values()))
    return pack(content | {"text": dict(texts_for(FOLDER))})
