"""Frames of an evaluation: the pictures, the curve of a class with what made it, and the mistakes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explainer.detection.evaluation import RULES, Curve, Floats, Rule, Whole
from explainer.detection.mistakes import KINDS, Judgement, judge
from explainer.detection.trial import Trial

_NO_BOXES: Floats = np.zeros((0, 4))
_NOWHERE = (np.nan,) * 4


def album(trial: Trial) -> dict[str, Any]:
    """Return the small pictures, which do not change with what the reader sets, and a name for them."""
    name = hashlib.sha256()
    for copy in trial.copies:
        name.update(copy.name.encode() + b"\0" + copy.jpeg)
    return {
        "album": name.hexdigest()[:16],
        "pictures": [
            {"name": copy.name, "jpeg": np.frombuffer(copy.jpeg, np.uint8), "ratio": copy.width / copy.height}
            for copy in trial.copies
        ],
    }


def labelled_classes(trial: Trial) -> tuple[int, ...]:
    """Return the places of the classes that have objects, those with the most first."""
    found = [label for label in trial.meant.known if trial.usual.rankings[label].objects]
    return tuple(sorted(found, key=lambda label: -trial.usual.rankings[label].objects))


def curve_frame(
    trial: Trial, label: int, *, iou: float, score: float, rule: Rule, titles: Sequence[str]
) -> dict[str, Any]:
    """Return what shows how the curve of one class comes about.

    Args:
        trial: the evaluation.
        label: the class.
        iou: from which overlap on a detection is true; one of ``LEVELS``.
        score: the threshold that is marked.
        rule: whose area is shaded.
        titles: names of the detector's classes in the reader's language.
    """
    ranking, curve = trial.loose.rankings[label], trial.loose.curve(label, iou)
    found = ranking.found[trial.loose.threshold(iou)]
    there, numbers, first = _objects(trial, label)
    boxes, start = _detected(trial)
    # Numbers of objects are counted over all pictures in the frame.
    all_numbers = np.concatenate([*numbers, np.full(1, -1)])
    hit = all_numbers[np.where(found >= 0, first[ranking.pictures] + found, -1)]
    return {
        "title": titles[label],
        "iou": iou,
        "score": score,
        "rule": rule,
        "objects": curve.objects,
        "scores": curve.scores,
        "true": curve.true.astype(np.uint8),
        "pictures": ranking.pictures.astype(np.int32),
        "boxes": boxes[start[ranking.pictures] + ranking.places],
        "found": hit.astype(np.int32),
        "kept": curve.kept(score),
        "ap": {one: curve.ap(one) for one in RULES},
        "there": there,
        "others": [
            _outline(titles[other], trial.loose.curve(other, iou))
            for other in labelled_classes(trial)
            if other != label
        ],
    }


def mistakes_frame(
    trial: Trial, *, iou: float, score: float, titles: Sequence[str], judged: Sequence[Sequence[Judgement]]
) -> dict[str, Any]:
    """Return every detection and every missed object with what it is; see ``judgements``."""
    boxes, start = _detected(trial)
    there, numbers, _ = _objects(trial)
    rows = []
    for picture, found in enumerate(judged):
        truth, detections = trial.truths[picture], trial.found[picture]
        labels, scores = detections.labels.tolist(), detections.scores.tolist()
        for one in found:
            box, label, sure = _NOWHERE, -1, np.nan
            if one.detection is not None:
                box = boxes[start[picture] + one.detection]
                label, sure = labels[one.detection], scores[one.detection]
            place = -1 if one.object is None else int(numbers[picture][one.object])
            own = -1 if one.object is None else int(truth.labels[one.object])
            rows.append((KINDS.index(one.kind), picture, label, place, own, sure, one.iou, *box))
    table = np.array(rows, np.float64).reshape(-1, 11)
    # What a reader wants to see first: the surest of each kind.
    table = table[np.argsort(-np.nan_to_num(table[:, 5], nan=-1.0), kind="stable")]
    return {
        "kinds": list(KINDS),
        "titles": list(titles),
        "iou": iou,
        "score": score,
        "kind": table[:, 0].astype(np.int32),
        "pictures": table[:, 1].astype(np.int32),
        "labels": table[:, 2].astype(np.int32),
        "objects": table[:, 3].astype(np.int32),
        "object_labels": table[:, 4].astype(np.int32),
        "scores": table[:, 5],
        "overlaps": table[:, 6],
        "boxes": table[:, 7:],
        "there": there,
    }


def judgements(trial: Trial, *, iou: float, score: float) -> list[tuple[Judgement, ...]]:
    """Return what each detection is, and what was missed, for every picture."""
    return [
        judge(truth, found, iou=iou, score=score)
        for truth, found in zip(trial.truths, trial.found, strict=True)
    ]


def ap_rows(trial: Trial, iou: float) -> list[dict[str, Any]]:
    """Return a row for every class with objects, the mean last: AP by each rule at one IoU, COCO's mean."""
    rows: list[dict[str, Any]] = []
    for label in labelled_classes(trial):
        curve = trial.loose.curve(label, iou)
        usual = [trial.usual.curve(label, level).ap("coco") for level in trial.usual.thresholds]
        rows.append(
            {
                "label": label,
                "objects": curve.objects,
                "detections": len(curve.true),
                **{rule: curve.ap(rule) for rule in RULES},
                "mean": float(np.mean(usual)),
            }
        )
    if rows:
        total: Mapping[str, Any] = {
            "label": -1,
            "objects": sum(row["objects"] for row in rows),
            "detections": sum(row["detections"] for row in rows),
            **{name: float(np.mean([row[name] for row in rows])) for name in (*RULES, "mean")},
        }
        rows.append(dict(total))
    return rows


def _outline(title: str, curve: Curve) -> dict[str, Any]:
    """Return a curve at its true detections only: enough to draw it beside another."""
    return {"title": title, "recall": curve.recall[curve.true], "precision": curve.precision[curve.true]}


def _objects(trial: Trial, label: int | None = None) -> tuple[dict[str, Any], list[Whole], Whole]:
    """Return the objects of all pictures (of one class), where each picture's own are, and where those begin.

    For each picture: the place of each of its objects in the table, -1 for those of other classes.
    """
    boxes, pictures, labels, numbers = [_NO_BOXES], [], [], []
    count = 0
    for picture, truth in enumerate(trial.truths):
        kept = np.ones(len(truth), np.bool_) if label is None else truth.labels == label
        boxes.append(_shares(trial, picture, truth.boxes[kept]))
        labels += truth.labels[kept].tolist()
        pictures += [picture] * int(kept.sum())
        numbers.append(np.where(kept, count + np.cumsum(kept) - 1, -1).astype(np.int64))
        count += int(kept.sum())
    table = {
        "boxes": np.concatenate(boxes),
        "pictures": np.array(pictures, np.int32),
        "labels": np.array(labels, np.int32),
    }
    return table, numbers, _starts([len(truth) for truth in trial.truths])


def _detected(trial: Trial) -> tuple[Floats, Whole]:
    """Return the boxes of all detections, picture by picture, and where each picture's begin."""
    boxes = [
        _shares(trial, picture, one.boxes.double().numpy().reshape(-1, 4))
        for picture, one in enumerate(trial.found)
    ]
    return np.concatenate([*boxes, _NO_BOXES]), _starts([len(one) for one in boxes])


def _starts(counts: Sequence[int]) -> Whole:
    return np.cumsum([0, *counts], dtype=np.int64)


def _shares(trial: Trial, picture: int, boxes: Floats) -> Floats:
    """Return boxes as shares of their picture's sides."""
    copy = trial.copies[picture]
    return np.asarray(boxes / np.array([copy.width, copy.height, copy.width, copy.height]), np.float64)
