"""What a unit can see of the photo and what it does see: the two receptive fields, linked to the map."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import asked
from explainer.components.field_view import FOLDER, field_view
from explainer.ui.address import hear
from explainer.ui.jobs import Job, jobs, watcher
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard, message
from explainer.ui.opened import frame
from explainer.ui.subject import place, put_place
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.tracing import Node
    from explainer.ui.opened import Opened
    from explainer.ui.subject import Subject

KEY = "field_view"
PHOTOS = 12
"""The average is taken over so many of the sample pictures."""

Unit = tuple[int, int, int]
"""Channel, row, column."""


def draw(subject: Subject, node: Node) -> None:
    """Draw the section."""
    _view(subject, node.name)
    lesson("receptive_field", title=t("What is a receptive field?"))


@st.fragment
def _view(subject: Subject, name: str) -> None:
    with guard():
        hear(KEY)
        _leave(subject)
        opened = subject.opened
        node = opened.trace[name]
        identity = f"{opened.key}/{name}/{current_language()}"
        unit = _unit(subject, node, identity)
        name_of_average = ("field", subject.entry.key, subject.weights, name, unit)
        job = jobs().find(name_of_average, watcher())
        field_view(_frame(opened, node, identity, unit, job.result if job else None), key=KEY)
        st.session_state[f"{KEY}-sent"] = identity
        if unit is not None:
            average = _offer_average(opened, node, unit, name_of_average)
            if average is not None and (job is None or job.result is None):
                st.rerun()  # it was done at once, after the view had been drawn
            _show_code(subject, opened, node, unit)


def _leave(subject: Subject) -> None:
    """Go to the layer that the strip names, once."""
    ask = asked(KEY)
    wanted, serial = ask.get("leave"), (ask.get("identity"), ask.get("serial"))
    if isinstance(wanted, str) and wanted in subject.trace and st.session_state.get(f"{KEY}-left") != serial:
        st.session_state[f"{KEY}-left"] = serial
        put_place(wanted)
        st.rerun()


def _unit(subject: Subject, node: Node, identity: str) -> Unit | None:
    """Return the unit that the view shows, as it says itself, else as the link does."""
    from explainer.tracing import extent

    ask = asked(KEY)
    spot: Any = ask.get("place") if ask.get("identity") == identity else None
    if not isinstance(spot, dict):
        here, channel, y, x = place(subject)
        if here is not node:
            return None
        spot = {"channel": channel, "y": y, "x": x}
    channel, y, x = (spot.get(key) for key in ("channel", "y", "x"))
    inside = all(
        isinstance(number, int) and 0 <= number < size
        for number, size in zip((channel, y, x), extent(node), strict=True)
    )
    return (channel, y, x) if inside else None


def _frame(opened: Opened, node: Node, identity: str, unit: Unit | None, average: Any) -> bytes:
    """Return the whole layer when it is another than before, else the answer to what the view asked last."""
    from explainer.render.fields import opening, plane
    from explainer.render.wire import pack
    from explainer.tracing import extent

    ask = asked(KEY)
    if ask.get("identity") == identity == st.session_state.get(f"{KEY}-sent"):
        messages = []
        channel = ask.get("channel")
        if isinstance(channel, int) and 0 <= channel < extent(node)[0]:
            messages.append(plane(node, channel))
        if unit is not None and ask.get("heat"):
            messages.append(_heat(opened, node, unit))
        if unit is not None and average is not None:
            messages.append(average)
        return pack({"messages": messages, "identity": identity})

    def make() -> bytes:
        names = opened.loaded.classes if node.shape == opened.logits.shape else None
        first = opening(opened.trace, node, opened.picture, unit[0] if unit else 0, t, names=names)
        return pack({"messages": [first], "identity": identity, "text": dict(texts_for(FOLDER))})

    return frame(f"field/{identity}/{unit[0] if unit else 0}", make)


def _heat(opened: Opened, node: Node, unit: Unit) -> dict[str, Any]:
    """Return the effective field of a unit, or why there is none."""
    from explainer.errors import ReaderError
    from explainer.render.fields import effective

    try:
        return effective(opened.trace, node, *unit)
    except ReaderError as error:
        channel, y, x = unit
        return {
            "type": "refusal",
            "node": node.name,
            "channel": channel,
            "y": y,
            "x": x,
            "reason": message(error),
        }


def _offer_average(opened: Opened, node: Node, unit: Unit, name: Hashable) -> Any:
    """Draw the button that averages the effective field over sample pictures, or how far that is.

    Returns the average once it is there.
    """
    from explainer.tracing import receptive_fields

    if receptive_fields(opened.trace)[node].status == "undefined":
        return None
    return watched(
        name,
        lambda job: _average(opened, node, unit, job),
        key=KEY,
        start=t("Average over {count} sample photos", count=PHOTOS),
        light=False,
    )


def _average(opened: Opened, node: Node, unit: Unit, job: Job) -> dict[str, Any]:
    """Return the message with the effective field averaged over sample pictures."""
    from explainer.render.fields import heat
    from explainer.samples import samples_for
    from explainer.tracing import average_effective_receptive_field

    loaded = opened.loaded
    some = samples_for(loaded.preprocessing, loaded.classes)[:PHOTOS]
    images = [loaded.preprocessing.apply(sample.load()) for sample in some]
    channel, y, x = unit
    values = average_effective_receptive_field(
        loaded.model, node.name, images, channel, y, x, progress=job.report
    )
    return heat(values, node, channel, y, x, photos=len(images))


def _show_code(subject: Subject, opened: Opened, node: Node, unit: Unit) -> None:
    from explainer.render.fields import snippet

    channel, y, x = unit
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(snippet(subject.origin, node, channel, y, x, logits=opened.logits), "python")
