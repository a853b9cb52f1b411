"""Plots of two networks, or of one in several number formats, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from explainer.render.figures import COLOURS, NEUTRAL, Line, figure
from explainer.render.twins import laid_out
from explainer.tracing.likeness import at_places, linear_cka

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from explainer.models import Geometry
    from explainer.tracing import Node, Trace

GRID = 8
"""Alignment is measured at so many times so many places of the photograph."""
SMALLEST = 4
"""Maps with fewer rows or columns say too little about so many places."""
_LABELS = 5
"""Names of so many layers stand under a plot; the others are told by the pointer."""

_CELLS = 40
"""Up to so many layers the cells of a map are drawn apart."""


def shared_places(first: Geometry, second: Geometry, side: int = GRID) -> tuple[Tensor, Tensor]:
    """Return a grid over what both inputs show of the photograph, as fractions of each input.

    Returns:
        Two float32 [side * side, 2], x before y. Where the inputs show no common part, each is a grid over
        its own.
    """
    boxes = [_seen(geometry) for geometry in (first, second)]
    left, top = (max(box[axis] for box in boxes) for axis in (0, 1))
    right, bottom = (min(box[axis] for box in boxes) for axis in (2, 3))
    steps = (torch.arange(side, dtype=torch.float32) + 0.5) / side
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    unit = torch.stack([x.flatten(), y.flatten()], 1)
    if left >= right or top >= bottom:
        return unit, unit
    photo = unit * torch.tensor([right - left, bottom - top]) + torch.tensor([left, top])
    return _of_input(photo, first), _of_input(photo, second)


def _seen(geometry: Geometry) -> tuple[float, float, float, float]:
    """Return the part of the photograph in the input, as fractions of its width and height."""
    left, top, right, bottom = geometry.to_photo((0, 0, *geometry.size))
    width, height = geometry.photo
    return max(0, left / width), max(0, top / height), min(1, right / width), min(1, bottom / height)


def _of_input(photo: Tensor, geometry: Geometry) -> Tensor:
    resized, offset, size = (
        torch.tensor(pair, dtype=torch.float32) for pair in (geometry.resized, geometry.offset, geometry.size)
    )
    return (photo * resized - offset) / size


def alignment(
    first: Trace,
    second: Trace,
    layers: tuple[Sequence[Node], Sequence[Node]],
    places: tuple[Tensor, Tensor],
) -> tuple[list[Node], list[Node], Tensor]:
    """Return the linear CKA between layers of two passes over the same photograph.

    The examples are places of the photograph, so it says how alike the layers tell these places apart. They
    are neighbours in one picture, not independent pictures: the figures are comparable with each other, not
    with those of a data set.

    Args:
        first: one pass.
        second: the other.
        layers: of each, those with rows and columns of the picture.
        places: of each, where to read it (``shared_places``).

    Returns:
        The layers of each that are large enough, and float64 [layers of the first, of the second].
    """
    kept: list[list[Node]] = []
    read: list[list[Tensor]] = []
    for recorded, nodes, where in zip((first, second), layers, places, strict=True):
        large = [
            (node, maps)
            for node, maps in ((node, laid_out(recorded, node)) for node in nodes)
            if min(maps.shape[1:]) >= SMALLEST
        ]
        kept.append([node for node, _ in large])
        read.append([at_places(maps, where) for _, maps in large])
    if not read[0] or not read[1]:
        return kept[0], kept[1], torch.zeros(len(read[0]), len(read[1]))
    return kept[0], kept[1], linear_cka(*read)


def layer_curves(
    names: Sequence[str],
    lines: Sequence[Line],
    *,
    y: str,
    log: bool = False,
    here: int | None = None,
    height: int = 240,
    y_range: tuple[float, float] | None = None,
    y_format: str = ".3g",
    first: int = 0,
) -> go.Figure:
    """Return curves over the layers of a network, in execution order.

    Args:
        names: of the layers.
        lines: values for each layer; a neutral line is dotted. What is not above 0 is left out of a
            logarithmic axis.
        y: title of the vertical axis.
        log: whether that is logarithmic.
        here: a layer to mark.
        height: in pixels.
        y_range: ends of the vertical axis; by the data without.
        y_format: how values read.
        first: which of the colours the first line has: that of the same thing elsewhere on the page.
    """
    found = figure(y=y, height=height, legend=len(lines) > 1)
    coloured = first
    for line in lines:
        colour = NEUTRAL if line.neutral else COLOURS[coloured % len(COLOURS)]
        coloured += not line.neutral
        found.add_scatter(
            x=list(line.x),
            y=[value if not log or value > 0 else None for value in line.y],
            name=line.name,
            mode="lines" if line.neutral else "lines+markers",
            line={
                "color": colour,
                "width": 1 if line.neutral else 2,
                "dash": "dot" if line.neutral else "solid",
            },
            marker={"size": 5},
            connectgaps=True,
            customdata=[names[int(place)] for place in line.x],
            hovertemplate=f"<b>%{{customdata}}</b><br>{line.name}: %{{y:{y_format}}}<extra></extra>",
        )
    shown = _some(len(names))
    found.update_xaxes(
        tickvals=shown,
        ticktext=[_short(names[at]) for at in shown],
        autotickangles=[0, 25],
        range=[-0.5, len(names) - 0.5],
    )
    found.update_layout(clickmode="event+select", hovermode="closest", hoverdistance=60)
    if log:
        found.update_yaxes(type="log", exponentformat="power", dtick=1, minor={"showgrid": False})
    if y_range is not None:
        found.update_yaxes(range=list(y_range))
    if here is not None:
        found.add_vline(x=here, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    return found


def alignment_map(
    rows: Sequence[str], columns: Sequence[str], values: Tensor, *, height: int = 420
) -> go.Figure:
    """Return linear CKA as a map: layers of the first network upwards, of the second to the right.

    A dot in each row marks the layer of the second that is most like it; it can be clicked.
    """
    found = figure(height=height)
    found.add_heatmap(
        z=values.clamp(0, 1).float().numpy(),
        x=list(columns),
        y=list(rows),
        hovertemplate="%{y}<br>%{x}<br>CKA %{z:.2f}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale=[[0, "rgba(128, 138, 150, 0.06)"], [0.5, "#7fb0dc"], [1, "#12457d"]],
        colorbar={"thickness": 10, "outlinewidth": 0, "tickvals": [0, 0.5, 1], "title": {"text": "CKA"}},
        xgap=0.5 if len(columns) <= _CELLS else 0,
        ygap=0.5 if len(rows) <= _CELLS else 0,
    )
    best = values.argmax(1).tolist()
    found.add_scatter(
        x=[columns[at] for at in best],
        y=list(rows),
        mode="markers",
        marker={"size": 7, "color": COLOURS[1], "line": {"width": 1, "color": "#ffffff"}},
        customdata=[
            [row, columns[at], f"{float(values[place, at]):.2f}"]
            for place, (row, at) in enumerate(zip(rows, best, strict=True))
        ],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>CKA %{customdata[2]}<extra></extra>",
    )
    for update, names in ((found.update_xaxes, columns), (found.update_yaxes, rows)):
        shown = _some(len(names))
        ticks: dict[str, Any] = {
            "tickvals": [names[at] for at in shown],
            "ticktext": [_short(names[at]) for at in shown],
        }
        update(
            type="category", **ticks, range=[-0.5, len(names) - 0.5], showgrid=False, autotickangles=[0, 25]
        )
    found.update_layout(hovermode="closest", clickmode="event+select")
    return found


def _some(count: int) -> list[int]:
    """Return evenly spread places, the first and the last among them."""
    if count <= _LABELS:
        return list(range(count))
    return sorted({round(at * (count - 1) / (_LABELS - 1)) for at in range(_LABELS)})


def _short(name: str) -> str:
    return name if len(name) <= 16 else f"{name[:7]}…{name[-8:]}"
