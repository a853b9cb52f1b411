"""torchvision's own data sets: known by name, found where they were downloaded, or downloaded on request.

``python -m explainer.training.published MNIST`` downloads one.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.progress import Progress
from explainer.training.data import Dataset, Split, held_out, resized
from explainer.training.folders import TEST_SHARE, USUAL_SIDE, check_room, squared

_BROKEN = (
    RuntimeError,
    OSError,
    ValueError,
    TypeError,
    AssertionError,
    LookupError,
    EOFError,
    AttributeError,
    pickle.UnpicklingError,
)
"""What torchvision raises on files that are absent, incomplete or of another kind."""

_UNKNOWN = "There is no data set {name} in torchvision; there are: {names}."
_ABSENT = (
    "{title} is not in {folder}, or not whole. Download it (about {size} MB): "
    "python -m explainer.training.published {name}"
)
_OFFLINE = (
    "{title} could not be downloaded to {folder}: {problem}. Try again with a connection to the internet, or "
    "put the files there as torchvision does."
)
_PARTIAL = "{title} in {folder} has {count} images instead of {whole}. Delete it there and download it again."


@dataclass(frozen=True)
class Published:
    """What is known of a data set before it is here."""

    name: str
    """Its class in ``torchvision.datasets``: ``"CIFAR10"``."""
    title: str
    side: int
    """Height and width in pixels; 0 where they differ from image to image."""
    train: int
    """Images to train on; the validation images of a set that has some are among them."""
    test: int
    """0 where the set is not divided: a fifth of each class is set aside then."""
    classes: int
    megabytes: int
    """To download, about."""
    source: str
    """Who made it; its terms are not stated here, ask its publisher."""
    path: str
    """Where torchvision puts it in its folder."""
    parts: tuple[dict[str, Any], ...] = ({"train": True}, {"train": False})
    """Arguments of torchvision for the training images, and last for the test images."""


_SPLITS = ({"split": "train"}, {"split": "test"})

PUBLISHED_SETS: dict[str, Published] = {
    one.name: one
    for one in (
        Published(
            "CIFAR10",
            "CIFAR-10",
            32,
            50_000,
            10_000,
            10,
            170,
            "Krizhevsky (2009)",
            "cifar-10-batches-py",
        ),
        Published(
            "CIFAR100",
            "CIFAR-100",
            32,
            50_000,
            10_000,
            100,
            169,
            "Krizhevsky (2009)",
            "cifar-100-python",
        ),
        Published("MNIST", "MNIST", 28, 60_000, 10_000, 10, 12, "LeCun et al. (1998)", "MNIST/raw"),
        Published(
            "FashionMNIST",
            "Fashion-MNIST",
            28,
            60_000,
            10_000,
            10,
            31,
            "Xiao et al. (2017)",
            "FashionMNIST/raw",
        ),
        Published(
            "KMNIST",
            "Kuzushiji-MNIST",
            28,
            60_000,
            10_000,
            10,
            21,
            "Clanuwat et al. (2018)",
            "KMNIST/raw",
        ),
        Published(
            "SVHN",
            "Street View House Numbers",
            32,
            73_257,
            26_032,
            10,
            246,
            "Netzer et al. (2011)",
            "train_32x32.mat",
            _SPLITS,
        ),
        Published(
            "STL10",
            "STL-10",
            96,
            5_000,
            8_000,
            10,
            2_640,
            "Coates et al. (2011)",
            "stl10_binary",
            _SPLITS,
        ),
        Published(
            "Flowers102",
            "Oxford 102 Flowers",
            0,
            2_040,
            6_149,
            102,
            345,
            "Nilsback and Zisserman (2008)",
            "flowers-102",
            ({"split": "train"}, {"split": "val"}, {"split": "test"}),
        ),
        Published(
            "OxfordIIITPet",
            "Oxford-IIIT Pets",
            0,
            3_680,
            3_669,
            37,
            811,
            "Parkhi et al. (2012)",
            "oxford-iiit-pet",
            ({"split": "trainval"}, {"split": "test"}),
        ),
        Published(
            "Food101",
            "Food-101",
            0,
            75_750,
            25_250,
            101,
            4_996,
            "Bossard et al. (2014)",
            "food-101",
            _SPLITS,
        ),
        Published("EuroSAT", "EuroSAT", 64, 27_000, 0, 10, 94, "Helber et al. (2019)", "eurosat/2750", ({},)),
    )
}
"""By name."""


def load_published(
    name: str,
    side: int = 0,
    *,
    folder: Path | None = None,
    download: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Load one of torchvision's data sets.

    Args:
        name: as in ``PUBLISHED_SETS``.
        side: pixels both ways that images are resized to; 0 for their own size, ``USUAL_SIDE`` where they
            have several. The small grey ones get a black rim to 32 x 32, which LeNet-5 reads.
        folder: of data sets, looked through before the usual places: its ``torchvision``, that of
            ``CONVSCOPE_DATA``, and ``datasets`` in ``TORCH_HOME``.
        download: fetch it if it is not there.
        progress: told how many images are read, and of how many, where they are read one by one.

    Raises:
        ReaderError: there is no such data set, it is not here, or it cannot be downloaded.
    """
    if name not in PUBLISHED_SETS:
        raise ReaderError(_UNKNOWN, name=name, names=", ".join(PUBLISHED_SETS))
    known = PUBLISHED_SETS[name]
    places = _places(folder)
    check_room(known.train + known.test, side or known.side or USUAL_SIDE)
    parts = next((parts for place in places if (parts := _parts(known, place)) is not None), None)
    if parts is None:
        if not download:
            raise ReaderError(
                _ABSENT, title=known.title, folder=places[0], size=known.megabytes, name=known.name
            )
        parts = _downloaded(known, download_place(folder))
    try:
        splits = [_read(part, side or known.side or USUAL_SIDE, progress) for part in parts]
        classes = _classes(parts[0], known)
    except _BROKEN as error:
        raise ReaderError(
            _ABSENT, title=known.title, folder=places[0], size=known.megabytes, name=known.name
        ) from error
    if known.test:
        train, test = _joined(splits[:-1]), splits[-1]
        origin = ""
    else:
        train, test = held_out(splits[0], TEST_SHARE, seed=0)
        origin = f", {TEST_SHARE:.0%} of each class set aside (seed 0)"
    described = (
        f"{known.title}, {known.source}; {len(train):,} training and {len(test):,} test images{origin}"
    )
    return Dataset(resized(train, side), resized(test, side), classes, described)


def at_hand(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the data sets that lie in one of the places; whether they are whole is not read."""
    places = _places(folder)
    return tuple(
        name
        for name, known in PUBLISHED_SETS.items()
        if any((place / known.path).exists() for place in places)
    )


def download_place(folder: Path | None = None) -> Path:
    """Return the folder that ``load_published`` downloads to."""
    return _writable(_places(folder))


def _places(folder: Path | None) -> list[Path]:
    """Return where to look, in this order."""
    roots = [folder] if folder else []
    if named := os.environ.get("CONVSCOPE_DATA", ""):
        roots.append(Path(named))
    home = os.environ.get("TORCH_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
    return [*(root / "torchvision" for root in roots), Path(home).expanduser() / "datasets"]


def _writable(places: list[Path]) -> Path:
    for place in places:
        above = next(one for one in (place, *place.parents) if one.exists())
        if os.access(above, os.W_OK):
            return place
    return places[0]


def _parts(known: Published, place: Path, *, download: bool = False) -> list[Any] | None:
    """Return torchvision's objects for the parts of a data set; ``None`` if they are not in a folder."""
    from torchvision import datasets

    if not download and not (place / known.path).exists():
        return None
    try:
        kind = getattr(datasets, known.name)
        return [kind(place, **part, download=download) for part in known.parts]
    except _BROKEN:
        if download:
            raise
        return None


def _downloaded(known: Published, place: Path) -> list[Any]:
    try:
        place.mkdir(parents=True, exist_ok=True)
        parts = _parts(known, place, download=True) or []
    except _BROKEN as error:
        raise ReaderError(_OFFLINE, title=known.title, folder=place, problem=error) from error
    count = sum(map(len, parts))
    if count != known.train + known.test:  # unpacking was interrupted once
        raise ReaderError(
            _PARTIAL, title=known.title, folder=place, count=count, whole=known.train + known.test
        )
    return parts


def _read(part: Any, side: int, progress: Progress | None) -> Split:
    """Return all images of one of torchvision's objects: uint8 [N, C, H, W]."""
    labels = getattr(part, "targets", getattr(part, "labels", None))
    if hasattr(part, "data"):
        return Split(_laid_out(torch.as_tensor(part.data)), torch.as_tensor(np.asarray(labels)).long())
    images = torch.empty(len(part), 3, side, side, dtype=torch.uint8)
    found = torch.empty(len(part), dtype=torch.int64)
    for place, (picture, label) in enumerate(_each(part)):
        images[place], found[place] = squared(picture, side), label
        if progress:
            progress(place + 1, len(part))
    return Split(images, found)


def _each(part: Any) -> Iterator[tuple[Any, int]]:
    for place in range(len(part)):
        yield part[place]


def _laid_out(pixels: Tensor) -> Tensor:
    """Bring pixels to [N, C, H, W]: torchvision holds them with channels last, first, or without."""
    if pixels.ndim == 3:
        rim = max(0, (32 - pixels.shape[-1]) // 2)
        return F.pad(pixels[:, None], (rim,) * 4)
    return (pixels.permute(0, 3, 1, 2) if pixels.shape[-1] == 3 else pixels).contiguous()


def _joined(splits: list[Split]) -> Split:
    if len(splits) == 1:
        return splits[0]
    return Split(torch.cat([one.images for one in splits]), torch.cat([one.labels for one in splits]))


def _classes(part: Any, known: Published) -> tuple[str, ...]:
    """Return the names of the classes; digits where there are none."""
    names = getattr(part, "classes", [str(value) for value in range(known.classes)])
    if known.name == "MNIST":
        names = [name[0] for name in names]  # "0 - zero"
    return tuple(str(name).replace("_", " ") for name in names)


def main() -> None:
    """Download one of the data sets."""
    parser = argparse.ArgumentParser(prog="python -m explainer.training.published", description=__doc__)
    parser.add_argument("name", choices=PUBLISHED_SETS)
    parser.add_argument("--folder", type=Path, help="of data sets; CONVSCOPE_DATA where it is not said")
    options = parser.parse_args()
    try:
        print(load_published(options.name, folder=options.folder, download=True).description)
    except ReaderError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
