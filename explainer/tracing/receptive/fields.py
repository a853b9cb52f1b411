"""Receptive fields of all nodes of a trace: tables for whole maps, boxes for single units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np

from explainer.errors import ReaderError
from explainer.tracing.arithmetic.layout import channels_last, extent
from explainer.tracing.arithmetic.text import Phrase
from explainer.tracing.graph import Node, Trace
from explainer.tracing.receptive.reach import Reach, both, coarse, image
from explainer.tracing.receptive.rules import reach_of

Status = Literal["exact", "bound", "undefined"]
Box = tuple[float, float, float, float]
"""(top, left, bottom, right) in pixels of the image the network received, the last two exclusive."""

_STATUS: tuple[Status, ...] = ("exact", "bound", "undefined")
_INDEPENDENT = Phrase("This does not depend on the photo.")
_NOTHING = (np.full((6, 1, 1), np.inf, np.float32),) * 2
LARGEST_MAP = 1 << 14
"""So many units may have a box each where it depends on both row and column (attention matrices)."""
_NUMBERS = Phrase("These are whole numbers or flags (positions, classes), not features.")
_EXACT = Phrase("")


@dataclass(frozen=True)
class ReceptiveField:
    """What one unit can see of the image."""

    size: tuple[float, float]
    """Height and width of ``box``."""
    stride: tuple[float, float]
    """Pixels of the image between neighbouring units; 0 where all see the same, nan where steps differ."""
    padding: tuple[float, float]
    """How far the box of the first unit begins before the image (effective padding)."""
    box: Box | None
    """May reach beyond the image into the padding; ``None`` if undefined or if the unit sees nothing."""
    status: Status
    """``exact``: the hull of the pixels that enter; ``bound``: no pixel outside enters, but something looks
    at the whole map at once (pooling, attention), so that it says little; ``undefined``: cannot be told."""
    reason: Phrase
    """Why it is not exact; empty if it is."""
    seen: Box | None
    """The part of the box that is image."""
    local: Box | None
    """The box without what looks at the whole map at once (the gate of squeeze-and-excitation, attention):
    what reaches the unit through windows alone. Equal to ``box`` where the status is exact; ``None`` if
    nothing reaches it that way."""


@dataclass(frozen=True)
class Measures:
    """Size, stride and padding of a node's fields, (rows, columns) each, as in :class:`ReceptiveField`."""

    size: tuple[float, float]
    stride: tuple[float, float]
    padding: tuple[float, float]


@dataclass(frozen=True, eq=False)
class FieldTable:
    """The receptive fields of all units of one node, in the layout of :func:`explainer.tracing.maps`.

    Over channels the fields are joined: the table holds for a unit of any channel.
    """

    node: Node
    reach: Reach | None
    """As ``outline`` gives it; ``None`` if the node does not depend on the image."""

    @property
    def status(self) -> Status:
        """``exact``, ``bound`` or ``undefined``, as in :class:`ReceptiveField`."""
        if self.reach is None or not _smooth(self.node):
            return "undefined"
        return _STATUS[self.reach.status]

    @property
    def reason(self) -> Phrase:
        """Why the status is not ``exact``."""
        if self.reach is None:
            return _INDEPENDENT
        return (self.reach.reason or _EXACT) if _smooth(self.node) else _NUMBERS

    @property
    def planes(self) -> tuple[np.ndarray, np.ndarray]:
        """For rows and columns float32 [6, H or 1, W or 1], the six numbers of ``reach.py`` at every unit."""
        return _NOTHING if self.reach is None else self.reach.tables

    @property
    def separable(self) -> bool:
        """Whether rows depend on y only and columns on x only (not so for tokens in a line)."""
        rows, columns = self.planes
        return rows.shape[2] == 1 and columns.shape[1] == 1

    @cached_property
    def rows(self) -> np.ndarray:
        """float32 [H, 2]: first row and the row behind the last that output row y sees, over all columns."""
        return self._table(0)

    @cached_property
    def columns(self) -> np.ndarray:
        """float32 [W, 2]: likewise for output columns."""
        return self._table(1)

    @cached_property
    def size(self) -> tuple[float, float]:
        """Height and width of the largest field of this node; nan where there is none."""
        return both(_largest, self._part(0))

    @cached_property
    def stride(self) -> tuple[float, float]:
        """Pixels between neighbouring fields; 0 where all see the same, nan where the steps differ."""
        return both(lambda direction: self._stride(direction, 0), (0, 1))

    @cached_property
    def padding(self) -> tuple[float, float]:
        """How far the first field begins before the image."""
        return both(_before, self._part(0))

    @cached_property
    def local(self) -> Measures | None:
        """Size, stride and padding of the fields without what looks at the whole map at once.

        ``None`` where nothing reaches the units that way, or nothing can be told.
        """
        size = both(_largest, self._part(4))
        if self.status == "undefined" or not np.isfinite(size).all():
            return None
        stride = both(lambda direction: self._stride(direction, 4), (0, 1))
        return Measures(size, stride, both(_before, self._part(4)))

    def _part(self, first: int) -> tuple[np.ndarray, np.ndarray]:
        return both(lambda plane: plane[first : first + 2], self.planes)

    def box(self, y: int, x: int, which: Literal["field", "seen", "local"] = "field") -> Box | None:
        """Return the box of one unit; ``None`` if it is undefined or empty."""
        if self.status == "undefined":
            return None
        first = {"field": 0, "seen": 2, "local": 4}[which]
        edges = []
        for plane in self.planes:
            at = (min(y, plane.shape[1] - 1), min(x, plane.shape[2] - 1))
            edges.append((float(plane[(first, *at)]), 0.0 - float(plane[(first + 1, *at)])))
        (top, bottom), (left, right) = edges
        return (top, left, bottom, right) if top < bottom and left < right else None

    def field(self, y: int | None = None, x: int | None = None) -> ReceptiveField:
        """Return the field of one unit, of the middle one by default.

        Raises:
            ReaderError: if there is no such unit.
        """
        _, height, width = extent(self.node)
        y = height // 2 if y is None else y
        x = width // 2 if x is None else x
        if not (0 <= y < height and 0 <= x < width):
            raise ReaderError(
                "{node} has {height} × {width} units: there is none at {y}, {x}.",
                node=self.node.name, height=height, width=width, y=y, x=x,
            )  # fmt: skip
        box = self.box(y, x)
        return ReceptiveField(
            size=(np.nan, np.nan) if box is None else (box[2] - box[0], box[3] - box[1]),
            stride=self.stride,
            padding=self.padding,
            box=box,
            status=self.status,
            reason=self.reason,
            seen=self.box(y, x, "seen"),
            local=self.box(y, x, "local"),
        )

    def _table(self, direction: int) -> np.ndarray:
        plane = self.planes[direction]
        _, *sizes = extent(self.node)
        joined = plane[:2].min(axis=2 - direction)
        table = np.stack([joined[0], 0.0 - joined[1]], axis=-1).astype(np.float32)
        table[~np.isfinite(table).all(axis=1)] = np.nan
        return np.broadcast_to(table, (sizes[direction], 2))

    def _stride(self, direction: int, first: int) -> float:
        if self.reach is None:
            return np.nan
        starts = self.planes[direction][first]
        regular = self.reach.axes[direction] is not None
        if starts.size > 1:
            steps = np.diff(starts.reshape(-1))
            if min(starts.shape) > 1 or not np.isfinite(steps).all() or (steps != steps[0]).any():
                return self.reach.jumps[direction] if regular else np.nan
            return float(steps[0])
        return self.reach.jumps[direction] if regular else 0.0


def outline(node: Node, reach: Reach) -> Reach:
    """Return a reach with the layout of :func:`explainer.tracing.maps`: tables float32 [6, H or 1, W or 1].

    Channels are joined, of several images the first counts. This is what is kept: the whole tables of a deep
    network with attention would take more memory than its trace.
    """
    kept = _kept(node)
    rows, columns = both(lambda table: _plane(table, kept), reach.tables)
    if max(rows.shape[2], columns.shape[1]) > 1 and max(rows.size, columns.size) > 6 * LARGEST_MAP:
        light = coarse(replace(reach, tables=(rows, columns)), 2)
        return replace(light, axes=(None, None))
    return replace(reach, tables=(rows, columns))


def _kept(node: Node) -> tuple[int, ...]:
    """Return the tensor's axes of rows and columns, or only that of columns, or none."""
    count = len(node.shape)
    if count < 3:
        return ()
    if channels_last(node):
        return (1,) if count == 3 else (1, 2)
    return (2,) if count == 3 else (count - 2, count - 1)


def _plane(table: np.ndarray, kept: tuple[int, ...]) -> np.ndarray:
    if table.ndim > 2 and table.shape[1] > 1:
        table = table[:, :1]
    axes = tuple(axis for axis in range(1, table.ndim) if axis - 1 not in kept)
    if axes:
        table = table.min(axis=axes)
    return table.reshape(6, *(1,) * (3 - table.ndim), *table.shape[1:]).astype(np.float32)


def _smooth(node: Node) -> bool:
    return node.dtype.is_floating_point or node.dtype.is_complex


def _largest(pair: np.ndarray) -> float:
    size = float(-(pair[0] + pair[1]).min())
    return size if np.isfinite(size) else np.nan


def _before(pair: np.ndarray) -> float:
    start = float(pair[0].min())
    return 0.0 - start if np.isfinite(start) else np.nan


_known: WeakKeyDictionary[Trace, Mapping[Node, FieldTable]] = WeakKeyDictionary()


def receptive_fields(trace: Trace) -> Mapping[Node, FieldTable]:
    """Return the receptive fields of every node of a trace, in its order.

    Only shapes and arguments are read, never the values of a tensor: ResNet-50 takes some milliseconds. The
    result is remembered with the trace.
    """
    found = _known.get(trace)
    if found is None:
        found = _known[trace] = MappingProxyType(compute_fields(trace))
    return found


def compute_fields(trace: Trace) -> dict[Node, FieldTable]:
    """Work the fields of every node out anew (:func:`receptive_fields` remembers them)."""
    reaches: dict[Node, Reach | None] = {}
    found: dict[Node, FieldTable] = {}
    last = {source: node for node in trace.nodes for source in node.inputs}
    for node in trace.nodes:
        reach = image(node.shape) if node is trace.input else reach_of(node, reaches)
        reaches[node] = reach
        same = [
            source
            for source in node.inputs
            if reaches[source] is reach
            and len(source.shape) == len(node.shape)
            and _kept(source) == _kept(node)
        ]
        if same:  # a normalisation or activation sees what its input sees
            found[node] = FieldTable(node, found[same[0]].reach)
        else:
            found[node] = FieldTable(node, None if reach is None else outline(node, reach))
        for source in set(node.inputs):
            if last[source] is node:
                del reaches[source]  # the tables of attention are large
    return found


def receptive_field(trace: Trace, node: Node, y: int | None = None, x: int | None = None) -> ReceptiveField:
    """Return what one unit of a node can see of the image.

    Args:
        trace: the recorded forward pass.
        node: one of its nodes.
        y: row of the unit, as in :func:`explainer.tracing.explain`; the middle one by default.
        x: column of the unit.

    Raises:
        ReaderError: if there is no such unit.
    """
    return receptive_fields(trace)[node].field(y, x)
