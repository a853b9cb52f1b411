"""Two or three passes beside each other, as one frame for the browser: everything the linked pixel needs.

The browser answers the pointer itself: it knows of each side where the photograph lies under the network's
input, where the units of the layer stand in it and what they see, and the values of the strongest channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from explainer.attribution.spatial import Layout, has_place, layout_of_node
from explainer.models import Geometry
from explainer.tracing import Node, Trace

if TYPE_CHECKING:
    from explainer.tracing import FieldTable
    from explainer.tracing.precision import Format

VALUES = 400_000
"""About so many float32 values of all sides together travel: 1.6 megabytes."""
CHANNELS = (4, 32)
"""At least and at most so many channels travel."""
LISTED = 5
"""So many of each side's classes are listed."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the passes that are compared, at one layer."""

    title: str
    detail: str
    """What tells it from the others in a few words."""
    trace: Trace
    node: Node
    geometry: Geometry
    """Where the photograph lies under the input."""
    picture: np.ndarray
    """The input as a picture, uint8 [H, W, 3]."""
    panes: tuple[str, ...] = ("photo", "map", "cam")
    parameter: str = ""
    """Name of the query parameter that holds its layer, channel and pixel; empty if it has none."""
    heat: Tensor | None = None
    """Class activation map [h, w] of the layer, not normalised."""
    heat_title: str = ""
    """The class it is for."""
    field: FieldTable | None = None
    """What the units of the layer see of the input."""


@dataclass(frozen=True)
class Answer:
    """One class in the answers of the sides."""

    name: str
    probabilities: tuple[float | None, ...]
    """Of each side; ``None`` where it does not know the class."""
    index: int | None
    """The class's number on the first side; ``None`` where that does not know it."""


def places(trace: Trace) -> list[Node]:
    """Return the operations whose outputs have rows and columns of the picture: what can be compared."""
    return [node for node in trace.nodes if has_place(trace, node)]


def laid_out(trace: Trace, node: Node) -> Tensor:
    """Return a layer's output as maps float32 [C, H, W]; tokens are put where their patches are.

    Raises:
        ValueError: the node is none of ``places(trace)``.
    """
    return _layout(trace, node).maps(node.output)[0].detach().float()


def twins(
    sides: Sequence[Side],
    *,
    linked: bool,
    channel: int | None = None,
    others: Sequence[int | None] = (),
    answers: Sequence[Answer] = (),
    chosen: int | None = None,
    formats: Sequence[Format] = (),
) -> dict[str, Any]:
    """Return the content of a frame for ``explainer.components.twin_view``.

    Args:
        sides: two or three of them.
        linked: whether they are the same layer of one architecture, so that channel 7 of one is channel 7
            of the other and their difference means something.
        channel: a channel of the first side that must be among those sent.
        others: likewise of the further sides, where they are not linked.
        answers: the paired bars.
        chosen: class whose bar is marked, by its number on the first side.
        formats: number formats of the sides, where these are what is compared; the bits are drawn then.
    """
    maps = [laid_out(side.trace, side.node) for side in sides]
    if linked:
        # A side with larger numbers has no louder voice.
        strength = torch.stack([one / one.sum().clamp_min(1e-30) for one in map(_strength, maps)]).amax(0)
        sent = [_strongest(strength, maps[0], channel, len(sides))] * len(sides)
    else:
        wanted = (channel, *others, *[None] * len(sides))
        sent = [
            _strongest(_strength(one), one, want, len(sides)) for one, want in zip(maps, wanted, strict=False)
        ]
    return {
        "linked": linked,
        "sides": [_side(side, one, channels) for side, one, channels in zip(sides, maps, sent, strict=True)],
        "answers": [
            {"name": one.name, "values": list(one.probabilities), "index": one.index} for one in answers
        ],
        "chosen": chosen,
        "formats": [
            {"name": one.name, "exponent": one.exponent, "fraction": one.fraction} for one in formats
        ],
    }


def paired_answers(
    names: Sequence[Sequence[str]], probabilities: Sequence[Tensor], *, same: bool, wanted: int
) -> list[Answer]:
    """Return the likeliest classes of either side, the likeliest of all first.

    Args:
        names: of each side's classes.
        probabilities: of each side, [classes].
        same: whether the sides' outputs mean the same, whatever they are called; else a class is known on
            another side by its name.
        wanted: a class of the first side to list in any case.
    """
    known = [{_plain(name): index for index, name in enumerate(side)} for side in names]
    best = [side.argsort(descending=True)[:LISTED].tolist() for side in probabilities]
    best[0] = [*best[0], *([] if wanted in best[0] else [wanted])]
    rows: dict[tuple[int | None, ...], str] = {}
    for side, indices in enumerate(best):
        for index in indices:
            if same:
                row: tuple[int | None, ...] = (index,) * len(names)
            else:
                found = [other.get(_plain(names[side][index])) for other in known]
                found[side] = index
                row = tuple(found)
            rows.setdefault(row, names[side][index])
    answers = [
        Answer(
            name,
            tuple(
                None if index is None else float(side[index])
                for index, side in zip(row, probabilities, strict=True)
            ),
            row[0],
        )
        for row, name in rows.items()
    ]
    return sorted(answers, key=lambda one: -max(value or 0.0 for value in one.probabilities))


def twin_of_class(name: str, names: Sequence[str]) -> int | None:
    """Return the class of this name in another list, capitals and signs aside; ``None`` if it has none."""
    return {_plain(other): index for index, other in enumerate(names)}.get(_plain(name))


def twin_of_layer(node: Node, trace: Trace, other: Trace) -> Node:
    """Return the layer of another network to put beside ``node``.

    The one of the same name and kind; else, of the layers at about the same relative depth, one of the same
    kind if there is one.
    """
    if node.name in other and other[node.name].kind == node.kind and has_place(other, other[node.name]):
        return other[node.name]
    here, there = places(trace), places(other)
    depth = here.index(node) / max(1, len(here) - 1) if node in here else 1.0
    steps = max(1, len(there) - 1)

    def far(index: int) -> float:
        """Distance in depth; another kind of operation counts as a tenth of the network."""
        return abs(index / steps - depth) + 0.1 * (there[index].kind != node.kind)

    return there[min(range(len(there)), key=far)]


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


def _layout(trace: Trace, node: Node) -> Layout:
    found = layout_of_node(trace, node)
    if found is None:
        raise ValueError(f"{node.name} has no rows and columns")
    return found


def _strength(maps: Tensor) -> Tensor:
    return maps.flatten(1).square().mean(1).nan_to_num(0.0, 0.0, 0.0)


def _strongest(strength: Tensor, maps: Tensor, wanted: int | None, sides: int) -> list[int]:
    least, most = CHANNELS
    count = min(max(VALUES // (sides * max(1, maps[0].numel())), least), most)
    channels = strength.argsort(descending=True, stable=True)[:count].tolist()
    if wanted is not None and 0 <= wanted < len(maps) and wanted not in channels:
        channels.append(wanted)
    return channels


def _side(side: Side, maps: Tensor, channels: list[int]) -> dict[str, Any]:
    layout = _layout(side.trace, side.node)
    height, width = side.picture.shape[:2]
    sent = maps[channels]
    return {
        "title": side.title,
        "detail": side.detail,
        "panes": list(side.panes),
        "parameter": side.parameter,
        "layer": side.node.name,
        "kind": side.node.kind,
        "shape": list(maps.shape),
        "tokens": layout.prefix if layout.arrangement.startswith("tokens") else None,
        "photo": {
            "pixels": side.picture if {"photo", "cam"} & set(side.panes) else None,
            "width": width,
            "height": height,
        },
        "geometry": {
            "photo": list(side.geometry.photo),
            "resized": list(side.geometry.resized),
            "offset": list(side.geometry.offset),
        },
        "channels": channels,
        "data": sent,
        "peak": float(sent.abs().nan_to_num(0.0, 0.0, 0.0).max()),
        "units": _units(side, maps, (height, width)),
        "heat": None if side.heat is None else _heat(side.heat, side.heat_title),
    }


def _heat(heat: Tensor, title: str) -> Mapping[str, Any]:
    heat = heat.detach().float()
    return {
        "data": heat,
        "height": heat.shape[0],
        "width": heat.shape[1],
        "peak": float(heat.max()),
        "title": title,
    }


def _units(side: Side, maps: Tensor, size: tuple[int, int]) -> Mapping[str, Any]:
    """Return where the layer's rows and columns stand in the input, and what each sees of it, in its pixels.

    A unit stands in the middle of what reaches it through windows alone; where that is not known, or the
    layer's units are not arranged as rows and columns, for its share of the picture.
    """
    height, width = maps.shape[1:]
    field = side.field
    rows = columns = None
    if field is not None and field.separable:
        rows = _spans([field.box(y, 0, "local") for y in range(height)], 0)
        columns = _spans([field.box(0, x, "local") for x in range(width)], 1)
    return {
        "y": _middles(rows, height, size[0]),
        "x": _middles(columns, width, size[1]),
        "rows": rows,
        "columns": columns,
        "status": "undefined" if field is None else field.status,
    }


def _spans(boxes: Sequence[tuple[float, float, float, float] | None], axis: int) -> np.ndarray | None:
    """Return first and last edge of every box along an axis, float32 [n, 2]; ``None`` if one is missing."""
    if any(box is None for box in boxes):
        return None
    return np.array([(box[axis], box[axis + 2]) for box in boxes if box is not None], np.float32)


def _middles(spans: np.ndarray | None, count: int, size: int) -> np.ndarray:
    shares = ((np.arange(count) + 0.5) * size / count).astype(np.float32)
    if spans is None:
        return shares
    middles = spans.mean(1)
    return middles if count == 1 or bool((np.diff(middles) > 0).all()) else shares
