"""Every kind of error on a picture made for it; the kinds add up."""

from __future__ import annotations

import pytest
from detection_sets import found, random_set, truth

from explainer.detection.evaluation import match
from explainer.detection.mistakes import KINDS, counted, judge

THERE = truth(
    [[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [60, 0, 70, 10], [80, 0, 90, 10]], [0, 0, 1, 1, 0]
)


def test_each_kind_by_hand() -> None:
    guesses = found(
        [
            [0, 0, 10, 10],  # true
            [1, 0, 11, 10],  # again
            [20, 6, 30, 16],  # 40 of 160
            [40, 0, 50, 10],  # right place, wrong class
            [60, 6, 70, 16],  # 0.25 of another class's object
            [0, 50, 9, 59],  # nothing there
            [80, 0, 90, 10],  # too unsure to count
        ],
        [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.1],
    )
    judged = judge(THERE, guesses)
    assert [(one.kind, one.detection, one.object) for one in judged] == [
        ("true", 0, 0),
        ("duplicate", 1, 0),
        ("place", 2, 1),
        ("class", 3, 2),
        ("both", 4, 3),
        ("false", 5, None),
        ("missed", None, 3),
        ("missed", None, 4),
    ]
    ious = [1, 9 / 11, 0.25, 1, 0.25, 0, 0.25, 0]
    assert [one.iou for one in judged] == pytest.approx(ious)
    assert counted(judged) == dict(zip(KINDS, (1, 2, 1, 1, 1, 1, 1), strict=True))
    sure = judge(THERE, guesses, score=0.92)
    assert [one.kind for one in sure] == ["true"] + 4 * ["missed"]
    assert judge(THERE, guesses, iou=0.2)[2].kind == "true"


def test_nothing_there_and_nothing_found() -> None:
    assert [one.kind for one in judge(truth([]), found([[0, 0, 5, 5]], [0.9]))] == ["false"]
    assert [one.kind for one in judge(THERE, found([], []))] == 5 * ["missed"]
    assert judge(truth([]), found([], [])) == ()


@pytest.mark.parametrize("seed", range(5))
def test_true_ones_are_those_of_the_matching_and_all_are_judged(seed: int) -> None:
    for there, guesses in zip(*random_set(seed), strict=True):
        judged = judge(there, guesses, score=0.3)
        matching = match(there, guesses)
        sure = guesses.scores.numpy() >= 0.3
        assert sorted(one.detection for one in judged if one.detection is not None) == [
            number for number in range(len(guesses)) if sure[number]
        ]
        true = {one.detection: one.object for one in judged if one.kind == "true"}
        assert true == {n: matching.objects[n] for n in range(len(guesses)) if matching.true[n] and sure[n]}
