"""A reader's own images as a data set: a folder or a zip with a folder for each class, or photos by class."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from explainer.archives import LARGEST_ARCHIVE, Collection, Picture, read_folder, read_zip
from explainer.errors import ReaderError
from explainer.images import to_rgb
from explainer.progress import Progress
from explainer.training.data import Dataset, Split, held_out
from explainer.training.room import MOST, bytes_of

MOST_IMAGES = 100_000
MOST_CLASSES = 1_000
USUAL_SIDE = 64
"""Pixels; images that are larger become so large where no other side is asked for."""
TEST_SHARE = 0.2
"""Of each class, where no test images are given."""

_TRAIN = {"train", "training"}
_TEST = ("test", "testing")
_VALIDATION = ("val", "valid", "validation")
_SAMPLE = 25
_DEEPEST = 8
"""Folders within folders that are told apart."""

_ABSENT = "There is no folder or zip {name}."
_HEAVY = "The zip {name} is larger than {limit} MB. Unpack it and give the folder."
_UNREADABLE = "The file {name} cannot be read."
_MANY = "{name} holds more than {limit} images. Choose fewer."
_CLASSES = "{name} has {count} classes, more than {limit}. Choose fewer."
_LARGE = (
    "{count} images of {side} × {side} pixels take {size} MB of memory, more than {limit} MB. "
    "Choose a smaller size, or fewer images."
)
_LOOSE = "{name} was left out: it lies in no folder of a class."
_BESIDE = "{name} was left out: it lies beside the folders of training and test images."
_SMALL = "The class {name} was left out: it has fewer than two training images that can be read."
_FEW = (
    "{name} does not hold two classes with at least two images each. Put the images of each class into a "
    "folder of their own, named after the class: cat/1.jpg, dog/1.jpg."
)
_FEW_PHOTOS = "Take at least two photos of each of at least two classes."


@dataclass(frozen=True)
class Imported:
    """A data set made of a reader's images."""

    dataset: Dataset
    """Its images are uint8 [N, 3, side, side]."""
    skipped: tuple[ReaderError, ...]
    """Why each of the others was left out."""


@dataclass(frozen=True)
class _Item:
    """An image that is not read yet, and where it belongs."""

    picture: Picture
    name: str
    """Of its class."""
    test: bool


def read_images(
    source: bytes | str | Path,
    side: int = 0,
    *,
    name: str = "",
    seed: int = 0,
    progress: Progress | None = None,
) -> Imported:
    """Read a folder or a zip of images, ``<class>/<image>`` or ``train/<class>/<image>`` with ``test/...``.

    A folder around it all is looked through. Where there are ``val`` images but no ``test`` images, those are
    the test images; where there are both, the former are trained on, too, since a recipe holds out its own.
    Where there is neither, a fifth of each class is set aside. Images are turned as their EXIF orientation
    says; the square in their middle is resized. Nothing is unpacked to disk.

    Args:
        source: a folder, a zip, or the bytes of a zip.
        side: height and width in pixels; 0 for what most images have, ``USUAL_SIDE`` at most.
        name: what it is called in messages.
        seed: decides which images are set aside.
        progress: told how many images are read, and of how many.

    Raises:
        ReaderError: it cannot be read, or holds no two classes with two images each.
    """
    if isinstance(source, bytes):
        name = name or "(no name)"
        found = read_zip(source, name, MOST_IMAGES + 1)
    else:
        path = Path(source).expanduser()
        name = name or path.name or str(path)
        found = _opened(path, name)
    if len(found.pictures) > MOST_IMAGES:
        raise ReaderError(_MANY, name=name, limit=MOST_IMAGES)
    items, skipped = _placed(found)
    names = {item.name for item in items}
    if len(names) < 2:
        raise ReaderError(_FEW, name=name)
    if len(names) > MOST_CLASSES:
        raise ReaderError(_CLASSES, name=name, count=len(names), limit=MOST_CLASSES)
    side = side or _usual_side([item.picture for item in items])
    check_room(len(items), side)

    images = torch.empty(len(items), 3, side, side, dtype=torch.uint8)
    read: list[_Item] = []
    for place, item in enumerate(items):
        try:
            images[len(read)] = squared(item.picture.load(), side)
            read.append(item)
        except ReaderError as error:
            skipped.append(error)
        if progress:
            progress(place + 1, len(items))
    return _assembled(images[: len(read)], read, skipped, name, seed)


def from_pictures(pictures: Mapping[str, Sequence[Image.Image]], side: int = 0, *, seed: int = 0) -> Dataset:
    """Make a data set of photos that were taken class by class; a fifth of each class is set aside as test.

    Args:
        pictures: the photos of each class, of any mode and size; the square in their middle is resized.
        side: height and width in pixels; 0 for ``USUAL_SIDE``.
        seed: decides which are set aside.

    Raises:
        ReaderError: there are no two classes, or one of them has a single photo.
    """
    taken = {title: photos for title, photos in pictures.items() if photos}
    if len(taken) < 2 or any(len(photos) < 2 for photos in taken.values()):
        raise ReaderError(_FEW_PHOTOS)
    side = side or USUAL_SIDE
    check_room(sum(map(len, taken.values())), side)
    classes = sorted(taken, key=natural)
    images = torch.stack([squared(photo, side) for title in classes for photo in taken[title]])
    labels = torch.tensor([label for label, title in enumerate(classes) for _ in taken[title]])
    train, test = held_out(Split(images, labels), TEST_SHARE, seed)
    return Dataset(train, test, tuple(classes), f"photos by class, {_counted(train, test)}")


def squared(image: Image.Image, side: int) -> Tensor:
    """Return the square in the middle of a picture at a size, averaged where it shrinks: uint8 [3, S, S]."""
    image = to_rgb(image)
    if image.size != (side, side):
        # Cut first: a strip of one by a million pixels, enlarged first, would fill the memory.
        short = min(image.size)
        left, top = (image.width - short) / 2, (image.height - short) / 2
        box = (left, top, left + short, top + short)
        image = image.resize((side, side), Image.Resampling.BILINEAR, box)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def natural(text: str) -> list[tuple[str, int, str]]:
    """Return what to sort by so that ``"no 2"`` stands before ``"no 10"``, and ``"b"`` after ``"A"``."""
    parts = re.split("([0-9]+)", text)
    # Numbers by their length, then their digits: a name of thousands of digits is no number for Python.
    numbers = [part.lstrip("0") for part in parts[1::2]] + [""]
    words = [part.casefold() for part in parts[::2]]
    return [
        *((word, len(number), number) for word, number in zip(words, numbers, strict=True)),
        (text, 0, ""),
    ]


def check_room(count: int, side: int) -> None:
    """Raise ``ReaderError`` if images, RGB, would take more memory than is allowed."""
    size = bytes_of(count, 3, side)
    if size > MOST:
        raise ReaderError(_LARGE, count=count, side=side, size=size // 1_000_000, limit=MOST // 1_000_000)


def _opened(path: Path, name: str) -> Collection:
    try:
        if path.is_dir():
            return read_folder(path, MOST_IMAGES + 1)
        if not path.is_file():
            raise ReaderError(_ABSENT, name=name)
        if path.stat().st_size > LARGEST_ARCHIVE:
            raise ReaderError(_HEAVY, name=name, limit=LARGEST_ARCHIVE // 1_000_000)
        return read_zip(path.read_bytes(), name, MOST_IMAGES + 1)
    except (OSError, ValueError) as error:
        raise ReaderError(_UNREADABLE, name=name) from error


def _placed(found: Collection) -> tuple[list[_Item], list[ReaderError]]:
    """Tell from the folders what each picture is an example of, and what it is for."""
    skipped = list(found.skipped)
    named = [(_parts(picture.name), picture) for picture in found.pictures]
    paths = [
        (parts[:-1][:_DEEPEST], picture)
        for parts, picture in named
        if not any(part.startswith(".") for part in parts)  # what systems and notebooks put there
    ]
    while _wrapped([path for path, _ in paths]):
        paths = [(path[1:], picture) for path, picture in paths]
    tops = {path[0].lower() for path, _ in paths if path}
    divided = _is_divided([path for path, _ in paths])
    testing = _TEST if tops & set(_TEST) else _VALIDATION
    items: list[_Item] = []
    for path, picture in paths:
        if not divided:
            if path:
                items.append(_Item(picture, path[0], test=False))
            else:
                skipped.append(ReaderError(_LOOSE, name=picture.name))
        elif not path or path[0].lower() not in {*_TRAIN, *_TEST, *_VALIDATION}:
            skipped.append(ReaderError(_BESIDE, name=picture.name))
        elif len(path) < 2:
            skipped.append(ReaderError(_LOOSE, name=picture.name))
        else:
            items.append(_Item(picture, path[1], test=path[0].lower() in testing))
    return items, skipped


def _parts(name: str) -> tuple[str, ...]:
    """Return the folders that a file lies in and its own name; nothing in them leads anywhere else."""
    parts = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")
    return tuple(part for part in parts if part not in {"", ".", ".."})


def _wrapped(paths: list[tuple[str, ...]]) -> bool:
    """Whether all that lies in a folder lies in the same one, with the folders of the classes in it."""
    return len({path[0] for path in paths if path}) == 1 and any(len(path) > 1 for path in paths)


def _is_divided(paths: list[tuple[str, ...]]) -> bool:
    """Whether there are folders of training and of test images, rather than classes of these names."""
    tops = {path[0].lower() for path in paths if path}
    held = tops & {*_TEST, *_VALIDATION}
    deep = [len(path) > 1 for path in paths if path and path[0].lower() in _TRAIN]
    return bool(held) and sum(deep) > len(deep) / 2


def _usual_side(pictures: Sequence[Picture]) -> int:
    sides = []
    for place in np.linspace(0, len(pictures) - 1, min(len(pictures), _SAMPLE)).astype(int):
        try:
            sides.append(min(pictures[place].load().size))
        except ReaderError:  # it is met again, and said, when all are read
            continue
    return min(USUAL_SIDE, int(median(sides))) if sides else USUAL_SIDE


def _assembled(
    images: Tensor, items: list[_Item], skipped: list[ReaderError], name: str, seed: int
) -> Imported:
    """Sort images by class and use, and leave out classes that nothing can be learned of."""
    counts = Counter(item.name for item in items if not item.test)
    present = {item.name for item in items}
    classes = sorted((one for one in present if counts[one] >= 2), key=natural)
    skipped += [ReaderError(_SMALL, name=one) for one in sorted(present - set(classes), key=natural)]
    if len(classes) < 2:
        raise ReaderError(_FEW, name=name)
    label_of = {one: label for label, one in enumerate(classes)}

    def split(wanted: Callable[[_Item], bool]) -> Split:
        chosen = [place for place, item in enumerate(items) if item.name in label_of and wanted(item)]
        labels = torch.tensor([label_of[items[place].name] for place in chosen], dtype=torch.int64)
        return Split(images[chosen], labels)

    train, test = split(lambda item: not item.test), split(lambda item: item.test)
    origin = ""
    if not len(test):
        train, test = held_out(train, TEST_SHARE, seed)
        origin = f", {TEST_SHARE:.0%} of each class set aside (seed {seed})"
    described = f"{name}, {_counted(train, test)}{origin}"
    return Imported(Dataset(train, test, tuple(classes), described), tuple(skipped))


def _counted(train: Split, test: Split) -> str:
    return f"{len(train):,} training and {len(test):,} test images"
