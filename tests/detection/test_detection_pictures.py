"""Augmentation: boxes stay on their objects."""

import random

import numpy as np
import pytest

from explainer.detection.learning.pictures import (
    Labelled,
    example,
    fitted,
    mosaic,
    placed,
    recoloured,
    varied,
)

COLOUR = 250


def square(height=120, width=160, box=(30, 40, 90, 80)) -> Labelled:
    pixels = np.full((height, width, 3), 30, np.uint8)
    left, top, right, bottom = box
    pixels[top:bottom, left:right] = COLOUR
    return Labelled(pixels, np.array([box], np.float32), np.array([1]))


def bright(one: Labelled) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of what is bright."""
    rows, columns = np.nonzero(one.pixels[..., 1] > 180)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_fitted_is_at_the_top_left():
    one = fitted(square(), 80)
    assert one.boxes[0].tolist() == [15, 20, 45, 40]
    assert one.pixels.shape == (80, 80, 3)
    assert (one.pixels[61:] == 114).all()
    assert bright(one) == pytest.approx(one.boxes[0], abs=1.5)


@pytest.mark.parametrize("seed", range(12))
def test_boxes_follow_their_objects(seed):
    rng = random.Random(seed)
    moved = varied(square(), 128, rng)
    if not len(moved.boxes):
        return
    # A turned object lies inside its box and touches it, but for a pixel.
    assert np.abs(np.array(bright(moved)) - moved.boxes[0]).max() < 2.5


def test_most_of_the_variations_keep_the_object():
    assert sum(len(varied(square(), 128, random.Random(seed)).boxes) for seed in range(60)) > 40


@pytest.mark.parametrize("seed", range(6))
def test_a_mosaic_is_four_pictures(seed):
    four = [square(box=(20, 20, 100, 100)) for _ in range(4)]
    made = mosaic(four, 128, random.Random(seed))
    assert made.pixels.shape == (128, 128, 3)
    assert len(made.boxes) == len(made.labels) <= 4
    for left, top, right, bottom in made.boxes.round().astype(int):
        inside = made.pixels[top + 2 : bottom - 2, left + 2 : right - 2]
        assert (inside > 180).mean() > 0.9


def test_a_mirror_turns_the_boxes_too():
    seen = set()
    for seed in range(20):
        made = recoloured(square(), random.Random(seed))
        seen.add(tuple(made.boxes[0].tolist()))
    assert seen == {(30, 40, 90, 80), (70, 40, 130, 80)}


def test_what_is_off_the_canvas_is_dropped():
    away = np.array([[1.0, 0, 500], [0, 1, 0]])
    assert not len(placed(square(), away, 128).boxes)


def test_the_same_seed_makes_the_same_example():
    pictures = [square(), square(box=(10, 10, 60, 60))]
    first, second = (example(pictures, 0, 96, random.Random("a"), mix=0.5) for _ in range(2))
    assert (first.pixels == second.pixels).all()
    assert (first.boxes == second.boxes).all()


def test_a_picture_without_objects_stays_one():
    empty = Labelled(np.zeros((50, 50, 3), np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    made = example([empty], 0, 64, random.Random(1), mix=1.0)
    assert made.boxes.shape == (0, 4)
