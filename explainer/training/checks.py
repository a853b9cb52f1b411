"""What to know of a data set before it is learned: how even, how clean, and how bright it is."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.tracing.arithmetic.text import Phrase
from explainer.training.chance import generator_for
from explainer.training.data import Dataset, Split

NEAR = 5
"""Bits of 64 in which the fingerprints of two pictures of the same may differ."""
ALIKE = 0.98
"""Least correlation of their pixels, averaged to ``_DETAIL`` both ways."""
UNEVEN, VERY_UNEVEN = 1.5, 4.0
"""Images of the largest class to those of the smallest."""
_STEP = 1.0
"""Of 255; in a plain background, what is less is noise."""
_DETAIL = 16
_ORDERS = 8
_WINDOW = 32
_MOST_PAIRS = 50_000
"""Candidates that are compared pixel by pixel."""
_NUMBERS = 1 << 22
"""Numbers that are worked on at once."""


@dataclass(frozen=True)
class Balance:
    """Images of each class."""

    train: tuple[int, ...]
    test: tuple[int, ...]

    @property
    def ratio(self) -> float:
        """Training images of the largest class to those of the smallest."""
        return max(self.train) / min(self.train) if min(self.train) else math.inf

    @property
    def majority(self) -> float:
        """Accuracy on the test of the same answer for every image, the most frequent in training."""
        usual = self.train.index(max(self.train))
        return self.test[usual] / sum(self.test) if sum(self.test) else 0.0


@dataclass(frozen=True)
class Twins:
    """Images that show the same."""

    train: tuple[int, ...]
    """Places of those among the training images."""
    test: tuple[int, ...]
    labels: tuple[int, ...]
    """The classes that they are said to be of, each once."""
    exact: bool
    """Whether they have the same pixels; if not, each is nearly the same as the first."""


@dataclass(frozen=True)
class Duplicates:
    """Images that are there more than once."""

    groups: tuple[Twins, ...]
    """Exact ones first. Of those with the same pixels, only the first can be in a group that is not exact."""
    complete: bool
    """Whether all near duplicates that were suspected have been looked at."""

    @property
    def leaks(self) -> tuple[Twins, ...]:
        """Those in the training and in the test: the network has seen the answer."""
        return tuple(one for one in self.groups if one.train and one.test)

    @property
    def conflicts(self) -> tuple[Twins, ...]:
        """Those that are said to be of several classes."""
        return tuple(one for one in self.groups if len(one.labels) > 1)

    @property
    def repeats(self) -> tuple[Twins, ...]:
        """Those that are among the training images more than once."""
        return tuple(one for one in self.groups if len(one.train) > 1)


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of each channel over all pixels, which are 0 to 1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Checks:
    """All of it."""

    balance: Balance
    duplicates: Duplicates
    moments: Moments
    """Of the training images."""
    examples: tuple[tuple[int, ...], ...]
    """Places of some training images of each class, drawn by lot."""


def check(data: Dataset, *, per_class: int = 10, seed: int = 0) -> Checks:
    """Look through a data set.

    Args:
        data: images uint8 [N, C, H, W].
        per_class: examples of each class.
        seed: decides which.
    """
    return Checks(
        balance_of(data),
        duplicates_of(data),
        moments_of(data.train.images),
        examples_of(data.train, len(data.classes), per_class, seed),
    )


def balance_of(data: Dataset) -> Balance:
    """Count the images of each class."""
    train, test = (
        tuple(split.labels.bincount(minlength=len(data.classes)).tolist())
        for split in (data.train, data.test)
    )
    return Balance(train, test)


def moments_of(images: Tensor) -> Moments:
    """Return mean and deviation (that of the population) of uint8 [N, C, H, W], of each channel.

    The sums are whole numbers, so nothing is lost however many images there are.
    """
    channels = images.shape[1]
    total, squares = [0] * channels, [0] * channels
    for batch in images.split(_batch(images)):
        for channel in range(channels):
            counts = np.bincount(batch[:, channel].reshape(-1).numpy(), minlength=256)
            total[channel] += int(counts @ np.arange(256))
            squares[channel] += int(counts @ np.arange(256) ** 2)
    count = images.numel() // channels
    mean = tuple(one / count / 255 for one in total)
    std = tuple(
        math.sqrt(square * count - one * one) / count / 255
        for one, square in zip(total, squares, strict=True)
    )
    return Moments(mean, std)


def examples_of(split: Split, classes: int, per_class: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Draw some images of each class; all of a class that has fewer."""
    found = []
    for label in range(classes):
        own = (split.labels == label).nonzero()[:, 0]
        order = torch.randperm(len(own), generator=generator_for(seed, "examples", label))
        found.append(tuple(own[order[:per_class]].tolist()))
    return tuple(found)


def duplicates_of(data: Dataset) -> Duplicates:
    """Find images that are there more than once, with the same pixels or nearly so.

    Near duplicates (saved again, a little brighter, smaller and enlarged) agree in almost all bits of a
    fingerprint, which says of a coarse picture where it gets brighter to the right (dHash; Krawetz, 2013),
    and their pixels correlate. Fingerprints are not all compared with each other: sorted by their bits in
    several orders, like ones come to stand near each other in one of them (Charikar, 2002), so time grows
    with the number of images and not with its square. Plain pictures can be nearly the same by chance: two
    upright strokes on black, say. So these are to be looked at before anything is left out.
    """
    splits = [one for one in (data.train, data.test) if len(one)]
    images = [one.images for one in splits]
    labels = torch.cat([one.labels for one in splits])
    copies: dict[bytes, list[int]] = {}
    for place, digest in enumerate(_digests(images)):
        copies.setdefault(digest, []).append(place)
    distinct = np.array([places[0] for places in copies.values()])
    pairs, complete = _near_pairs(torch.cat([_coarse(one, (8, 9)) for one in images])[distinct])
    pairs = distinct[pairs]
    pairs = pairs[_correlation(images, pairs) >= ALIKE]

    def twins(members: list[int], exact: bool) -> Twins:
        count = len(data.train)
        inside = tuple(one for one in members if one < count)
        outside = tuple(one - count for one in members if one >= count)
        return Twins(inside, outside, tuple(labels[members].unique().tolist()), exact)

    same = [twins(places, exact=True) for places in copies.values() if len(places) > 1]
    near = [twins(members, exact=False) for members in _around(pairs)]
    return Duplicates((*same, *near), complete)


def cleaned(data: Dataset, found: Duplicates, *, near: bool = False) -> Dataset:
    """Return the data set without training images that are there again.

    What is in the test, too, and what is said to be of several classes, is not trained on at all; of other
    repeats the first stays. The test is left as it is.

    Args:
        data: the data set that was looked through.
        found: in it.
        near: leave out near duplicates, too.
    """
    unwanted: set[int] = set()
    for group in found.groups:
        if group.exact or near:
            unwanted.update(group.train if group.test or len(group.labels) > 1 else group.train[1:])
    kept = torch.ones(len(data.train), dtype=torch.bool)
    kept[sorted(unwanted)] = False
    description = f"{data.description}; {len(unwanted)} repeated training images left out"
    return replace(data, train=data.train.part(kept.nonzero()[:, 0]), description=description)


def findings(checks: Checks, classes: tuple[str, ...]) -> tuple[Phrase, ...]:
    """Say what a reader should do something about, the worst first; nothing if all is well."""
    said: list[Phrase] = []
    balance, found = checks.balance, checks.duplicates
    if found.leaks:
        said.append(
            Phrase(
                "{count} test images are, exactly or nearly, among the training images, too: the accuracy "
                "will look better than it is. Leave them out of the training.",
                count=len({place for one in found.leaks for place in one.test}),
            )
        )
    if found.conflicts:
        said.append(
            Phrase(
                "{count} pictures are there, exactly or nearly, under several classes: nothing can learn "
                "both. Leave them out, or correct their classes.",
                count=len(found.conflicts),
            )
        )
    if found.repeats:
        said.append(
            Phrase(
                "{count} training images repeat others, exactly or nearly: they count twice, and validation "
                "images may be among them.",
                count=len({place for one in found.repeats for place in one.train[1:]}),
            )
        )
    said += _said_of_balance(balance, classes)
    return tuple(said)


def _said_of_balance(balance: Balance, classes: tuple[str, ...]) -> Iterable[Phrase]:
    least, most = (classes[balance.train.index(end(balance.train))] for end in (min, max))
    if balance.ratio >= VERY_UNEVEN:
        yield Phrase(
            "{most} has {ratio:.1f} times as many training images as {least}: the network will rather say "
            "{most}. Add images of {least}, and look at the accuracy of each class.",
            most=most,
            least=least,
            ratio=balance.ratio,
        )
    elif balance.ratio >= UNEVEN:
        yield Phrase(
            "{most} has {ratio:.1f} times as many training images as {least}. Look at the accuracy of each "
            "class, not at that of all images alone.",
            most=most,
            least=least,
            ratio=balance.ratio,
        )
    if balance.majority >= 2 / len(classes):
        yield Phrase(
            "Always saying {most} is right for {share:.0%} of the test images: less than that is nothing "
            "learned.",
            most=most,
            share=balance.majority,
        )


def _batch(images: Tensor) -> int:
    return max(1, _NUMBERS // max(1, images[:1].numel()))


def _digests(images: list[Tensor]) -> Iterable[bytes]:
    """Yield what tells images of other pixels apart."""
    for part in images:
        for image in part.numpy():
            yield hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest()


def _coarse(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Return grey pictures of a few rows and columns, averaged: float [N, rows, columns]."""
    parts = []
    for batch in images.split(_batch(images)):
        grey = batch.float().mean(1, keepdim=True)
        parts.append(F.interpolate(grey, size, mode="bilinear", antialias=True)[:, 0])
    return torch.cat(parts)


def _near_pairs(coarse: Tensor) -> tuple[np.ndarray, bool]:
    """Return pairs of places [P, 2] whose fingerprints are near, and whether these are all that were met."""
    bits = (coarse[:, :, 1:] - coarse[:, :, :-1] > _STEP).flatten(1).numpy()  # [N, 64]
    whole = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
    found = np.empty(0, np.int64)
    for turn in range(_ORDERS):
        order = torch.randperm(64, generator=generator_for(0, "bits", turn)).numpy()
        shuffled = np.packbits(np.ascontiguousarray(bits[:, order]), axis=1).view(">u8")[:, 0]
        places = np.argsort(shuffled, kind="stable")
        met = [found]
        for step in range(1, min(_WINDOW, len(places) - 1) + 1):
            one, other = places[:-step], places[step:]
            near = np.bitwise_count(whole[one] ^ whole[other]) <= NEAR
            low, high = np.minimum(one, other)[near], np.maximum(one, other)[near]
            met.append(low * len(whole) + high)  # a pair as one number
        found = np.unique(np.concatenate(met))
        if len(found) > _MOST_PAIRS:
            break
    pairs = np.stack(np.divmod(found, len(whole)), 1)
    distance = np.bitwise_count(whole[pairs[:, 0]] ^ whole[pairs[:, 1]])
    chosen = np.argsort(distance, kind="stable")[:_MOST_PAIRS]
    return pairs[np.sort(chosen)], len(found) <= _MOST_PAIRS


def _correlation(images: list[Tensor], pairs: np.ndarray) -> np.ndarray:
    """Return how the pixels of each pair of images correlate, all channels together: [P]."""
    parts = [np.empty(0, np.float32)]
    for batch in torch.from_numpy(pairs).split(_batch(images[0])) if len(pairs) else ():
        one, other = (_centred(images, batch[:, side]) for side in (0, 1))
        parts.append((one * other).sum(1).numpy())
    return np.concatenate(parts)


def _centred(images: list[Tensor], places: Tensor) -> Tensor:
    """Return the pixels of images as rows of mean 0 and length 1; zeros for an image of one colour."""
    inside = len(images[0])
    rows = torch.empty(len(places), *images[0].shape[1:], dtype=torch.uint8)
    rows[places < inside] = images[0][places[places < inside]]
    if len(images) > 1:
        rows[places >= inside] = images[1][places[places >= inside] - inside]
    flat = F.interpolate(rows.float(), (_DETAIL, _DETAIL), mode="bilinear", antialias=True).flatten(1)
    return F.normalize(flat - flat.mean(1, keepdim=True), eps=1.0)


def _around(pairs: np.ndarray) -> list[list[int]]:
    """Return groups of places, each with all that are near its first and are in no group yet.

    Not chains of neighbours' neighbours, whose ends would have little in common.
    """
    near: dict[int, list[int]] = {}
    for one, other in pairs.tolist():
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    groups: list[list[int]] = []
    taken: set[int] = set()
    for place in sorted(near):
        if place not in taken:
            members = [place, *sorted(one for one in near[place] if one not in taken)]
            taken.update(members)
            if len(members) > 1:
                groups.append(members)
    return groups
