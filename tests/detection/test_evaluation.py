"""Matching and average precision against COCO's own code, and against values by hand."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from detection_sets import found, random_set, truth

from explainer.detection.detections import Detections
from explainer.detection.evaluation import (
    COCO_THRESHOLDS,
    Curve,
    Evaluation,
    Truth,
    evaluate,
    match,
    overlaps,
)

CLASSES = ("face", "masked face", "hat", "nothing of it there")


def coco_figures(truths: list[Truth], detections: list[Detections], classes: int) -> tuple[np.ndarray, list]:
    """Return COCO's precision [T, R, K, A, M] and its twelve figures."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def boxed(box: Sequence[float]) -> list[float]:
        return [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])]

    objects = [
        {
            "image_id": picture,
            "category_id": int(label) + 1,
            "bbox": boxed(box),
            "area": float((box[2] - box[0]) * (box[3] - box[1])),
            "iscrowd": 0,
        }
        for picture, one in enumerate(truths)
        for box, label in zip(one.boxes, one.labels, strict=True)
    ]
    for number, one in enumerate(objects, 1):
        one["id"] = number
    results = [
        {"image_id": picture, "category_id": int(label) + 1, "bbox": boxed(box), "score": float(score)}
        for picture, one in enumerate(detections)
        for box, label, score in zip(
            one.boxes.double().numpy(), one.labels, one.scores.double().numpy(), strict=True
        )
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "info": {},
            "images": [{"id": number} for number in range(len(truths))],
            "annotations": objects,
            "categories": [{"id": number + 1, "name": str(number)} for number in range(classes)],
        }
        coco.createIndex()
        runs = COCOeval(coco, coco.loadRes(results), "bbox")
        runs.evaluate()
        runs.accumulate()
        runs.summarize()
    return runs.eval["precision"], list(runs.stats)


def assert_as_coco(ours: Evaluation, truths: list[Truth], detections: list[Detections]) -> None:
    precision, stats = coco_figures(truths, detections, len(ours.classes))
    theirs = precision[:, :, :, 0, 2].mean(1).T
    expected = np.where(theirs < 0, np.nan, theirs)
    np.testing.assert_allclose(ours.ap(), expected, atol=1e-9)
    figures = [ours.map, ours.ap50, ours.ap75, *ours.by_size.values()]
    known = [np.nan if one < 0 else one for one in stats[:6]]
    np.testing.assert_allclose(figures, known, atol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_figures_are_those_of_coco(seed: int) -> None:
    truths, detections = random_set(seed)
    assert_as_coco(evaluate(truths, detections, CLASSES), truths, detections)


def test_more_than_a_hundred_detections_of_a_class_are_cut_as_in_coco() -> None:
    truths, detections = random_set(40, pictures=3, most=90)
    many = [
        Detections(one.boxes.repeat(3, 1), one.labels.repeat(3), one.scores.repeat(3)) for one in detections
    ]
    assert max(int((one.labels == 0).sum()) for one in many) > 100
    ours = evaluate(truths, many, CLASSES)
    assert_as_coco(ours, truths, many)
    assert abs(ours.map - evaluate(truths, many, CLASSES, most=1000).map) > 1e-6


def test_nothing_there_and_nothing_found() -> None:
    empty = evaluate([], [], CLASSES)
    assert np.isnan(empty.ap()).all()
    assert np.isnan(empty.map)
    blind = evaluate([truth([[0, 0, 9, 9]])], [found([], [])], CLASSES)
    assert blind.ap()[0].tolist() == [0.0] * 10
    assert blind.map == 0
    assert np.isnan(blind.by_size["large"])
    with pytest.raises(ValueError, match="0 findings for 1 pictures"):
        evaluate([truth([])], [], CLASSES)


def test_matching_by_hand() -> None:
    there = truth([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [0, 40, 10, 50]], [0, 0, 0, 1])
    guesses = found(
        [
            [0, 0, 10, 8],  # 0.8 of the first, but less sure than the next
            [0, 0, 10, 10],  # the first
            [20, 2, 30, 12],  # 80 of 120: the second
            [40, 5, 50, 15],  # 50 of 150: a third, too little
            [0, 40, 10, 50],  # another class
            [70, 70, 80, 80],
        ],
        [0.6, 0.9, 0.5, 0.8, 0.7, 0.4],
    )
    result = match(there, guesses)
    assert result.true.tolist() == [False, True, True, False, False, False]
    assert result.objects.tolist() == [-1, 0, 1, -1, -1, -1]
    assert result.by.tolist() == [1, 2, -1, -1]
    assert result.found.tolist() == [True, True, False, False]
    assert result.overlaps.tolist() == pytest.approx([0.8, 1, 2 / 3, 1 / 3, 0, 0])
    assert result.counted.all()
    loose = match(there, guesses, 0.3)
    assert loose.by.tolist() == [1, 2, 3, -1]
    assert match(there, guesses, most=2).counted.tolist() == [False, True, False, True, False, False]
    assert match(there, guesses, 1.0).by.tolist() == [1, -1, -1, -1]


def test_the_surest_takes_the_object_even_if_another_fits_better() -> None:
    there = truth([[0, 0, 10, 10]])
    result = match(there, found([[0, 0, 10, 10], [0, 0, 10, 6]], [0.5, 0.9]))
    assert result.by.tolist() == [1]
    assert result.overlaps.tolist() == pytest.approx([1.0, 0.6])


def by_hand() -> Curve:
    """Precision 1, 1/2, 2/3, 1/2, 3/5 at recalls 1/5, 1/5, 2/5, 2/5, 3/5."""
    return Curve(np.array([0.9, 0.8, 0.7, 0.7, 0.2]), np.array([True, False, True, False, True]), 5)


def test_average_precision_by_hand() -> None:
    curve = by_hand()
    assert curve.recall.tolist() == pytest.approx([0.2, 0.2, 0.4, 0.4, 0.6])
    assert curve.precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2, 3 / 5])
    assert curve.envelope.tolist() == pytest.approx([1, 2 / 3, 2 / 3, 3 / 5, 3 / 5])
    # All points: the steps of the envelope, 0.2 wide each, as far as the recall of 0.6.
    assert curve.ap("all") == pytest.approx(0.2 * (1 + 2 / 3 + 3 / 5))
    # Eleven: recalls 0, 0.1, 0.2 read 1; 0.3, 0.4 read 2/3; 0.5, 0.6 read 3/5; the other four 0.
    assert curve.ap("eleven") == pytest.approx((3 + 2 * 2 / 3 + 2 * 3 / 5) / 11)
    # 101: 0 to 0.20 are 21 recalls, then twice 20. COCO's own steps count 0.6 as 0.6000000000000001.
    reached = 20 if np.linspace(0, 1, 101)[60] <= 3 / 5 else 19
    assert curve.ap("coco") == pytest.approx((21 + 20 * 2 / 3 + reached * 3 / 5) / 101)


def test_how_many_a_score_keeps() -> None:
    curve = by_hand()
    assert [curve.kept(score) for score in (1.0, 0.9, 0.75, 0.7, 0.1)] == [0, 1, 2, 4, 5]


def test_an_iou_that_was_not_asked_for() -> None:
    result = evaluate([truth([])], [found([], [])], CLASSES, thresholds=(0.3,))
    with pytest.raises(ValueError, match=r"0\.5 is not among"):
        result.curve(0, 0.5)


def test_the_thresholds_are_those_of_coco() -> None:
    expected = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
    assert list(COCO_THRESHOLDS) == pytest.approx(expected)


def test_boxes_without_area_overlap_nothing() -> None:
    flat = np.array([[3.0, 3, 3, 3], [0, 0, 0, 5]])
    assert overlaps(flat, flat).tolist() == [[0, 0], [0, 0]]


@pytest.mark.slow
def test_a_real_detector_on_real_photographs_as_coco_counts(data_folder: Path) -> None:
    from explainer.detection import load_detector
    from explainer.detection.labelled import class_map, read_labelled_zip

    torch.set_num_threads(1)
    given = read_labelled_zip((data_folder / "coco_train128.zip").read_bytes())
    detector = load_detector("yolox_nano", data_folder / "weights" / "yolox_nano.onnx")
    meant = class_map(given, detector.classes)
    truths, detections = [], []
    for one in given.pictures[:30]:
        pixels = one.load()
        truths.append(meant.truth(one.truth(pixels)))
        detections += detector.detect([pixels], score=0.001, iou=0.65)
    ours = evaluate(truths, detections, detector.classes)
    assert_as_coco(ours, truths, detections)
    assert ours.ap50 > 0.4
