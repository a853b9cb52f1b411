"""What a detector did wrong: each detection and each object by the kind of its error.

The kinds are those of TIDE (Bolya et al., 2020, A general toolbox for identifying object detection errors,
section 2.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from explainer.detection.detections import Detections
from explainer.detection.evaluation import MOST, Flags, Truth, match, overlaps

Kind = Literal["true", "place", "class", "duplicate", "both", "false", "missed"]
KINDS: tuple[Kind, ...] = ("true", "missed", "false", "place", "class", "duplicate", "both")
BACKGROUND = 0.1
"""IoU with every object below which a detection shows none of them."""


@dataclass(frozen=True)
class Judgement:
    """One detection and what it is; or an object that no detection is near."""

    kind: Kind
    """True; placed badly (an object of its class is there, overlapped too little); another class's object;
    a duplicate (a surer one has found the object); badly placed on another class's object ("both"); false
    (nothing there); or a missed object."""
    detection: int | None
    """Its place in the picture's detections; None for a missed object."""
    object: int | None
    """The object that it found, or would have found; None where nothing is there."""
    iou: float
    """With that object; for false ones, the largest with any object."""


def judge(
    truth: Truth, found: Detections, *, iou: float = 0.5, score: float = 0.25, most: int = MOST
) -> tuple[Judgement, ...]:
    """Return what each detection on a picture is, the surest first, and then what was missed.

    Args:
        truth: what is on the picture.
        found: what was found there.
        iou: from which overlap on a detection is true.
        score: least score of a detection that counts.
        most: how many of a class count.
    """
    kept = found.scores >= score
    numbers = np.flatnonzero(kept.cpu().numpy())
    chosen = Detections(found.boxes[kept], found.labels[kept], found.scores[kept])
    matching = match(truth, chosen, iou, most=most)
    shared = overlaps(chosen.boxes.detach().cpu().double().numpy().reshape(-1, 4), truth.boxes)
    labels = chosen.labels.cpu().numpy()
    order = np.argsort(-chosen.scores.detach().cpu().double().numpy(), kind="stable")
    judged: list[Judgement] = []
    for one in order[matching.counted[order]].tolist():
        kind: Kind = "true"
        at = int(matching.objects[one])
        if not matching.true[one]:
            kind, at = _wrong(shared[one], truth.labels == labels[one], iou)
        overlap = float(shared[one][at]) if at >= 0 else float(shared[one].max(initial=0.0))
        judged.append(Judgement(kind, int(numbers[one]), at if at >= 0 else None, overlap))
    near = {one.object for one in judged if one.kind in ("place", "class")}
    missed = [
        Judgement("missed", None, number, float(shared[:, number].max(initial=0.0)))
        for number in np.flatnonzero(~matching.found).tolist()
        if number not in near
    ]
    return (*judged, *missed)


def counted(judgements: Iterable[Judgement]) -> dict[Kind, int]:
    """Return how many there are of each kind."""
    count = Counter(one.kind for one in judgements)
    return {kind: count[kind] for kind in KINDS}


def _wrong(shared: np.ndarray, own: Flags, iou: float) -> tuple[Kind, int]:
    """Return what a false detection is, and which object it was meant for; -1 for none.

    The kinds are tried in the order of TIDE's code.
    """
    if not len(shared):
        return "false", -1
    best, other = np.where(own, shared, -1.0), np.where(own, -1.0, shared)
    if BACKGROUND <= best.max() < iou:
        return "place", int(best.argmax())
    if other.max() >= iou:
        return "class", int(other.argmax())
    if best.max() >= iou:
        return "duplicate", int(best.argmax())
    if other.max() >= BACKGROUND:
        return "both", int(other.argmax())
    return "false", -1
