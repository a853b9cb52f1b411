"""What the Compare page has measured, kept for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from explainer.ui.memory import Memory

if TYPE_CHECKING:
    from explainer.tracing import Trace
    from explainer.tracing.precision import LayerError
    from explainer.ui.subject import Subject

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Formats:
    """One pass in every number format."""

    traces: dict[str, Trace]
    """By the format's name, float32 among them."""
    errors: dict[str, tuple[LayerError, ...]]
    """By the format's name, without float32."""


@st.cache_resource(show_spinner=False)
def _measured() -> Memory[Any]:
    return Memory(64 << 20, lambda _: 64 << 10)


@st.cache_resource(show_spinner=False)
def _formats() -> Memory[Formats]:
    return Memory(1 << 30, _size)


def measured(name: str, make: Callable[[], Result]) -> Result:
    """Return a small result, made once for everybody."""
    result: Result = _measured().get(name, make)
    return result


def formats(subject: Subject) -> Formats:
    """Return the subject's pass in every number format, run once for everybody."""
    opened = subject.opened
    return _formats().get(opened.key, lambda: _run(subject))


def _run(subject: Subject) -> Formats:
    from explainer.tracing.precision import FORMATS, layer_errors, trace_in

    reference = subject.trace
    model = subject.opened.loaded.model
    images = reference.input.output
    traces, errors = {}, {}
    for form in FORMATS.values():
        if form.name == "float32":
            traces[form.name] = reference
            continue
        traces[form.name] = trace_in(model, images, form.dtype)
        errors[form.name] = layer_errors(reference, traces[form.name], form.dtype)
    return Formats(traces, errors)


def _size(found: Formats) -> int:
    """Return the bytes of all outputs; those in float32 go when this goes, too."""
    from math import prod

    nodes = (node for trace in found.traces.values() for node in trace.nodes)
    return sum(prod(node.shape) * node.dtype.itemsize for node in nodes)
