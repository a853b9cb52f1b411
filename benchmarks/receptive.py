"""Receptive fields of every node of a network, as the pages read them, against a bar in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import torch

from benchmarks.measure import Result
from benchmarks.tracing import build
from explainer.tracing import FieldTable, Trace, trace
from explainer.tracing.receptive.fields import compute_fields

BARS = {"resnet50": 50, "efficientnet_b0": 75, "densenet121": 150}
"""Milliseconds for all nodes, tables included."""
ROUNDS = 15


def run() -> Iterator[Result]:
    """Measure with one thread; yields one result after the other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name, bar in BARS.items():
            recorded = trace(*build(name))
            yield _measure(name, bar, recorded)
    finally:
        torch.set_num_threads(threads)


def _measure(name: str, bar: float, recorded: Trace) -> Result:
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for table in compute_fields(recorded).values():
            _read(table)
        seconds.append(time.process_time() - start)
    count = len(recorded.nodes)
    detail = f"{median(seconds) * 1e3:.1f} ms CPU (most {max(seconds) * 1e3:.1f}) for {count} nodes"
    return Result(f"receptive fields of {name} / {bar} ms", median(seconds) * 1e3 / bar, 1.0, detail)


def _read(table: FieldTable) -> object:
    """Ask for everything that a table holds: it is worked out when it is asked for."""
    return table.rows, table.columns, table.size, table.stride, table.padding, table.local, table.field()
