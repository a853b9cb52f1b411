"""Batches ready for a network, from bytes in memory, against decoding JPEGs one by one (CPU, one thread)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.measure import Result, cpu_rounds, milliseconds, ratio
from explainer.samples import sample
from explainer.training.augment import augment
from explainer.training.measuring import normalise
from explainer.training.recipe import Augmentation, load_recipe

IMAGES = 256
FILE = 256
"""Height and width of the JPEGs in pixels."""
ROUNDS = 7
CASES = ((64, 64), (224, 32))
"""Side in pixels, and images of a batch."""
PHOTOS = ("chelsea", "coffee", "astronaut", "rocket")
AUGMENTATIONS = {
    "flip + shift": Augmentation(flip=0.5, shift=0.125),
    "flip + crop": Augmentation(flip=0.5, crop=0.08),
}
BARS = {
    ("flip + shift", 64): 0.10,
    ("flip + crop", 64): 0.10,
    ("flip + shift", 224): 0.32,
    ("flip + crop", 224): 0.32,
}


def pictures() -> list[Image.Image]:
    """Cut parts of photographs, all different, to the size of a data set's files."""
    random = np.random.default_rng(0)
    photos = [sample(key).load() for key in PHOTOS]
    found = []
    for place in range(IMAGES):
        photo = photos[place % len(photos)]
        part = int(random.integers(200, min(photo.size)))
        left, top = (int(random.integers(0, extent - part + 1)) for extent in photo.size)
        found.append(photo.crop((left, top, left + part, top + part)).resize((FILE, FILE)))
    return found


def run() -> Iterator[Result]:
    """Measure an epoch of batches; yields one result after the other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for case in CASES:
            yield from _loading(*case)
    finally:
        torch.set_num_threads(threads)


def _loading(side: int, batch: int) -> Iterator[Result]:
    from torchvision import transforms

    recipe = load_recipe("resnet20")
    found = pictures()
    files = [_jpeg(picture) for picture in found]
    small = [torch.from_numpy(np.array(picture.resize((side, side)))).permute(2, 0, 1) for picture in found]
    cache = torch.stack(small)
    references = transforms.Compose(
        [
            transforms.RandomResizedCrop(side),
            transforms.RandomHorizontalFlip(),
            transforms.PILToTensor(),
            transforms.ConvertImageDtype(torch.float),
            transforms.Normalize(recipe.mean, recipe.std),
        ]
    )
    generator = torch.Generator().manual_seed(0)

    def ours(settings: Augmentation) -> None:
        for chosen in torch.randperm(IMAGES, generator=generator).split(batch):
            normalise(augment(cache.index_select(0, chosen), settings, generator), recipe)

    def theirs() -> None:
        for chosen in torch.randperm(IMAGES, generator=generator).split(batch):
            torch.stack([_decoded(files[place], references) for place in chosen.tolist()])

    seconds = cpu_rounds(
        {name: lambda settings=settings: ours(settings) for name, settings in AUGMENTATIONS.items()}
        | {"references": theirs},
        ROUNDS,
    )
    for name in AUGMENTATIONS:
        detail = f"{milliseconds(seconds[name])} against {milliseconds(seconds['references'])} CPU"
        yield Result(
            f"{IMAGES} images, {side} px, {name} / references",
            ratio(seconds, name, "references"),
            BARS[name, side],
            detail,
        )


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def _decoded(file: bytes, change: Callable[[Image.Image], Tensor]) -> Tensor:
    return change(Image.open(io.BytesIO(file)).convert("RGB"))
