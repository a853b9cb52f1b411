"""How good a detector is: detections matched with the objects that are there, precision, recall, AP.

Matching and figures are those of COCO (Lin et al., 2014, Microsoft COCO, and the evaluation code of that data
set). Average precision comes by three rules: at 11 recalls (Everingham et al., 2010, Pascal VOC challenge,
section 4.2), over all recalls (Pascal VOC from 2010 on), and at 101 recalls (COCO). Crowd regions, which COCO
does not count, are not in here; leave them out of the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from explainer.detection.boxes import iou_matrix
from explainer.detection.detections import Detections

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rule = Literal["all", "eleven", "coco"]

MOST = 100
"""Detections of one class that count on one picture, the surest; the others are not looked at (COCO)."""
COCO_THRESHOLDS: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
"""Least IoU of a true detection: COCO takes the mean over these ten."""
RULES: tuple[Rule, ...] = ("all", "eleven", "coco")
ELEVEN: Floats = np.arange(11) / 10
HUNDRED_AND_ONE: Floats = np.linspace(0.0, 1.0, 101)
SIZES = {"small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
"""Area of the object's box in pixels, from and to (COCO measures the object's outline instead)."""
_EVERY_SIZE = (0.0, 1e10)


@dataclass(frozen=True, eq=False)
class Truth:
    """What is really on one picture."""

    boxes: Floats
    """[objects, 4]: left, top, right, bottom in pixels."""
    labels: Whole
    """[objects]: places among the detector's classes."""

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Matching:
    """What became of each detection and each object of one picture, in the order they were given."""

    true: Flags
    """[detections]: whether it found an object of its class."""
    objects: Whole
    """[detections]: which object it found; -1 if none."""
    overlaps: Floats
    """[detections]: IoU with that object; of a false one, the largest with any object of its class, or 0."""
    counted: Flags
    """[detections]: not among those beyond the first hundred of its class."""
    by: Whole
    """[objects]: which detection found it; -1 if it was missed."""

    @property
    def found(self) -> Flags:
        """[objects]: whether a detection found it."""
        return self.by >= 0


@dataclass(frozen=True, eq=False)
class Curve:
    """Precision over recall, one class at one IoU: a point for each detection, the surest first."""

    scores: Floats
    true: Flags
    objects: int
    """How many objects of the class there are."""

    @cached_property
    def hits(self) -> Whole:
        """True detections so far, [n]."""
        return np.cumsum(self.true, dtype=np.int64)

    @cached_property
    def precision(self) -> Floats:
        """Share of the detections so far that are true, [n]."""
        return np.asarray(self.hits / np.arange(1, len(self.true) + 1), np.float64)

    @cached_property
    def recall(self) -> Floats:
        """Share of the objects found so far, [n]; all NaN without objects."""
        if not self.objects:
            return np.full(len(self.true), np.nan)
        return np.asarray(self.hits / self.objects, np.float64)

    @cached_property
    def envelope(self) -> Floats:
        """The best precision at this recall or any larger one, [n]: what the rules of AP read."""
        return np.asarray(np.maximum.accumulate(self.precision[::-1])[::-1], np.float64)

    def ap(self, rule: Rule) -> float:
        """Return the average precision; NaN without objects."""
        if not self.objects:
            return float("nan")
        if rule == "all":
            steps = np.diff(self.recall, prepend=0.0)
            return float((steps * self.envelope).sum())
        return float(self.read_at(ELEVEN if rule == "eleven" else HUNDRED_AND_ONE).mean())

    def read_at(self, recalls: Floats) -> Floats:
        """Return the envelope at each of some recalls; 0 where the curve does not reach."""
        places = np.searchsorted(self.recall, recalls, side="left")
        return np.append(self.envelope, 0.0)[places]

    def kept(self, score: float) -> int:
        """Return how many detections have at least a score."""
        return int(np.searchsorted(-self.scores, -score, side="right"))


@dataclass(frozen=True, eq=False)
class Ranking:
    """All detections of one class on all pictures, the surest first, and what each found."""

    scores: Floats
    """[n]."""
    pictures: Whole
    """[n]: on which picture."""
    places: Whole
    """[n]: which of that picture's ``Detections``."""
    found: Whole
    """[thresholds, n]: which object of its picture; -1 if none."""
    objects: int
    """How many objects of the class there are."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a detector is worth on labelled pictures."""

    classes: tuple[str, ...]
    thresholds: tuple[float, ...]
    rankings: tuple[Ranking, ...]
    """One for each class."""
    by_size: dict[str, float]
    """mAP over the small, the medium and the large objects; NaN where there are none."""

    def threshold(self, iou: float) -> int:
        """Return the place of an IoU among the thresholds.

        Raises:
            ValueError: it is not one of them.
        """
        near = np.abs(np.array(self.thresholds) - iou)
        if near.min() > 1e-6:
            raise ValueError(f"{iou} is not among the IoU thresholds.")
        return int(near.argmin())

    def curve(self, label: int, iou: float) -> Curve:
        """Return precision over recall of a class."""
        ranking = self.rankings[label]
        return Curve(ranking.scores, ranking.found[self.threshold(iou)] >= 0, ranking.objects)

    def ap(self, rule: Rule = "coco") -> Floats:
        """Return the average precision, [classes, thresholds]; NaN for classes without objects."""
        return np.array(
            [
                [self.curve(label, iou).ap(rule) for iou in self.thresholds]
                for label in range(len(self.classes))
            ]
        ).reshape(len(self.classes), len(self.thresholds))

    @cached_property
    def map(self) -> float:
        """Mean of AP over classes with objects and over all thresholds, COCO's rule."""
        return _mean(self.ap())

    def mean_ap(self, iou: float, rule: Rule = "coco") -> float:
        """Return the mean of AP over the classes with objects at one IoU."""
        return _mean(np.array([self.curve(label, iou).ap(rule) for label in range(len(self.classes))]))

    @property
    def ap50(self) -> float:
        """Mean AP at IoU 0.5."""
        return self.mean_ap(0.5)

    @property
    def ap75(self) -> float:
        """Mean AP at IoU 0.75."""
        return self.mean_ap(0.75)


def overlaps(boxes: Floats, others: Floats) -> Floats:
    """Return the IoU of every box with every other, [n, m], in double precision as COCO's code has it."""
    return np.asarray(iou_matrix(torch.from_numpy(boxes), torch.from_numpy(others)).numpy(), np.float64)


def areas(boxes: Floats) -> Floats:
    """Return the area of each box, [n]."""
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float64)


def match(truth: Truth, found: Detections, iou: float = 0.5, *, most: int = MOST) -> Matching:
    """Match the detections on one picture with its objects.

    The surest detection chooses first: of the objects of its class that are still free it takes the one it
    overlaps most, if that is by at least ``iou``; otherwise it is false. Each object is found once.
    """
    boxes, labels, scores = _arrays(found)
    objects = np.full(len(scores), -1, np.int64)
    overlap = np.zeros(len(scores))
    counted = np.zeros(len(scores), np.bool_)
    by = np.full(len(truth), -1, np.int64)
    for _, places, there in _groups(truth, labels, scores, most):
        counted[places] = True
        if not len(there) or not len(places):
            continue
        shared = overlaps(boxes[places], truth.boxes[there])
        taken = _assigned(shared, (iou,), np.zeros(len(there), np.bool_))[0]
        hit = taken >= 0
        overlap[places] = np.where(hit, shared[np.arange(len(places)), taken], shared.max(1))
        objects[places[hit]] = there[taken[hit]]
        by[there[taken[hit]]] = places[hit]
    return Matching(objects >= 0, objects, overlap, counted, by)


def evaluate(
    truths: Sequence[Truth],
    found: Sequence[Detections],
    classes: tuple[str, ...],
    *,
    thresholds: Sequence[float] = COCO_THRESHOLDS,
    most: int = MOST,
) -> Evaluation:
    """Return what a detector's findings on labelled pictures are worth.

    Args:
        truths: what is on each picture.
        found: what the detector found on each, down to the least score that is to count (usually 0.001: AP
            needs the unsure ones, too).
        classes: their names, in the order of the labels.
        thresholds: from which IoU on a detection is true.
        most: how many of a picture's detections of one class count.

    Raises:
        ValueError: there are not as many findings as pictures.
    """
    if len(truths) != len(found):
        raise ValueError(f"{len(found)} findings for {len(truths)} pictures.")
    levels = tuple(float(one) for one in thresholds)
    parts = _parts(truths, found, len(classes), levels, most)
    rankings = tuple(_ranking(part, len(levels), _EVERY_SIZE)[0] for part in parts)
    by_size = {
        name: _mean(np.array([_ap_of_size(part, len(levels), bounds) for part in parts]))
        for name, bounds in SIZES.items()
    }
    return Evaluation(classes, levels, rankings, by_size)


@dataclass(frozen=True, eq=False)
class _Part:
    """One class on one picture."""

    picture: int
    places: Whole
    """Its detections, the surest first, at most as many as count."""
    scores: Floats
    sizes: Floats
    """Areas of the detections."""
    there: Whole
    """Which of the picture's objects are of the class."""
    object_sizes: Floats
    shared: Floats
    """IoU [detections, objects]."""
    levels: tuple[float, ...]

    @cached_property
    def taken(self) -> Whole:
        """Which object each detection takes where all count alike, [thresholds, detections]."""
        return _assigned(self.shared, self.levels, np.zeros(len(self.there), np.bool_))


def _parts(
    truths: Sequence[Truth], found: Sequence[Detections], classes: int, levels: tuple[float, ...], most: int
) -> list[list[_Part]]:
    parts: list[list[_Part]] = [[] for _ in range(classes)]
    for picture, (truth, one) in enumerate(zip(truths, found, strict=True)):
        boxes, labels, scores = _arrays(one)
        sizes, object_sizes, shared = areas(boxes), areas(truth.boxes), overlaps(boxes, truth.boxes)
        for label, places, there in _groups(truth, labels, scores, most):
            own = shared[places][:, there]
            parts[label].append(
                _Part(picture, places, scores[places], sizes[places], there, object_sizes[there], own, levels)
            )
    return parts


def _ranking(parts: list[_Part], levels: int, bounds: tuple[float, float]) -> tuple[Ranking, Flags]:
    """Return all detections of a class, and whether each counts among objects of a size, [thresholds, n].

    Objects of another size are neither to be found nor wrong to find, and detections of another size that
    found nothing are not wrong either.
    """
    found, counts, objects = [], [], 0
    for part in parts:
        other = _outside(part.object_sizes, bounds)
        mixed = other.any() and not other.all()
        taken = _assigned(part.shared, part.levels, other) if mixed else part.taken
        hit = taken >= 0
        if len(other):
            found.append(np.where(hit, part.there[taken], -1))
            counts.append(np.where(hit, ~other[taken], ~_outside(part.sizes, bounds)))
        else:
            found.append(taken)
            counts.append(np.broadcast_to(~_outside(part.sizes, bounds), taken.shape))
        objects += int((~other).sum())
    scores = np.concatenate([part.scores for part in parts] or [np.zeros(0)])
    order = np.argsort(-scores, kind="stable")
    pictures = np.repeat([part.picture for part in parts], [len(part.places) for part in parts]).astype(
        np.int64
    )
    places = np.concatenate([part.places for part in parts] or [np.zeros(0, np.int64)])
    joined = np.concatenate(found or [np.zeros((levels, 0), np.int64)], 1)
    counted = np.concatenate(counts or [np.zeros((levels, 0), np.bool_)], 1)
    ranking = Ranking(scores[order], pictures[order], places[order], joined[:, order], objects)
    return ranking, np.asarray(counted[:, order], np.bool_)


def _ap_of_size(parts: list[_Part], levels: int, bounds: tuple[float, float]) -> list[float]:
    """Return COCO's AP at each threshold over the objects of one size."""
    if not any((~_outside(part.object_sizes, bounds)).any() for part in parts):
        return [float("nan")] * levels
    ranking, counted = _ranking(parts, levels, bounds)
    return [
        Curve(ranking.scores[count], found[count] >= 0, ranking.objects).ap("coco")
        for found, count in zip(ranking.found, counted, strict=True)
    ]


def _assigned(shared: Floats, levels: Sequence[float], second: Flags) -> Whole:
    """Return which object each detection takes, [thresholds, detections]; -1 for none.

    Args:
        shared: IoU [detections, objects], the surest detection first.
        levels: the thresholds.
        second: objects that are taken only where no other can be, [objects].
    """
    taken = np.full((len(levels), len(shared)), -1, np.int64)
    if not shared.size:
        return taken
    # A box that was drawn exactly as it was found is true at an IoU of 1, too.
    least = np.minimum(np.array(levels), 1 - 1e-10)[:, None]
    free = np.ones((len(levels), shared.shape[1]), np.bool_)
    rows, last = np.arange(len(levels)), shared.shape[1] - 1
    for one in np.flatnonzero(shared.max(1) >= least.min()):
        able = free & (shared[one] >= least)
        preferred = able & ~second
        able = np.where(preferred.any(1, keepdims=True), preferred, able)
        # Of several that it overlaps alike, COCO's code takes the last.
        best = last - np.where(able, shared[one], -1.0)[:, ::-1].argmax(1)
        hit = able[rows, best]
        taken[hit, one] = best[hit]
        free[rows[hit], best[hit]] = False
    return taken


def _groups(truth: Truth, labels: Whole, scores: Floats, most: int) -> Iterator[tuple[int, Whole, Whole]]:
    """Go through the classes on one picture: label, its detections (the surest first), its objects."""
    order = np.argsort(-scores, kind="stable")
    for label in np.union1d(labels, truth.labels).astype(int).tolist():
        yield label, order[labels[order] == label][:most], np.flatnonzero(truth.labels == label)


def _arrays(found: Detections) -> tuple[Floats, Whole, Floats]:
    return (
        found.boxes.detach().cpu().double().numpy().reshape(-1, 4),
        found.labels.detach().cpu().long().numpy(),
        found.scores.detach().cpu().double().numpy(),
    )


def _outside(sizes: Floats, bounds: tuple[float, float]) -> Flags:
    return (sizes < bounds[0]) | (sizes > bounds[1])


def _mean(values: Floats) -> float:
    """Return the mean of those that are numbers; NaN if none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
