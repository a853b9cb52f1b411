"""Augmented images stay images, are what torchvision makes of the same draws, and repeat with their seed."""

import dataclasses
import math

import pytest
import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as reference

from explainer.training import augment as module
from explainer.training import pixels
from explainer.training.augment import apply, augment, draw_changes
from explainer.training.geometry import CORNERS, Geometry, sample, source_map
from explainer.training.recipe import BOUNDS, Augmentation

ALL = Augmentation(
    flip=0.5, shift=0.1, scale=0.2, rotate=10, brightness=0.3, cutout=0.3, crop=0.3, colour=0.5,
    perspective=0.3, erase=0.5, policy="randaugment",
)  # fmt: skip
SETTINGS = [
    Augmentation(flip=0.5),
    Augmentation(shift=0.2),
    Augmentation(flip=0.5, shift=0.2),
    Augmentation(shift=0.1, scale=0.2, rotate=10),
    Augmentation(brightness=0.3),
    Augmentation(cutout=0.4),
    Augmentation(crop=0.2),
    Augmentation(colour=0.5),
    Augmentation(perspective=0.5),
    Augmentation(erase=0.5),
    Augmentation(policy="randaugment"),
    Augmentation(policy="trivialaugment"),
    Augmentation(policy="augmix"),
    ALL,
]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def photos(count=16, channels=3, height=24, width=24):
    return torch.randint(0, 256, (count, channels, height, width), generator=seeded(9), dtype=torch.uint8)


def name(settings):
    return "+".join(f.name for f in dataclasses.fields(settings) if getattr(settings, f.name) != f.default)


@pytest.mark.parametrize("shape", [(3, 24, 24), (1, 20, 30)], ids=["colour", "grey"])
@pytest.mark.parametrize("settings", SETTINGS, ids=name)
def test_augmented_images_stay_images_and_repeat_with_their_seed(settings, shape):
    images = photos(16, *shape) / 255
    given, state = images.clone(), torch.get_rng_state()
    first = augment(images, settings, seeded(3))
    again = augment(images, settings, seeded(3))
    assert first.shape == images.shape
    assert first.dtype == torch.float32
    assert torch.equal(first, again)
    assert 0 <= float(first.min()) <= float(first.max()) <= 1
    assert torch.equal(images, given), "what was given is left alone"
    assert torch.equal(torch.get_rng_state(), state), "the global generator is left alone"
    grey = shape[0] == 1 and settings == Augmentation(colour=0.5)
    assert torch.equal(first, images) == grey


@pytest.mark.parametrize("settings", SETTINGS, ids=name)
def test_bytes_become_the_same_as_their_shares_of_255(settings):
    images = photos()
    expected = augment(images.float() / 255, settings, seeded())
    found = augment(images, settings, seeded())
    if settings.crop and not (settings.rotate or settings.shift or settings.scale or settings.perspective):
        # Bytes that are resized stay bytes: each is at most one step from what it would be unrounded.
        torch.testing.assert_close(found, expected, atol=1.01 / 255, rtol=0)
    else:
        assert torch.equal(found, expected)


@pytest.mark.parametrize("settings", SETTINGS, ids=name)
def test_the_size_of_the_pieces_does_not_matter(settings, monkeypatch):
    images = photos()
    whole = augment(images, settings, seeded())
    monkeypatch.setattr(module, "_PIECE", 3 * images[0].numel())
    assert torch.allclose(augment(images, settings, seeded()), whole, atol=1e-6)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("settings", SETTINGS, ids=name)
def test_a_gpu_draws_and_makes_the_same(settings):
    images = photos(64, 3, 32, 32)
    there = augment(images.cuda(), settings, seeded()).cpu()
    here = augment(images, settings, seeded())
    # A value next to the border of a byte may fall on its other side: a few pixels jump.
    assert float(((there - here).abs() > 1e-4).float().mean()) < 0.01


def test_without_changes_the_bits_stay():
    images = photos() / 255
    assert torch.equal(augment(images, Augmentation(), seeded()), images)
    still = torch.eye(3).repeat(16, 1, 1)
    assert torch.equal(sample(images, still), images)
    still[3, 0, 2] = 0.3
    moved = sample(images, still)
    assert torch.equal(moved[:3], images[:3])
    assert not torch.equal(moved[3], images[3])


# --- movements -------------------------------------------------------------------------------------------


def test_shifts_move_whole_pixels():
    images = torch.zeros(40, 1, 9, 9)
    images[:, :, 4, 4] = 1
    moved = augment(images, Augmentation(shift=0.3), seeded())
    assert torch.equal(moved.sum((1, 2, 3)), torch.ones(40))
    assert len({tuple(image.nonzero()[0].tolist()) for image in moved}) > 10


def test_mirrored_and_shifted_images_are_those_that_slices_make():
    images = photos(50, 3, 12, 20)
    changes = draw_changes(Augmentation(flip=0.5, shift=0.25), images.shape, seeded())
    moves = changes.geometry
    assert 10 < int(moves.mirrored.sum()) < 40
    assert moves.moved.abs().amax(0).tolist() == [3, 5]
    result = apply(images, changes)
    for place, image in enumerate(images.float() / 255):
        own = image.flip(2) if moves.mirrored[place] else image
        down, right = moves.moved[place].tolist()
        expected = torch.zeros_like(own)
        for y in range(12):
            for x in range(20):
                if 0 <= y - down < 12 and 0 <= x - right < 20:
                    expected[:, y, x] = own[:, y - down, x - right]
        assert torch.equal(result[place], expected)


def test_crops_are_torchvisions():
    images = photos(200, 3, 24, 32) / 255
    changes = draw_changes(Augmentation(crop=0.1, flip=0.5), images.shape, seeded())
    result = apply(images, changes)
    boxes = changes.geometry.box
    for image, own, box, mirrored in zip(result, images, boxes, changes.geometry.mirrored, strict=True):
        expected = reference.resized_crop(own, *box.tolist(), [24, 32], antialias=False)
        expected = expected.flip(2) if mirrored else expected
        torch.testing.assert_close(image, expected, atol=2e-5, rtol=0)
    area = boxes[:, 2] * boxes[:, 3] / (24 * 32)
    aspect = boxes[:, 3] / boxes[:, 2]
    assert 0.07 < float(area.min()) < 0.15 < 0.8 < float(area.max()) <= 1
    assert 0.6 < float(aspect.min()) < 0.85 < 1.2 < float(aspect.max()) < 1.6  # sides are rounded
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 0] + boxes[:, 2] <= 24).all()
    assert (boxes[:, 1] + boxes[:, 3] <= 32).all()


@pytest.mark.parametrize(("size", "box"), [((10, 100), (0, 43, 10, 13)), ((100, 10), (43, 0, 13, 10))])
def test_where_no_crop_fits_the_middle_is_taken(size, box):
    changes = draw_changes(Augmentation(crop=0.9), (5, 3, *size), seeded())
    assert changes.geometry.box.tolist() == [list(box)] * 5


def test_rotations_and_zooms_are_torchvisions():
    images = photos(20, 3, 40, 60) / 255
    changes = draw_changes(Augmentation(rotate=30, scale=0.3), images.shape, seeded())
    moves = changes.geometry
    result = apply(images, changes)
    for image, own, angle, scale in zip(result, images, moves.angle, moves.scale, strict=True):
        # torchvision's ``affine`` turns clockwise
        expected = reference.affine(
            own, -float(angle), [0, 0], float(scale), [0.0, 0.0], InterpolationMode.BILINEAR
        )
        middle = (slice(None), slice(15, 25), slice(20, 40))
        torch.testing.assert_close(image[middle], expected[middle], atol=1e-4, rtol=0)
    assert float(moves.angle.abs().max()) <= 30
    assert 0.7 <= float(moves.scale.min()) < 0.9 < 1.1 < float(moves.scale.max()) <= 1.3


def test_perspectives_are_torchvisions():
    images = photos(20, 3, 40, 60) / 255
    changes = draw_changes(Augmentation(perspective=0.5), images.shape, seeded())
    result = apply(images, changes)
    half = torch.tensor([60, 40]) / 2
    for image, own, places in zip(result, images, changes.geometry.corners, strict=True):
        assert float((places - CORNERS).abs().max()) <= 0.5
        start, end = (((points + 1) * half).tolist() for points in (places, CORNERS))
        expected = reference.perspective(own, start, end, interpolation="bilinear")
        torch.testing.assert_close(image, expected, atol=1e-3, rtol=0)


def test_a_perspective_never_folds():
    most = BOUNDS["perspective"][1]
    extremes = (torch.rand(20_000, 4, 2, generator=seeded(), dtype=torch.float64) * 3 - 1).clamp(0, 1)
    moves = dataclasses.replace(still(20_000), corners=CORNERS * (1 - most * extremes))
    corners = torch.cat([CORNERS, torch.ones(4, 1)], 1).float()
    assert float((source_map(moves, 10, 10)[:, 2] @ corners.T).min()) > 0.1


def still(count):
    return Geometry(scale=torch.ones(count), angle=torch.zeros(count), shift=torch.zeros(count, 2))


def test_all_movements_are_one_map_in_the_order_that_is_told():
    height, width = 30, 50
    moves = draw_changes(ALL, (8, 3, height, width), seeded()).geometry
    matrix = source_map(moves, height, width).double()
    place = torch.tensor([0.31, -0.57])
    for item in range(8):
        # Backwards from a place in the result: rotation and zoom in pixels, shift, perspective, mirror, crop.
        x, y = (place * torch.tensor([width, height])).tolist()
        angle, scale = math.radians(float(moves.angle[item])), float(moves.scale[item])
        x, y = (
            (x * math.cos(angle) - y * math.sin(angle)) / scale,
            (x * math.sin(angle) + y * math.cos(angle)) / scale,
        )
        x, y = x / width + float(moves.shift[item, 0]), y / height + float(moves.shift[item, 1])
        x, y = seen_through(moves.corners[item], x, y)
        x = -x if moves.mirrored[item] else x
        top, left, tall, wide = moves.box[item].tolist()
        x, y = (left + (x + 1) / 2 * wide) / width * 2 - 1, (top + (y + 1) / 2 * tall) / height * 2 - 1
        found = matrix[item] @ torch.tensor([*place.tolist(), 1], dtype=torch.float64)
        assert (found[:2] / found[2]).tolist() == pytest.approx([x, y], abs=1e-5)


def seen_through(corners, x, y):
    """Map a place by the homography from ``CORNERS`` to these corners, after Heckbert (1989)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners.tolist()
    s, t = (x + 1) / 2, (y + 1) / 2
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (dx3 * dy2 - dx2 * dy3) / area, (dx1 * dy3 - dx3 * dy1) / area
    over = g * s + h * t + 1
    return (
        ((x1 - x0 + g * x1) * s + (x3 - x0 + h * x3) * t + x0) / over,
        ((y1 - y0 + g * y1) * s + (y3 - y0 + h * y3) * t + y0) / over,
    )


# --- colours ---------------------------------------------------------------------------------------------


def test_saturation_and_hue_are_torchvisions():
    images = photos() / 255
    changes = draw_changes(Augmentation(colour=0.8), images.shape, seeded())
    assert float(changes.saturation.min()) < 0.6 < 1.4 < float(changes.saturation.max()) <= 1.8
    assert 0.03 < float(changes.hue.abs().max()) <= 0.08
    result = apply(images, changes)
    for image, own, factor, turn in zip(result, images, changes.saturation, changes.hue, strict=True):
        expected = reference.adjust_hue(reference.adjust_saturation(own, float(factor)), float(turn))
        torch.testing.assert_close(image, expected, atol=1e-5, rtol=0)


def test_hues_turn_around_the_circle():
    colours = torch.tensor([[1, 0, 0], [0, 0.5, 0], [0.2, 0.2, 1], [0.3, 0.3, 0.3], [1, 1, 0]])
    turned = pixels.hue_turned(colours.view(5, 3, 1, 1), torch.tensor([1 / 3, 1 / 3, 1 / 3, 0.2, -1 / 6]))
    expected = torch.tensor([[0, 1, 0], [0, 0, 0.5], [1, 0.2, 0.2], [0.3, 0.3, 0.3], [1, 0, 0]])
    torch.testing.assert_close(turned.view(5, 3), expected, atol=1e-6, rtol=0)


# --- what is hidden --------------------------------------------------------------------------------------


def test_cutout_hides_a_square_around_a_pixel():
    images = photos(60, 3, 20, 20) / 255
    changes = draw_changes(Augmentation(cutout=0.25), images.shape, seeded())
    result = apply(images, changes)
    inside = 0
    for image, own, box in zip(result, images, changes.hidden.tolist(), strict=True):
        top, bottom, left, right = box
        assert bottom - top == right - left == 5
        rows, columns = slice(max(top, 0), bottom), slice(max(left, 0), right)
        expected = own.clone()
        expected[:, rows, columns] = own.mean((1, 2), keepdim=True)
        torch.testing.assert_close(image, expected)
        inside += top >= 0 and left >= 0 and bottom <= 20 and right <= 20
    assert 20 < inside < 60


def test_erasing_fills_rectangles_with_noise():
    images = torch.full((400, 3, 32, 32), 2.0)  # noise is below 1
    changes = draw_changes(Augmentation(erase=0.5), images.shape, seeded())
    result = apply(images, changes)
    erased = result != 2
    assert torch.equal(erased[:, 0], erased[:, 1])
    assert 150 < int(erased.any(3).any(2).any(1).sum()) < 250
    values = result[erased]
    assert len(values.unique()) > 0.9 * len(values)
    assert 0.49 < float(values.mean()) < 0.51
    areas, aspects = [], []
    for where in erased[:, 0]:
        if where.any():
            rows, columns = where.any(1).nonzero()[:, 0], where.any(0).nonzero()[:, 0]
            tall, wide = (int(line[-1] - line[0]) + 1 for line in (rows, columns))
            assert tall * wide == int(where.sum()), "a rectangle without holes"
            areas.append(tall * wide / 1024)
            aspects.append(tall / wide)
    assert 0.015 < min(areas) < 0.05
    assert 0.28 < max(areas) < 0.35
    assert 0.22 < min(aspects) < 0.5 < 2 < max(aspects) < 4.5  # sides are rounded
