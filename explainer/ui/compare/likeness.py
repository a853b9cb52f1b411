"""How alike the sides are layer by layer: outputs and weights of one architecture, alignment of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.compare.choices import SECOND_PLACE, Twin, put_layers
from explainer.ui.compare.kept import measured
from explainer.ui.compare.sides import titles
from explainer.ui.language import t
from explainer.ui.messages import guard, plain
from explainer.ui.subject import PLACE

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from torch import Tensor

    from explainer.tracing.likeness import Likeness


def draw(twin: Twin) -> None:
    """Draw the likeness of outputs and weights, or the alignment of two architectures."""
    with guard():
        if twin.first.entry.key == twin.second.entry.key:
            _draw_layers(twin)
            if twin.mode == "weights":
                _draw_weights(twin)
        else:
            _draw_alignment(twin)


def _draw_layers(twin: Twin) -> None:
    from explainer.render.compared import layer_curves
    from explainer.render.figures import Line
    from explainer.tracing.likeness import layer_likeness

    name = f"layers/{twin.first.opened.key}/{twin.second.opened.key}"
    found = measured(name, lambda: layer_likeness(twin.first.trace, twin.second.trace))
    if not found:
        return
    st.subheader(t("Layer by layer"))
    names = [one.name for one in found]
    here = names.index(twin.layer.name) if twin.layer.name in names else None
    steps = range(len(found))
    left, right = st.columns(2)
    with left:
        st.caption(t("Cosine similarity of the two outputs: 1 the same direction, 0 at right angles"))
        lines = [Line(t("cosine similarity"), steps, [one.cosine for one in found])]
        low = min(0.0, *(one.cosine for one in found))
        chart = layer_curves(names, lines, y=t("cosine similarity"), here=here, y_range=(low - 0.03, 1.03))
        clickable(chart, names, key="cosine")
    with right:
        st.caption(t("Relative difference: |second − first| / |first|"))
        lines = [Line(t("relative difference"), steps, [one.relative for one in found])]
        clickable(layer_curves(names, lines, y=t("relative difference"), here=here), names, key="relative")
    st.caption(_least_alike(found))


def _least_alike(found: tuple[Likeness, ...]) -> str:
    if all(one.relative == 0 for one in found):
        return t("The outputs are the same, bit for bit.")
    least = min(found, key=lambda one: one.cosine)
    most = max(found[1:] or found, key=lambda one: one.cosine)
    return t(
        "Most alike after the input: {most} (cosine {high}). Least alike: {least} (cosine {low}). "
        "Click a point to go to its layer.",
        most=f"`{most.name}`",
        high=f"{most.cosine:.3f}",
        least=f"`{least.name}`",
        low=f"{least.cosine:.3f}",
    )


def _draw_weights(twin: Twin) -> None:
    from explainer.render.compared import layer_curves
    from explainer.render.figures import Line
    from explainer.tracing.likeness import weight_likeness

    first, second = (subject.opened.loaded.model for subject in (twin.first, twin.second))
    name = f"weights/{twin.first.entry.key}/{twin.first.weights}/{twin.second.weights}"
    found = measured(name, lambda: weight_likeness(first, second))
    if not found:
        return
    st.subheader(t("Weight by weight"))
    names = [one.name for one in found]
    shapes = {name: parameter.ndim for name, parameter in first.named_parameters()}
    kinds = {
        t("kernels and matrices"): [at for at, name in enumerate(names) if shapes[name] > 1],
        t("biases, normalisation"): [at for at, name in enumerate(names) if shapes[name] <= 1],
    }
    left, right = st.columns(2)
    with left:
        st.caption(t("Cosine similarity of the weights"))
        lines = [
            Line(kind, places, [found[at].cosine for at in places])
            for kind, places in kinds.items()
            if places
        ]
        low = min(0.0, *(one.cosine for one in found))
        _plain(
            layer_curves(names, lines, y=t("cosine similarity"), y_range=(low - 0.03, 1.03)), "weights_cosine"
        )
    with right:
        st.caption(t("Relative change of the weights: |second − first| / |first|"))
        lines = [
            Line(kind, places, [found[at].relative for at in places])
            for kind, places in kinds.items()
            if places
        ]
        _plain(layer_curves(names, lines, y=t("relative change")), "weights_relative")
    if all(one.relative == 0 for one in found):
        st.caption(t("The weights are the same, bit for bit."))


def _draw_alignment(twin: Twin) -> None:
    from explainer.render.compared import GRID, SMALLEST, alignment, alignment_map, shared_places
    from explainer.render.twins import places

    opened = (twin.first.opened, twin.second.opened)
    size = twin.first.chosen.image.size

    def make() -> tuple[list[str], list[str], Tensor]:
        traces = (opened[0].trace, opened[1].trace)
        first, second = (one.loaded.preprocessing.geometry(size) for one in opened)
        where = shared_places(first, second)
        rows, columns, values = alignment(*traces, (places(traces[0]), places(traces[1])), where)
        return [node.name for node in rows], [node.name for node in columns], values

    with st.spinner(t("Comparing every layer with every other"), show_time=True):
        rows, columns, values = measured(f"alignment/{opened[0].key}/{opened[1].key}", make)
    if not rows or not columns:
        return
    st.subheader(t("Which layers see alike"))
    chart = alignment_map(rows, columns, values)
    one, two = map(plain, titles(twin))

    def go_there() -> None:
        points = st.session_state["alignment"]["selection"]["points"]
        if points:
            put_layers(*points[0]["customdata"][:2])

    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        st.caption(t("Upwards the layers of {first}, to the right those of {second}", first=one, second=two))
        _chart(chart, "alignment", go_there)
    with right:
        best = int(values.argmax())
        row, column = divmod(best, len(columns))
        st.markdown(
            t(
                "Linear CKA between every two layers, measured at {count} places of this photo: 1 means that "
                "both tell these places apart in the same way, up to rotation and scale; 0 means no more "
                "than by chance.",
                count=GRID * GRID,
            )
        )
        st.markdown(
            t(
                "A dot marks, for each layer of {first}, the layer of {second} that is most like it. "
                "Click it to see the two side by side.",
                first=one,
                second=two,
            )
        )
        st.markdown(
            t(
                "Most alike: {first} and {second} ({value}).",
                first=f"`{rows[row]}`",
                second=f"`{columns[column]}`",
                value=f"{float(values[row, column]):.2f}",
            )
        )
        st.caption(
            t(
                "Places of one photo are neighbours, not independent examples: compare these figures with "
                "each other, not with published ones. Maps below {size}×{size} are left out.",
                size=SMALLEST,
            )
        )


def clickable(chart: go.Figure, names: list[str], *, key: str) -> None:
    """Draw curves over layers; a point that is clicked puts its layer into the link."""

    def go_there() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            st.query_params[PLACE] = names[int(points[0]["x"])]
            st.query_params.pop(SECOND_PLACE, None)

    _chart(chart, key, go_there)


def _chart(chart: go.Figure, key: str, on_select: Callable[[], None]) -> None:
    from explainer.render.figures import CONFIG

    st.plotly_chart(
        chart,
        key=key,
        width="stretch",
        theme="streamlit",
        config=CONFIG,
        on_select=on_select,
        selection_mode="points",
    )


def _plain(chart: go.Figure, key: str) -> None:
    from explainer.ui.plots import plot

    plot(chart, key=key)
