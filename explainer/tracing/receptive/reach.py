"""What part of the image each number of a tensor can see, and how that changes as tensors are moved about.

For each of the image's two directions a tensor has a table of intervals. The table has an axis for each
axis of the tensor, of length 1 where nothing changes along it: the rows that a feature map [N, C, H, W] can
see are a table [1, 1, H, 1]. So one representation serves feature maps, tokens, windows of tokens and flat
vectors; moving axes of the tensor moves axes of the table.

Six numbers stand for one number's interval, each of which is joined by taking the minimum: start and −end of
the field that counts rows in the padding as though the image went on there; start and −end of what is truly
seen of the image; start and −end of the field without anything that looks at the whole map at once (a gate,
an average, attention). Nothing seen is (∞, ∞).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np

from explainer.tracing.arithmetic.text import Phrase
from explainer.tracing.receptive.windows import Windows

EXACT, BOUND, UNDEFINED = 0, 1, 2
LARGEST = 1 << 18
"""Entries of a table; a larger one (a product of many tokens) is reduced to one interval for all."""

COARSE = Phrase("There are so many numbers here that only what all of them see together is worked out.")
_SIGNS = np.array([1.0, -1.0, 0.0, 0.0, 1.0, -1.0])


A = TypeVar("A")
B = TypeVar("B")


def both(run: Callable[[A], B], pair: tuple[A, A]) -> tuple[B, B]:
    """Do the same for rows and for columns."""
    return run(pair[0]), run(pair[1])


@dataclass(frozen=True, slots=True)
class Reach:
    """What the numbers of one tensor see of the image."""

    tables: tuple[np.ndarray, np.ndarray]
    """For rows and for columns float64 [6, ...], behind the 6 as many axes as the tensor has."""
    axes: tuple[int | None, int | None]
    """The tensor's axis that steps through the image evenly, for rows and for columns."""
    jumps: tuple[float, float]
    """Image pixels that one step along it covers."""
    status: int = EXACT
    reason: Phrase | None = None

    def because(self, status: int, reason: Phrase) -> Reach:
        """Return the same with at least this status; the first reason of the worst status stays."""
        return replace(self, status=status, reason=reason) if status > self.status else self

    def spreads(self, axis: int, size: int) -> bool:
        """Whether the numbers along an axis see more together than the one among them that sees most.

        So it is with rows, columns and tokens, but not with the channels of branches that look ever farther.
        """
        if size > 1 and axis in self.axes:
            return True
        for table in self.tables:
            if table.shape[axis + 1] > 1:
                together = table[:2].min(axis=axis + 1).sum(axis=0)
                if (together < table[:2].sum(axis=0).min(axis=axis)).any():
                    return True
        return False


def image(shape: Sequence[int]) -> Reach:
    """Return the reach of the image [..., rows, columns] itself: every pixel sees itself."""
    count = len(shape)
    axes = (count - 2 if count > 3 else None, count - 1 if count else None)
    tables = []
    for axis in axes:
        size = 1 if axis is None else shape[axis]
        start = np.arange(size, dtype=np.float64)
        table = np.stack([start, -(start + 1)] * 3)
        tables.append(table.reshape(6, *(size if other == axis else 1 for other in range(count))))
    return Reach((tables[0], tables[1]), axes, (1.0, 1.0))


# --- looking through windows -----------------------------------------------------------------------------


def look(reach: Reach, axis: int, windows: Windows) -> Reach:
    """Let every output position along an axis see what the inputs in its window see."""
    if windows.still:
        return reach
    rows, columns = reach.axes
    jumps = reach.jumps
    tables = (
        _look(reach.tables[0], axis, windows, jumps[0] if rows == axis else None),
        _look(reach.tables[1], axis, windows, jumps[1] if columns == axis else None),
    )
    if windows.factor != 1:
        jumps = (
            jumps[0] * windows.factor if rows == axis else jumps[0],
            jumps[1] * windows.factor if columns == axis else jumps[1],
        )
    return Reach(tables, reach.axes, jumps, reach.status, reach.reason)


def _look(table: np.ndarray, axis: int, windows: Windows, jump: float | None) -> np.ndarray:
    at = axis + 1
    if table.shape[at] == 1 and windows.size > 1:  # the same everywhere along this axis
        return table
    taken = table.take(windows.clipped, axis=at)
    after = (1,) * (table.ndim - at - 1)
    between = (1,) * (at - 1)
    if windows.over is not None:
        step = _step(table, at) if jump is None else jump
        if step:
            shift = np.multiply.outer(_SIGNS * step, windows.over)
            taken += shift.reshape(6, *between, *windows.over.shape, *after)
        if windows.inside is not None:
            taken[2:4] = table[2:4].take(windows.inside, axis=at)
        elif windows.blind is not None:
            taken[2:4] += windows.blind.reshape(1, *between, *windows.blind.shape, *after)
    if windows.missing is not None:
        taken += windows.missing.reshape(1, *between, *windows.missing.shape, *after)
    if windows.clipped.shape[1] == 1:
        return taken[(slice(None),) * (at + 1) + (0,)]
    return taken.min(axis=at + 1)


def _step(table: np.ndarray, at: int) -> float:
    """Return the even step of the intervals along an axis, 0 where it is uneven."""
    starts = table[0].min(axis=tuple(other for other in range(table.ndim - 1) if other != at - 1))
    if len(starts) < 2 or not np.isfinite(starts).all():
        return 0.0
    steps = np.diff(starts)
    return float(steps[0]) if (steps == steps[0]).all() else 0.0


# --- moving axes -----------------------------------------------------------------------------------------


def permuted(reach: Reach, order: Sequence[int]) -> Reach:
    """Move axes as ``Tensor.permute`` does."""
    moved = (0, *(axis + 1 for axis in order))
    tables = both(lambda table: table.transpose(moved), reach.tables)
    axes = both(lambda axis: None if axis is None else order.index(axis), reach.axes)
    return replace(reach, tables=tables, axes=axes)


def reshaped(reach: Reach, old: tuple[int, ...], new: tuple[int, ...]) -> Reach:
    """Let the tensor be read in another shape, in row-major order."""
    if old == new:
        return reach
    if 0 in old or math.prod(old) != math.prod(new):
        return coarse(reach, len(new))
    groups = _groups(old, new)
    rows, columns = both(lambda table: _reshape(table, groups, old, new), reach.tables)
    if rows is None or columns is None:
        return coarse(reach, len(new))
    axes = both(lambda axis: None if axis is None else _follow(axis, groups, old, new), reach.axes)
    return replace(reach, tables=(rows, columns), axes=axes)


Groups = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


@lru_cache(maxsize=4096)
def _groups(old: tuple[int, ...], new: tuple[int, ...]) -> Groups:
    """Split two shapes of equally many numbers into the shortest runs of axes that hold equally many."""
    found = []
    i = j = 0
    while i < len(old) or j < len(new):
        first_i, first_j = i, j
        a = b = 1
        if i < len(old):
            a, i = old[i], i + 1
        if j < len(new):
            b, j = new[j], j + 1
        while a != b:
            if a < b:
                a, i = a * old[i], i + 1
            else:
                b, j = b * new[j], j + 1
        found.append((tuple(range(first_i, i)), tuple(range(first_j, j))))
    return tuple(found)


def _reshape(table: np.ndarray, groups: Groups, old: Sequence[int], new: Sequence[int]) -> np.ndarray | None:
    """Return the table in the new shape; ``None`` if it would be too large."""
    full, shape, split = [6], [6], []
    for before, after in groups:
        sizes = table.shape[before[0] + 1 : before[-1] + 2] if before else ()
        if all(size == 1 for size in sizes):
            full += sizes
            shape += [1] * len(after)
        else:
            full += [old[axis] for axis in before]
            shape += [new[axis] for axis in after]
            split += [axis for axis in after if new[axis] > 1] if len(after) > 1 else []
    if math.prod(full) > 6 * LARGEST:
        return None
    made = np.broadcast_to(table, full).reshape(shape)
    for axis in split:  # the columns of tokens that become a map again are the same in every row
        first = made.take([0], axis=axis + 1)
        if (made == first).all():
            made = first
    return made


def _follow(axis: int, groups: Groups, old: Sequence[int], new: Sequence[int]) -> int | None:
    """Return where an axis is after reshaping; ``None`` if it was joined with others or split."""
    for before, after in groups:
        if axis in before:
            same = [other for other in after if new[other] == old[axis]]
            others = math.prod(old[other] for other in before if other != axis)
            return same[0] if same and others == 1 else None
    return None


def with_axis(reach: Reach, place: int) -> Reach:
    """Put an axis of length 1 in at this place of the result."""

    def after(axis: int | None) -> int | None:
        return axis if axis is None or axis < place else axis + 1

    tables = both(lambda table: np.expand_dims(table, place + 1), reach.tables)
    return replace(reach, tables=tables, axes=both(after, reach.axes))


# --- joining ---------------------------------------------------------------------------------------------


def _minimum(table: np.ndarray) -> np.ndarray:
    return table.reshape(6, -1).min(axis=1).reshape(6, *(1,) * (table.ndim - 1))


def collapsed(reach: Reach, dimensions: int) -> Reach:
    """Let every number see all that any of them saw."""
    tables = both(lambda table: _minimum(table).reshape(6, *(1,) * dimensions), reach.tables)
    return replace(reach, tables=tables, axes=(None, None))


def coarse(reach: Reach, dimensions: int) -> Reach:
    """Let every number see all that any of them saw, and say that this is more than each sees."""
    return collapsed(reach, dimensions).because(BOUND, COARSE)


def reduced(reach: Reach, axes: Iterable[int], *, keep: bool = True) -> Reach:
    """Let the numbers along some axes be joined to one; the axes stay with length 1, or go."""
    axes = sorted(set(axes))
    at = tuple(axis + 1 for axis in axes)
    tables = reach.tables
    if any(table.shape[axis] > 1 for table in tables for axis in at):
        tables = both(lambda table: table.min(axis=at, keepdims=True), tables)

    def kept(axis: int | None) -> int | None:
        joined = axis in axes and any(table.shape[axis + 1] > 1 for table in reach.tables)
        return None if joined else axis

    if keep:
        return replace(reach, tables=tables, axes=both(kept, reach.axes))

    def after(axis: int | None) -> int | None:
        return None if axis is None or axis in axes else axis - sum(other < axis for other in axes)

    tables = both(lambda table: table.squeeze(at), tables)
    return replace(reach, tables=tables, axes=both(after, reach.axes))


def without_local(reach: Reach) -> Reach:
    """Take the local field away: all this sees, it sees by looking at the whole map."""

    def cleared(table: np.ndarray) -> np.ndarray:
        table = table.copy()
        table[4:] = np.inf
        return table

    return replace(reach, tables=both(cleared, reach.tables))


def union(reaches: Sequence[Reach], dimensions: int) -> Reach:
    """Let numbers that meet (broadcast as in PyTorch) see what each of them saw."""
    if len(reaches) == 1 and reaches[0].tables[0].ndim == dimensions + 1:
        return reaches[0]
    aligned = [_aligned(reach, dimensions) for reach in reaches]
    first = aligned[0]
    if len(aligned) == 1:
        return first
    tables = []
    for direction in (0, 1):
        table = first.tables[direction]
        for other in aligned[1:]:
            joined = other.tables[direction]
            if joined is not table:
                table = np.minimum(table, joined)
        tables.append(table)
    (rows, down), (columns, across) = both(lambda direction: _common(aligned, direction), (0, 1))
    worst = max(aligned, key=lambda reach: reach.status)
    made = Reach((tables[0], tables[1]), (rows, columns), (down, across), worst.status, worst.reason)
    return coarse(made, dimensions) if max(map(np.size, tables)) > 6 * LARGEST else made


def _common(reaches: Sequence[Reach], direction: int) -> tuple[int | None, float]:
    """Return the axis along which the image is stepped through, and the step, if all agree on it."""
    found = {
        (reach.axes[direction], reach.jumps[direction])
        for reach in reaches
        if reach.axes[direction] is not None or max(reach.tables[direction].shape[1:], default=1) > 1
    }
    return found.pop() if len(found) == 1 else (None, reaches[0].jumps[direction])


def _aligned(reach: Reach, dimensions: int) -> Reach:
    missing = dimensions + 1 - reach.tables[0].ndim
    if not missing:
        return reach
    if missing < 0:
        return coarse(reach, dimensions)
    tables = both(lambda table: table.reshape(6, *(1,) * missing, *table.shape[1:]), reach.tables)
    axes = both(lambda axis: None if axis is None else axis + missing, reach.axes)
    return replace(reach, tables=tables, axes=axes)


def joined(reaches: Sequence[Reach], axis: int, sizes: Sequence[int]) -> Reach:
    """Put tensors behind each other along an axis, which has these sizes."""
    dimensions = reaches[0].tables[0].ndim - 1
    tables = []
    for direction in (0, 1):
        parts = [reach.tables[direction] for reach in reaches]
        whole = np.broadcast_shapes(
            *(
                (6, *(1 if other == axis else size for other, size in enumerate(part.shape[1:])))
                for part in parts
            )
        )
        if _alike(parts, axis):
            tables.append(parts[0])
            continue
        shaped = [
            np.broadcast_to(part, (*whole[: axis + 1], size, *whole[axis + 2 :]))
            for part, size in zip(parts, sizes, strict=True)
        ]
        tables.append(np.concatenate(shaped, axis=axis + 1))
    (rows, down), (columns, across) = both(lambda direction: _common(reaches, direction), (0, 1))
    axes = both(lambda other: None if other == axis else other, (rows, columns))
    worst = max(reaches, key=lambda reach: reach.status)
    made = Reach((tables[0], tables[1]), axes, (down, across), worst.status, worst.reason)
    return coarse(made, dimensions) if max(map(np.size, tables)) > 6 * LARGEST else made


def stacked(reaches: Sequence[Reach], axis: int) -> Reach:
    """Put tensors behind each other along a new axis."""
    return joined([with_axis(reach, axis) for reach in reaches], axis, [1] * len(reaches))


def _alike(parts: Sequence[np.ndarray], axis: int) -> bool:
    """Whether all tables are one and the same, and do not change along the axis that is joined."""
    first = parts[0]
    return first.shape[axis + 1] == 1 and all(
        part is first or (part.shape == first.shape and (part == first).all()) for part in parts[1:]
    )


def planewise(
    reaches: Sequence[Reach],
    shapes: Sequence[Sequence[int]],
    run: Callable[[list[np.ndarray]], np.ndarray],
    dimensions: int,
) -> Reach:
    """Send the tables themselves, written out in full, through an operation that only moves numbers."""
    tables = []
    for direction in (0, 1):
        full = [
            np.broadcast_to(reach.tables[direction], (6, *shape))
            for reach, shape in zip(reaches, shapes, strict=True)
        ]
        made = np.stack([run([part[plane] for part in full]) for plane in range(6)])
        for axis in range(1, made.ndim):
            first = made.take([0], axis=axis)
            if (made == first).all():
                made = first
        tables.append(made.reshape(6, *made.shape[1:]))
    worst = max(reaches, key=lambda reach: reach.status)
    made_reach = Reach((tables[0], tables[1]), (None, None), (1.0, 1.0), worst.status, worst.reason)
    return made_reach if tables[0].ndim == dimensions + 1 else coarse(made_reach, dimensions)
