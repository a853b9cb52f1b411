"""Where the nodes of a computational graph stand: in layers from the variables to the result, few crossings.

The layered drawing of Sugiyama, Tagawa and Toda (1981): layers by the longest path, edges over several layers
led through place-holders, each layer ordered by the mean of its neighbours, and coordinates by least squares.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from explainer.playground.expressions import CONSTANT, VARIABLE, Graph

_SWEEPS = 12
_ATTEMPTS = 10
_SLIM = 0.6
"""Room that an edge needs beside what it passes, in rows."""

Point = tuple[float, float]
"""Layer and row."""


@dataclass(frozen=True)
class Layout:
    """Places in a grid of layers (the variables first) and rows; whoever draws it gives it a size."""

    places: Mapping[int, Point]
    """By node; constants have none, they are written into their operation."""
    routes: Mapping[tuple[int, int], tuple[Point, ...]]
    """By target and which of its inputs: where the edge passes, from its source to its target."""
    layers: int
    rows: float
    """The largest row."""


def layout(graph: Graph) -> Layout:
    """Return where the nodes of a graph stand."""
    edges = [
        (source, target, slot)
        for target, node in enumerate(graph.nodes)
        for slot, source in enumerate(node.inputs)
        if graph.nodes[source].operation != CONSTANT
    ]
    layer = _layers(graph, edges)
    above: dict[int, list[int]] = {node: [] for node in layer}
    """By node or place-holder: its neighbours in the layer before."""
    chains: dict[tuple[int, int], list[int]] = {}
    fresh = len(graph.nodes)
    for source, target, slot in edges:
        chain = [source]
        for step in range(layer[source] + 1, layer[target]):
            layer[fresh], above[fresh] = step, [chain[-1]]
            chain.append(fresh)
            fresh += 1
        above[target].append(chain[-1])
        chains[target, slot] = [*chain, target]
    below: dict[int, list[int]] = {node: [] for node in layer}
    for node, neighbours in above.items():
        for neighbour in neighbours:
            below[neighbour].append(node)
    order = _best_order(graph, layer, above, below)
    real = len(graph.nodes)
    rows = _rows(order, above, below, real)
    least = min(rows.values())
    points = {node: (float(layer[node]), rows[node] - least) for node in layer}
    return Layout(
        {node: points[node] for node in points if node < real},
        {edge: tuple(points[node] for node in chain) for edge, chain in chains.items()},
        len(order),
        max(row for _, row in points.values()),
    )


def _layers(graph: Graph, edges: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """Return layers by the longest path; a variable stands directly before what first uses it."""
    found: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        if node.operation != CONSTANT:
            found[index] = 1 + max((found[i] for i in node.inputs if i in found), default=-1)
    for index, node in enumerate(graph.nodes):
        uses = [found[target] for source, target, _ in edges if source == index]
        if node.operation == VARIABLE and uses:
            found[index] = min(uses) - 1
    return found


def _best_order(
    graph: Graph,
    layer: Mapping[int, int],
    above: Mapping[int, Sequence[int]],
    below: Mapping[int, Sequence[int]],
) -> list[list[int]]:
    """Return the best of several orders: where sorting ends depends on where it begins."""
    chance = random.Random(0)
    best: list[list[int]] = []
    fewest = math.inf
    for attempt in range(_ATTEMPTS):
        shuffled = {node: list(found) for node, found in above.items()}
        if attempt:
            for found in shuffled.values():
                chance.shuffle(found)
        order = _order(_first_order(graph, layer, shuffled), above, below)
        crossings = _crossings(order, above)
        if crossings < fewest:
            best, fewest = order, crossings
        if not crossings:
            break
    return best


def _first_order(
    graph: Graph, layer: Mapping[int, int], above: Mapping[int, Sequence[int]]
) -> list[list[int]]:
    """Return the layers in the order in which a walk back from the result meets their nodes."""
    order: list[list[int]] = [[] for _ in range(max(layer.values()) + 1)]
    seen: set[int] = set()

    def walk(node: int) -> None:
        if node in seen:
            return
        seen.add(node)
        for neighbour in above[node]:
            walk(neighbour)
        order[layer[node]].append(node)

    walk(len(graph.nodes) - 1)
    return order


def _order(
    order: list[list[int]], above: Mapping[int, Sequence[int]], below: Mapping[int, Sequence[int]]
) -> list[list[int]]:
    """Return the order with the fewest crossings that sorting by the neighbours' mean place comes by."""
    best, fewest = order, _crossings(order, above)
    now = order
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        steps = range(1, len(now)) if down else range(len(now) - 2, -1, -1)
        now = [list(one) for one in now]
        for step in steps:
            fixed = {node: place for place, node in enumerate(now[step - 1 if down else step + 1])}

            def mean(node: int, fixed: Mapping[int, int] = fixed, here: list[int] = now[step]) -> float:
                places = [fixed[one] for one in neighbours[node] if one in fixed]  # noqa: B023 - used at once
                return sum(places) / len(places) if places else float(here.index(node))

            now[step] = sorted(now[step], key={node: mean(node) for node in now[step]}.__getitem__)
        crossings = _crossings(now, above)
        if crossings < fewest:
            best, fewest = now, crossings
    return best


def _crossings(order: Sequence[Sequence[int]], above: Mapping[int, Sequence[int]]) -> int:
    count = 0
    for step in range(1, len(order)):
        places = {node: place for place, node in enumerate(order[step - 1])}
        ends = [
            (places[one], place)
            for place, node in enumerate(order[step])
            for one in above[node]
            if one in places
        ]
        count += sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for i, a in enumerate(ends) for b in ends[:i])
    return count


def _rows(
    order: Sequence[Sequence[int]],
    above: Mapping[int, Sequence[int]],
    below: Mapping[int, Sequence[int]],
    real: int,
) -> dict[int, float]:
    """Return rows near the mean of the neighbours, in order and with room between."""

    def room(a: int, b: int) -> float:
        return 1.0 if a < real and b < real else _SLIM

    rows: dict[int, float] = {}
    for nodes in order:
        place = 0.0
        for i, node in enumerate(nodes):
            place += room(nodes[i - 1], node) if i else 0.0
            rows[node] = place
        for node in nodes:
            rows[node] -= place / 2
    for sweep in range(2 * _SWEEPS):
        steps = order if sweep % 2 == 0 else list(reversed(order))
        for nodes in steps:
            wanted = []
            for node in nodes:
                near = [rows[one] for one in (*above[node], *below[node])]
                wanted.append(sum(near) / len(near) if near else rows[node])
            gaps = [0.0]
            for one, other in pairwise(nodes):
                gaps.append(gaps[-1] + room(one, other))
            level = _rising([want - gap for want, gap in zip(wanted, gaps, strict=True)])
            rows.update({node: value + gap for node, value, gap in zip(nodes, level, gaps, strict=True)})
    return rows


def _rising(values: Sequence[float]) -> list[float]:
    """Return the nearest numbers, by least squares, that never fall."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, m), (b, n) = blocks[-2:]
            blocks[-2:] = [((a * m + b * n) / (m + n), m + n)]
    return [mean for mean, count in blocks for _ in range(count)]
