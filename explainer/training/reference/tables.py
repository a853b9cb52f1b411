"""What an experiment came to, as figures and as a table in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NARROW = "\u202f"
"""A space at which no line is broken."""


@dataclass(frozen=True)
class Mean:
    """A mean over seeds and its spread."""

    mean: float
    spread: float | None
    """Standard deviation over the seeds (that of a sample); ``None`` of a single one."""
    count: int


@dataclass(frozen=True)
class Row:
    """One way to train with one number of images."""

    way: str
    title: str
    size: int
    """Training images of each class."""
    tests: tuple[float, ...]
    """Accuracy on the test images, by seed."""
    test: Mean
    train: Mean
    """Accuracy on the images that were learned from."""
    gain: Mean | None
    """Of accuracy on the test against the baseline with the same seed and as many images."""


def rows_of(found: Mapping[str, Any]) -> tuple[Row, ...]:
    """Return the figures of ``results_of``, in its order; cells without a run are left out."""
    tests = {
        (cell["way"], cell["images_per_class"], run["seed"]): run["test"]
        for cell in found["cells"]
        for run in cell["runs"]
    }
    rows = []
    for cell in found["cells"]:
        way, size, runs = cell["way"], cell["images_per_class"], cell["runs"]
        if not runs:
            continue
        base = [(run, tests.get((found["baseline"], size, run["seed"]))) for run in runs]
        gains = [run["test"] - other for run, other in base if other is not None]
        rows.append(
            Row(
                way,
                cell["title"],
                size,
                tuple(run["test"] for run in runs),
                _mean([run["test"] for run in runs]),
                _mean([run["train"] for run in runs]),
                _mean(gains) if gains and way != found["baseline"] else None,
            )
        )
    return tuple(rows)


def as_table(found: Mapping[str, Any]) -> str:
    """Return the results as Markdown: head by the number of images, ablation by its gains."""
    rows = rows_of(found)
    lines = _by_gain(rows) if found["baseline"] else _by_size(rows)
    said = [found["question"], "", *lines, ""]
    said += [f"{_explained(rows)} {found['data'][:1].upper()}{found['data'][1:]}."]
    said += ["", *(f"- {note}" for note in found["notes"]), "", f"Again: `{found['command']}`"]
    return "\n".join(said)


def _by_size(rows: Sequence[Row]) -> list[str]:
    sizes = sorted({row.size for row in rows})
    titles = {row.way: row.title for row in rows}
    cells = {(row.way, row.size): row for row in rows}
    lines = [
        "| test accuracy | " + " | ".join(f"{size} images a class" for size in sizes) + " |",
        "| --- |" + " ---: |" * len(sizes),
    ]
    for way, title in titles.items():
        shown = [shares(cells[way, size].test) if (way, size) in cells else "" for size in sizes]
        lines.append(f"| {title} | {' | '.join(shown)} |")
    return lines


def _by_gain(rows: Sequence[Row]) -> list[str]:
    several = len({row.size for row in rows}) > 1
    lines = [
        f"| |{' images a class |' if several else ''} test accuracy | against none | training accuracy |",
        f"| --- |{' ---: |' if several else ''} ---: | ---: | ---: |",
    ]
    for row in rows:
        size = f" {row.size} |" if several else ""
        gain = points(row.gain) if row.gain else ""
        lines.append(f"| {row.title} |{size} {shares(row.test)} | {gain} | {shares(row.train)} |")
    return lines


def shares(mean: Mean) -> str:
    """Return a mean accuracy and its spread in per cent."""
    spread = "" if mean.spread is None else f" ± {100 * mean.spread:.1f}"
    return f"{100 * mean.mean:.1f}{spread} %".replace(" ", NARROW)


def points(mean: Mean) -> str:
    """Return a mean difference and its spread in percentage points."""
    spread = "" if mean.spread is None else f" ± {100 * mean.spread:.1f}"
    return f"{100 * mean.mean:+.1f}{spread}".replace(" ", NARROW).replace("-", "−")


def _explained(rows: Sequence[Row]) -> str:
    counts = sorted({row.test.count for row in rows})
    if counts == [1]:
        return "One seed."
    seeds = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"Mean ± standard deviation over {seeds} seeds."


def _mean(values: Sequence[float]) -> Mean:
    spread = statistics.stdev(values) if len(values) > 1 else None
    return Mean(statistics.fmean(values), spread, len(values))
