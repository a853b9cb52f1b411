"""Image data sets held whole in memory as uint8 tensors: found by their names, or read from files."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.progress import Progress
from explainer.training.chance import generator_for
from explainer.training.checkpoint import written
from explainer.training.recipe import Recipe

SUFFIX = ".safetensors"
"""Of the files that ``save_dataset`` writes."""
PUBLISHED = "torchvision:"
"""Before the name of one of torchvision's data sets."""


@dataclass(frozen=True)
class Split:
    """Images uint8 [N, C, H, W] and their class indices int64 [N]."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    def part(self, chosen: Tensor) -> Split:
        """Return some of the images, by their indices."""
        return Split(self.images[chosen], self.labels[chosen])


@dataclass(frozen=True)
class Dataset:
    """A training split, a split that is only ever reported on, and the class names."""

    train: Split
    test: Split
    classes: tuple[str, ...]
    description: str


def held_out(split: Split, share: float, seed: int) -> tuple[Split, Split]:
    """Return a split without a share of each class, and what was taken out of it.

    Every class keeps at least one image; of a class with two or more, at least one is held out.
    """
    if not share:
        return split, split.part(torch.arange(0))
    kept, held = [], []
    for label in split.labels.unique():
        own = (split.labels == label).nonzero()[:, 0]
        own = own[torch.randperm(len(own), generator=generator_for(seed, "held out", int(label)))]
        count = min(len(own) - 1, max(1, round(share * len(own))))
        held.append(own[:count])
        kept.append(own[count:])
    return split.part(torch.cat(kept).sort().values), split.part(torch.cat(held).sort().values)


def drawn(split: Split, count: int, seed: int) -> Split:
    """Return ``count`` images of each class, in their order; all of a class that has fewer, or if it is 0.

    What is drawn for a smaller count is among what the same seed draws for a larger one.
    """
    if not count:
        return split
    chosen = []
    for label in split.labels.unique():
        own = (split.labels == label).nonzero()[:, 0]
        order = torch.randperm(len(own), generator=generator_for(seed, "drawn", int(label)))
        chosen.append(own[order[:count]])
    return split.part(torch.cat(chosen).sort().values)


def learned_from(split: Split, recipe: Recipe) -> tuple[Split, Split]:
    """Return the images that a recipe learns from, and those that it holds out for validation.

    Args:
        split: the training images of its data set.
        recipe: its ``images_per_class``, ``validation`` and ``seed``.
    """
    used = drawn(split, recipe.images_per_class, recipe.seed)
    return held_out(used, recipe.validation, recipe.seed)


def resized(split: Split, side: int) -> Split:
    """Return the images at another size, uint8 [N, C, side, side]; averaged where they become smaller."""
    if not side or split.images.shape[-2:] == (side, side):
        return split
    parts = [
        F.interpolate(batch.float(), (side, side), mode="bilinear", antialias=True).round().byte()
        for batch in split.images.split(256)
    ]
    return Split(torch.cat(parts), split.labels)


def data_folder() -> Path:
    """Return the folder named by ``CONVSCOPE_DATA``; say what to do when there is none."""
    folder = os.environ.get("CONVSCOPE_DATA", "")
    if not folder or not Path(folder).is_dir():
        raise ReaderError(
            "Set the environment variable CONVSCOPE_DATA to the folder that holds the data sets."
        )
    return Path(folder)


def load_dataset(
    name: str, folder: Path | None = None, side: int = 0, progress: Progress | None = None
) -> Dataset:
    """Load a data set by its name or path.

    Args:
        name: ``"starter"``, which is drawn at once; ``"cifar10"``, ``"tiny_imagenet_10"`` or
            ``"mnist_10k"`` from ``folder``; one of torchvision's that has been downloaded,
            ``"torchvision:CIFAR10"``; or the path of a file of ``save_dataset``, or of a folder or zip that
            has a folder of images for each class.
        folder: where the data sets are; ``CONVSCOPE_DATA`` where it is not said.
        side: pixels both ways that images are resized to; 0 leaves them as they are.
        progress: told how many images are read, and of how many, where they are read one by one.

    Raises:
        ReaderError: there is no such data set, or it cannot be read.
    """
    # Each of these modules makes data sets, so each imports this one.
    if name == "starter":
        from explainer.training.starter import starter

        data = starter()
    elif name in _ARCHIVES:
        data = _ARCHIVES[name](folder or data_folder(), progress)
    elif name.startswith(PUBLISHED):
        from explainer.training.published import load_published

        return load_published(name.removeprefix(PUBLISHED), side, folder=folder, progress=progress)
    elif name.endswith(SUFFIX) and Path(name).expanduser().is_file():
        data = _stored(Path(name).expanduser())
    elif name and Path(name).expanduser().exists():
        from explainer.training.folders import read_images

        return read_images(name, side, progress=progress).dataset
    else:
        from explainer.training.published import PUBLISHED_SETS

        known = ("starter", *_ARCHIVES, *(PUBLISHED + one for one in PUBLISHED_SETS))
        raise ReaderError(
            "There is no data set {name}; there are: {names}.", name=name, names=", ".join(known)
        )
    return replace(data, train=resized(data.train, side), test=resized(data.test, side))


def save_dataset(data: Dataset, path: Path) -> None:
    """Write a data set as one file of safetensors, whole or not at all; ``load_dataset`` reads it.

    Nothing in such a file is ever run, whoever wrote it.
    """
    tensors = {
        f"{name}.{kind}": value.contiguous()
        for name, split in (("train", data.train), ("test", data.test))
        for kind, value in (("images", split.images), ("labels", split.labels))
    }
    metadata = {"classes": json.dumps(data.classes), "description": data.description}
    written(path, lambda part: save_file(tensors, part, metadata))


def _stored(path: Path) -> Dataset:
    """Read what ``save_dataset`` wrote; a file is a data set only if all of it fits together."""
    try:
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
            splits = {
                name: Split(*(file.get_tensor(f"{name}.{kind}") for kind in ("images", "labels")))
                for name in ("train", "test")
            }
        classes = json.loads(about["classes"])
        description = about["description"]
    except (SafetensorError, OSError, KeyError, ValueError, RecursionError) as error:
        raise ReaderError(_NO_DATASET, name=path.name) from error
    train = splits["train"]
    sound = isinstance(classes, list) and classes and all(isinstance(one, str) for one in classes)
    if not sound or not len(train) or not all(_fits(one, train, len(classes)) for one in splits.values()):
        raise ReaderError(_NO_DATASET, name=path.name)
    return Dataset(train, splits["test"], tuple(classes), description)


def _fits(split: Split, train: Split, classes: int) -> bool:
    images, labels = split.images, split.labels
    return (
        images.dtype == torch.uint8
        and labels.dtype == torch.int64
        and images.ndim == 4
        and labels.shape == images.shape[:1]
        and images.shape[1:] == train.images.shape[1:]
        and images.shape[1] in {1, 3}
        and min(images.shape[2:]) > 0
        and bool(((labels >= 0) & (labels < classes)).all())
    )


def _read_folders(
    archive: zipfile.ZipFile, prefix: str, folders: list[str], progress: Progress | None
) -> Split:
    """Read ``prefix/<folder>/*`` as RGB, labelled by the folder's place in the list."""
    label_of = {folder: index for index, folder in enumerate(folders)}
    images, labels = [], []
    members = sorted(archive.namelist())
    for place, member in enumerate(members):
        if progress and place % 100 == 0:
            progress(place, len(members))
        parts = member.split("/")
        if parts[0] == prefix and parts[1] in label_of and parts[-1]:
            images.append(np.asarray(Image.open(io.BytesIO(archive.read(member))).convert("RGB")))
            labels.append(label_of[parts[1]])
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return Split(pixels, torch.tensor(labels))


def _cifar10(folder: Path, progress: Progress | None) -> Dataset:
    classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    with zipfile.ZipFile(folder / "cifar10.zip") as archive:
        train, test = (_read_folders(archive, split, classes, progress) for split in ("train", "test"))
    return Dataset(
        train, test, tuple(classes), "CIFAR-10 (Krizhevsky, 2009), 50,000 training and 10,000 test images"
    )


TINY_IMAGENET_ORDER = (
    "lifeboat", "ladybug", "pizza", "bell pepper", "school bus", "koala", "espresso", "red panda", "orange",
    "sport car",
)  # fmt: skip


def _tiny_imagenet_10(folder: Path, progress: Progress | None) -> Dataset:
    with zipfile.ZipFile(folder / "tiny_imagenet_10.zip") as archive:
        rows = csv.DictReader(io.StringIO(archive.read("classes.csv").decode()))
        folder_of = {_plain(row["name"]): row["wnid"] for row in rows}
        wnids = [folder_of[_plain(name)] for name in TINY_IMAGENET_ORDER]
        train, test = (_read_folders(archive, split, wnids, progress) for split in ("train", "val"))
    return Dataset(
        train,
        test,
        TINY_IMAGENET_ORDER,
        "ten classes of Tiny ImageNet, 5,000 training and 500 validation images",
    )


def _plain(name: str) -> str:
    return name.lower().replace("_", " ").replace("sports car", "sport car")


def _mnist_10k(folder: Path, progress: Progress | None = None, train_count: int = 9000) -> Dataset:
    with np.load(folder / "mnist_10k.npz") as arrays:
        images = torch.from_numpy(arrays["images"])[:, None]  # [10000, 1, 28, 28]
        labels = torch.from_numpy(arrays["labels"]).long()
    images = torch.nn.functional.pad(images, (2, 2, 2, 2))  # LeNet-5 reads 32 x 32
    return Dataset(
        Split(images[:train_count], labels[:train_count]),
        Split(images[train_count:], labels[train_count:]),
        tuple("0123456789"),
        "MNIST (LeCun et al., 1998), the 10,000 images of the test file: the first 9,000 for training, "
        "the last 1,000 for the report",
    )


_ARCHIVES: dict[str, Callable[[Path, Progress | None], Dataset]] = {
    "cifar10": _cifar10,
    "tiny_imagenet_10": _tiny_imagenet_10,
    "mnist_10k": _mnist_10k,
}
_NO_DATASET = "The file {name} does not hold a data set. Make it anew from the images."
