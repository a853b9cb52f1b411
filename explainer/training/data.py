"""Image data sets held whole in memory as uint8 tensors, read from the archives they are published in."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.training.chance import generator_for


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


def load_dataset(name: str, folder: Path | None = None, side: int = 0) -> Dataset:
    """Load ``cifar10``, ``tiny_imagenet_10`` or ``mnist_10k`` from ``folder`` (``CONVSCOPE_DATA``).

    With ``side`` its images are resized to so many pixels both ways.
    """
    loaders = {"cifar10": _cifar10, "tiny_imagenet_10": _tiny_imagenet_10, "mnist_10k": _mnist_10k}
    if name not in loaders:
        raise ReaderError(
            "There is no data set {name}; there are: {names}.", name=name, names=", ".join(loaders)
        )
    data = loaders[name](folder or data_folder())
    return replace(data, train=resized(data.train, side), test=resized(data.test, side))


def _read_folders(archive: zipfile.ZipFile, prefix: str, folders: list[str]) -> Split:
    """Read ``prefix/<folder>/*`` as RGB, labelled by the folder's place in the list."""
    label_of = {folder: index for index, folder in enumerate(folders)}
    images, labels = [], []
    for member in sorted(archive.namelist()):
        parts = member.split("/")
        if parts[0] == prefix and parts[1] in label_of and parts[-1]:
            images.append(np.asarray(Image.open(io.BytesIO(archive.read(member))).convert("RGB")))
            labels.append(label_of[parts[1]])
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return Split(pixels, torch.tensor(labels))


def _cifar10(folder: Path) -> Dataset:
    classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    with zipfile.ZipFile(folder / "cifar10.zip") as archive:
        train, test = (_read_folders(archive, split, classes) for split in ("train", "test"))
    return Dataset(
        train, test, tuple(classes), "CIFAR-10 (Krizhevsky, 2009), 50,000 training and 10,000 test images"
    )


TINY_IMAGENET_ORDER = (
    "lifeboat", "ladybug", "pizza", "bell pepper", "school bus", "koala", "espresso", "red panda", "orange",
    "sport car",
)  # fmt: skip


def _tiny_imagenet_10(folder: Path) -> Dataset:
    with zipfile.ZipFile(folder / "tiny_imagenet_10.zip") as archive:
        rows = csv.DictReader(io.StringIO(archive.read("classes.csv").decode()))
        folder_of = {_plain(row["name"]): row["wnid"] for row in rows}
        wnids = [folder_of[_plain(name)] for name in TINY_IMAGENET_ORDER]
        train, test = (_read_folders(archive, split, wnids) for split in ("train", "val"))
    return Dataset(
        train,
        test,
        TINY_IMAGENET_ORDER,
        "ten classes of Tiny ImageNet, 5,000 training and 500 validation images",
    )


def _plain(name: str) -> str:
    return name.lower().replace("_", " ").replace("sports car", "sport car")


def _mnist_10k(folder: Path, train_count: int = 9000) -> Dataset:
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
