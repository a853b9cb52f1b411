"""The course of training runs as a frame for the browser: curves of one or several, gradients, confusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explainer.render.figures import COLOURS

MOST_POINTS = 1500
"""Points of a curve; of more of them every second one is left out, until they are few enough."""
_STEP = ("loss", "rate", "images_per_second")


@dataclass(frozen=True, eq=False)
class Course:
    """What a run has written so far."""

    name: str
    lines: Sequence[Mapping[str, Any]]
    """Of its log."""
    epochs: int
    """In all."""
    stages: tuple[str, ...] = ()
    """What the stages of the network are called, from the input; they name its gradients."""


def course_frame(courses: Sequence[Course]) -> dict[str, Any]:
    """Return the curves of the runs; gradients by stage are the first run's.

    Each run has ``steps`` (``at`` in epochs, ``loss``, ``rate``, ``images_per_second``) and ``epochs``
    (``at``, and ``train`` and ``validation`` ``loss`` and ``accuracy``, NaN where nothing was measured).
    """
    runs = [_run(course, number) for number, course in enumerate(courses)]
    return {"runs": runs, "gradients": _gradients(courses[0]) if courses else None}


def confusion_frame(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> dict[str, Any]:
    """Return a confusion matrix: rows are true classes, columns what the network said."""
    counts = np.asarray(confusion, dtype=np.int32)
    return {"classes": list(classes), "counts": counts.reshape(-1)}


def _run(course: Course, number: int) -> dict[str, Any]:
    steps = _thinned([line for line in course.lines if line["kind"] == "step"])
    epochs = [line for line in course.lines if line["kind"] == "epoch"]
    return {
        "name": course.name,
        "colour": COLOURS[number % len(COLOURS)],
        "dash": number,
        "epochs_in_all": course.epochs,
        "steps": {"at": _column(steps, "epoch"), **{name: _column(steps, name) for name in _STEP}},
        "epochs": {
            "at": _column(epochs, "epoch"),
            **{
                f"{split}_{name}": np.array(
                    [line.get(split, {}).get(name, np.nan) for line in epochs], np.float32
                )
                for split in ("train", "validation")
                for name in ("loss", "accuracy")
            },
        },
    }


def _gradients(course: Course) -> dict[str, Any] | None:
    steps = _thinned([line for line in course.lines if line["kind"] == "step"])
    if not steps:
        return None
    norms = np.array([line["norms"] for line in steps], np.float32)  # [steps, stages]
    count = norms.shape[1]
    titles = course.stages if len(course.stages) == count else tuple(str(place) for place in range(count))
    return {"at": _column(steps, "epoch"), "norms": norms.T.reshape(-1), "stages": list(titles)}


def _thinned(steps: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    stride = -(-len(steps) // MOST_POINTS)
    # Counted from the end: the newest is always there.
    return steps[(len(steps) - 1) % stride :: stride] if stride > 1 else steps


def _column(lines: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    return np.array([line[name] for line in lines], np.float32)
