"""Two detectors compared: pairs by hand, candidates that get fewer, times from a process of its own."""

import numpy as np
import pytest
import torch

from explainer.detection.agreement import agreement, funnel
from explainer.detection.detections import Detections
from explainer.detection.timing import timed
from explainer.detection.yolox import build_yolox
from explainer.detection.yolox_detector import YoloxDetector
from explainer.errors import ReaderError
from explainer.render.side_by_side import ALONE, BOTH, OTHER_NAME, frame, numbered
from tests.detection.two_stage_models import picture, small_detector, ssd_detector

NAMES = ("face", "mask")


def answer(*boxes):
    """Return detections of (left, top, right, bottom, label)."""
    rows = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 5)
    return Detections(rows[:, :4], rows[:, 4].long(), torch.linspace(0.9, 0.5, len(rows)))


def test_the_best_overlaps_are_paired_first_and_each_box_once():
    first = answer((0, 0, 10, 10, 0), (0, 0, 10, 8, 0), (50, 50, 60, 60, 1))
    second = answer((0, 0, 10, 9, 0), (50, 50, 60, 60, 0), (80, 0, 90, 10, 0))
    found = agreement(first, second, (NAMES, NAMES))
    assert [(pair.first, pair.second, pair.same) for pair in found.pairs] == [(0, 0, True), (2, 1, False)]
    assert found.pairs[0].iou == pytest.approx(0.9)
    assert found.only_first == (1,)
    assert found.only_second == (2,)


def test_labels_are_compared_by_name():
    one = answer((0, 0, 10, 10, 0))
    assert agreement(one, answer((0, 0, 10, 10, 1)), (NAMES, ("person", "face"))).pairs[0].same


def test_boxes_that_hardly_overlap_and_empty_answers():
    found = agreement(answer((0, 0, 10, 10, 0)), answer((6, 0, 16, 10, 0)), (NAMES, NAMES))
    assert found.pairs == ()
    assert agreement(answer(), answer((0, 0, 1, 1, 0)), (NAMES, NAMES)).only_second == (0,)


def test_boxes_of_both_have_one_number_and_colours_say_who_found_them():
    first = answer((0, 0, 20, 20, 0), (50, 50, 60, 60, 1))
    second = answer((50, 50, 60, 60, 0), (0, 0, 20, 20, 0), (80, 30, 95, 60, 0))
    marks = numbered(agreement(first, second, (NAMES, NAMES)))
    assert [(one.number, one.place, one.colour) for one in marks[0]] == [(1, 0, BOTH), (2, 1, OTHER_NAME)]
    assert [(one.number, one.place) for one in marks[1]] == [(1, 1), (2, 0), (3, 2)]
    assert marks[1][2].colour == ALONE
    sent = frame(np.zeros((100, 2000, 3), np.uint8), second, marks[1], NAMES, "Two stages")
    factor = sent["width"] / 2000
    assert factor < 1, "a large photo is sent smaller, its boxes with it"
    assert [one["number"] for one in sent["boxes"]] == [3, 1, 2], "large ones first: small ones lie on top"
    third = sent["boxes"][0]
    assert third["box"] == pytest.approx([one * factor for one in (80, 30, 95, 60)], abs=0.01)
    assert third["colour"] == ALONE
    assert third["said"].startswith(NAMES[0])


def test_every_step_leaves_fewer():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yolox = YoloxDetector("yolox", build_yolox("yolox_nano", 2).eval(), NAMES, side=64)
    for detector, first in ((small_detector(), 24192), (ssd_detector(), 3234), (yolox, 84)):
        stages = detector.stages(picture(0), score=0.01)
        steps = funnel(stages)
        counts = [count for _, count in steps]
        assert counts[0] == first
        assert counts[-1] == len(stages.result)
        assert counts[-1] <= counts[-2]
        assert len({name for name, _ in steps}) == len(steps)


@pytest.mark.slow
def test_times_come_from_a_process_of_its_own():
    beats = []
    found = timed(picture(0), [("faces_faster_rcnn", "none", 0)], lambda: beats.append(1))
    assert len(found) == 1
    assert 0.001 < found[0] < 60
    assert beats


def test_a_process_that_ends_early_is_said():
    with pytest.raises(ReaderError, match="could not be measured"):
        timed(picture(0), [("no such detector", "none", 0)])
