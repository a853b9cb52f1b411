"""Labelled pictures to begin with: scenes that this project makes from four public-domain photographs.

Two people, a cat and a cup, cut out at many sizes, mirrored, in other light, hung on a wall, set beside each
other as in a video call, some with a mask drawn over the face. What is on the photographs was marked by hand,
so what is on the scenes is known. They show how a figure comes about; they are no benchmark.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from explainer.detection.detections import Picture
from explainer.detection.labelled import LabelledPicture, LabelledSet
from explainer.samples import sample

CLASSES = ("face", "masked face", "mask worn incorrectly", "person", "cat", "cup", "spoon")
COUNT = 24
_SIZE = (480, 360)
_LEAST = 0.5
"""Of an object of which less is left after cutting, nobody could say what it is."""
_OVER = 4

Box = tuple[float, float, float, float]
Objects = list[tuple[str, Box]]


@dataclass(frozen=True)
class _Source:
    """A photograph and what is on it, in its own pixels; a face comes first."""

    key: str
    objects: tuple[tuple[str, Box], ...]
    mask: tuple[tuple[float, float], ...] = ()
    """Outline of a mask over the face, clockwise from where it lies on the nose."""
    under: float = 0.0
    """How far down it slips if it is worn incorrectly."""


_ASTRONAUT = _Source(
    "astronaut",
    (("face", (179, 76, 272, 190)), ("person", (20, 15, 363, 512))),
    (
        (224, 112),
        (246, 118),
        (271, 130),
        (267, 162),
        (250, 184),
        (226, 193),
        (202, 185),
        (186, 163),
        (181, 130),
    ),
    under=24,
)
_PHOTOGRAPHER = _Source(
    "camera",
    (("face", (180, 112, 255, 197)), ("person", (2, 62, 333, 512))),
    ((247, 138), (259, 150), (252, 176), (238, 199), (216, 192), (199, 170), (212, 153)),
    under=16,
)
_CAT = _Source("chelsea", (("cat", (0, 0, 404, 300)),))
_CUP = _Source("coffee", (("cup", (171, 17, 412, 309)), ("spoon", (325, 66, 425, 328))))
_ROCKET = _Source("rocket", ())
_PEOPLE = (_ASTRONAUT, _PHOTOGRAPHER)
_MASKS = ((158, 193, 214), (232, 232, 226), (70, 82, 96), (196, 160, 176))


@cache
def sample_set() -> LabelledSet:
    """Return the scenes. They are always the same, and need no network connection."""
    return LabelledSet(tuple(_labelled(number) for number in range(COUNT)), CLASSES)


def _labelled(number: int) -> LabelledPicture:
    pixels, objects = _scene(number)
    height, width = pixels.shape[:2]
    boxes = np.array([box for _, box in objects], np.float64).reshape(-1, 4)
    labels = np.array([CLASSES.index(name) for name, _ in objects], np.int64)
    shares = boxes / (width, height, width, height)
    return LabelledPicture(f"scene {number + 1}", partial(_pixels, number), shares, labels)


def _pixels(number: int) -> Picture:
    return _scene(number)[0].copy()


@cache
def _scene(number: int) -> tuple[Picture, Objects]:
    """Make one scene: its pixels and what is on them."""
    rng = random.Random(f"scene {number}")
    if number < 12:
        image, objects = _portrait(rng, number)
    elif number < 18:
        image, objects = _call(rng)
    elif number < 21:
        image, objects = _wall(rng)
    else:
        source = (_CAT, _CUP, _ROCKET)[number - 21]
        image, objects = _view(rng, source, _SIZE, 0.0, "")
    return np.asarray(image, np.uint8), objects


def _portrait(rng: random.Random, number: int) -> tuple[Image.Image, Objects]:
    """One person in front of a camera, every third time with a mask."""
    source = _PHOTOGRAPHER if number % 4 == 3 else _ASTRONAUT
    worn = ("", "masked face", "", "", "mask worn incorrectly", "masked face")[number % 6]
    return _view(rng, source, _SIZE, rng.uniform(0.12, 0.42), worn)


def _call(rng: random.Random) -> tuple[Image.Image, Objects]:
    """Several people beside each other on a screen, as in a video call."""
    columns, rows = rng.choice(((2, 2), (3, 2), (3, 3)))
    gap, width, height = 6, 480 // columns, 360 // rows
    canvas = Image.new("RGB", _SIZE, (32, 35, 40))
    objects: Objects = []
    for place in range(columns * rows):
        source = rng.choice((*_PEOPLE, *_PEOPLE, _ASTRONAUT, _CAT, _CUP))
        worn = rng.choice(("", "", "masked face", "mask worn incorrectly"))
        size = (width - gap, height - gap)
        tile, there = _view(rng, source, size, rng.uniform(0.22, 0.4), worn)
        left, top = place % columns * width + gap // 2, place // columns * height + gap // 2
        canvas.paste(tile, (left, top))
        objects += [(name, (a + left, b + top, c + left, d + top)) for name, (a, b, c, d) in there]
    return canvas, objects


def _wall(rng: random.Random) -> tuple[Image.Image, Objects]:
    """Framed photographs on a wall of bricks: small faces."""
    bricks = sample("brick").load().convert("RGB").resize(_SIZE)
    canvas = Image.blend(bricks, Image.new("RGB", _SIZE, (196, 178, 160)), 0.35)
    objects: Objects = []
    for place in range(6):
        if rng.random() < 0.2:
            continue
        side = rng.randrange(84, 132)
        worn = rng.choice(("", "", "masked face"))
        picture, there = _view(rng, rng.choice((*_PEOPLE, _CAT)), (side, side), rng.uniform(0.2, 0.3), worn)
        left = place % 3 * 160 + rng.randrange(6, 150 - side)
        top = place // 3 * 180 + rng.randrange(10, 170 - side)
        frame = 4
        ImageDraw.Draw(canvas).rectangle(
            (left - frame, top - frame, left + side + frame - 1, top + side + frame - 1), (46, 40, 36)
        )
        canvas.paste(picture, (left, top))
        objects += [(name, (a + left, b + top, c + left, d + top)) for name, (a, b, c, d) in there]
    return canvas, objects


def _view(
    rng: random.Random, source: _Source, size: tuple[int, int], share: float, worn: str
) -> tuple[Image.Image, Objects]:
    """Cut out a part of a photograph and change its light.

    Args:
        rng: where what is random comes from.
        source: the photograph.
        size: width and height of the view.
        share: width of the face as a share of the view's; of a photograph without faces all is shown.
        worn: name of the face's class if a mask is to be drawn over it; empty for none.
    """
    image, objects = _photograph(source), list(source.objects)
    if worn and source.mask:
        image = _masked(source, rng.choice(_MASKS), slipped=worn == "mask worn incorrectly")
        objects[0] = (worn, objects[0][1])
    crop = _crop(rng, source, image.size, size[0] / size[1], share)
    view = image.resize(size, Image.Resampling.BICUBIC, crop)
    scale = size[0] / (crop[2] - crop[0])
    placed = []
    for name, box in objects:
        whole = [(value - crop[place % 2]) * scale for place, value in enumerate(box)]
        cut = [min(max(value, 0.0), size[place % 2]) for place, value in enumerate(whole)]
        if _area(cut) >= _LEAST * _area(whole) or name in ("person", "cat"):
            placed.append((name, cut))
    if rng.random() < 0.5:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        placed = [
            (name, [size[0] - right, top, size[0] - left, bottom])
            for name, (left, top, right, bottom) in placed
        ]
    return _relit(rng, view), [(name, (a, b, c, d)) for name, (a, b, c, d) in placed]


def _crop(
    rng: random.Random, source: _Source, full: tuple[int, int], ratio: float, share: float
) -> tuple[float, float, float, float]:
    """Return a part of the photograph of the wanted proportions in which the face has the wanted size."""
    face = source.objects[0][1] if source.mask else None
    width = (face[2] - face[0]) / share if face else full[0]
    width = min(width, full[0], full[1] * ratio)
    height = width / ratio
    if face:
        x = (face[0] + face[2]) / 2 + rng.uniform(-0.18, 0.18) * width
        y = (face[1] + face[3]) / 2 + rng.uniform(-0.05, 0.15) * height
    else:
        x, y = full[0] / 2, full[1] / 2
    left = min(max(x - width / 2, 0.0), full[0] - width)
    top = min(max(y - height / 2, 0.0), full[1] - height)
    return left, top, left + width, top + height


@cache
def _photograph(source: _Source) -> Image.Image:
    return sample(source.key).load().convert("RGB")


@cache
def _masked(source: _Source, colour: tuple[int, int, int], *, slipped: bool) -> Image.Image:
    """Draw a mask with its folds over the face."""
    drop, middle = (source.under if slipped else 0.0), len(source.mask) // 2
    # Slipped, its upper edge lies below the nose; the chin stays where it is.
    outline = [(x, y + drop * abs(1 - place / middle)) for place, (x, y) in enumerate(source.mask)]
    image = _photograph(source).convert("RGBA")
    x0, y0 = (int(min(axis)) - 4 for axis in zip(*outline, strict=True))
    x1, y1 = (int(max(axis)) + 4 for axis in zip(*outline, strict=True))
    points = [((x - x0) * _OVER, (y - y0) * _OVER) for x, y in outline]
    large = Image.new("RGBA", ((x1 - x0) * _OVER, (y1 - y0) * _OVER))
    draw = ImageDraw.Draw(large)
    dark = (*(part * 4 // 5 for part in colour), 255)
    draw.polygon(points, (*colour, 255))
    for fold in (0.4, 0.58, 0.76):
        y, inset = fold * large.height, (8 + 14 * fold) * _OVER
        draw.line([(inset, y), (large.width - inset, y)], dark, _OVER)
    draw.line([*points, points[0]], dark, _OVER)
    small = large.resize((x1 - x0, y1 - y0), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.6))
    image.alpha_composite(small, (x0, y0))
    return image.convert("RGB")


def _relit(rng: random.Random, image: Image.Image) -> Image.Image:
    """Make a view darker or lighter, now and then blurred, with a little grain."""
    if rng.random() < 0.2:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.6)))
    light, warmth = rng.uniform(0.55, 1.2), rng.uniform(-0.06, 0.06)
    grain = np.random.default_rng(rng.randrange(2**32)).normal(
        0, rng.uniform(0, 5), (image.height, image.width, 1)
    )
    pixels = np.asarray(image, np.float64) * light * (1 + warmth, 1, 1 - warmth) + grain
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
