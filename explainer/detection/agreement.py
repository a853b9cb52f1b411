"""Two detectors on one photo: which boxes both found, which only one, and how each got from many to a few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explainer.detection.boxes import iou_matrix
from explainer.detection.detections import Detections
from explainer.wording import later


@dataclass(frozen=True)
class Pair:
    """A box of each detector around the same thing."""

    first: int
    """Place in the first detector's answer."""
    second: int
    iou: float
    same: bool
    """Whether both give it the same name."""


@dataclass(frozen=True)
class Agreement:
    """What two answers have in common."""

    pairs: tuple[Pair, ...]
    """Those under one name first, the best overlap first; every box is in one pair at most."""
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]


def agreement(
    first: Detections, second: Detections, names: tuple[Sequence[str], Sequence[str]], *, iou: float = 0.5
) -> Agreement:
    """Pair the boxes of two answers: those of one name first, then those that overlap most.

    Args:
        first: on the same photo as ``second``.
        second: likewise.
        names: class names of each detector: the same label may mean different things.
        iou: least overlap of a pair.
    """
    overlaps = iou_matrix(first.boxes, second.boxes)
    pairs: list[Pair] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    near = (overlaps >= iou).nonzero().tolist()
    found = [
        Pair(a, b, float(overlaps[a, b]), names[0][int(first.labels[a])] == names[1][int(second.labels[b])])
        for a, b in near
    ]
    for pair in sorted(found, key=lambda one: (not one.same, -one.iou, one.first, one.second)):
        if pair.first in taken[0] or pair.second in taken[1]:
            continue
        taken[0].add(pair.first)
        taken[1].add(pair.second)
        pairs.append(pair)
    return Agreement(
        tuple(pairs),
        tuple(one for one in range(len(first)) if one not in taken[0]),
        tuple(one for one in range(len(second)) if one not in taken[1]),
    )


def funnel(stages: Any) -> tuple[tuple[str, int], ...]:
    """Return how many boxes there are at each step: an English name, marked for translation, and a number.

    Args:
        stages: ``YoloStages``, ``TwoStages`` or ``SsdStages``.
    """
    if hasattr(stages, "regions"):
        proposals, regions, final = stages.proposals, stages.regions, stages.final
        return (
            (later("Anchors"), stages.anchor_count),
            (later("The surest of each level"), len(proposals.boxes) + proposals.dropped),
            (later("After the first suppression"), len(proposals.nms.keep)),
            (later("Proposals"), len(regions.boxes)),
            (later("Over the least score"), len(final.boxes)),
            (later("Result"), len(stages.result)),
        )
    if hasattr(stages, "anchors"):
        return (
            (later("Default boxes"), len(stages.anchors)),
            (later("Over the least score"), stages.over),
            (later("The surest of each class"), len(stages.candidates)),
            (later("Result"), len(stages.result)),
        )
    return (
        (later("Cells"), len(stages.raw)),
        (later("Over the least score"), len(stages.candidates)),
        (later("Result"), len(stages.result)),
    )
