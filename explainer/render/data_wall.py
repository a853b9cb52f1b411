"""Frames of a data set: a page of its pictures, the counts of its classes, pictures that are twins."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from explainer.training.chance import generator_for
from explainer.training.checks import Duplicates, Twins
from explainer.training.data import Dataset, Split, learned_from, resized
from explainer.training.recipe import Recipe

LARGEST_SIDE = 96
"""Pixels that a picture of the wall has at most."""
PER_PAGE = 120
"""Pictures of a page that shows one class."""
ROWS = 12
"""Classes of a page that shows several."""
PER_ROW = 16
ACROSS = 16
"""Pictures in a row of the sheet that is sent."""
TWINS_PER_PAGE = 12
TWINS_SHOWN = 4
"""Of a group of twins."""
KINDS = ("leaks", "conflicts", "repeats")
"""Of twins, the worst first; each names a property of ``Duplicates``."""


@dataclass(frozen=True)
class Portion:
    """Some images of a split."""

    split: Split
    places: Tensor
    """Which: int64 [N]."""

    @property
    def labels(self) -> Tensor:
        """Their classes."""
        return self.split.labels[self.places]


def portions(data: Dataset, recipe: Recipe) -> dict[str, Portion]:
    """Divide a data set as a run would: what it learns from, what it chooses the best epoch by, the test.

    Only places are chosen: no image is copied. ``learned_from`` says what of the recipe matters.
    """
    numbered = Split(torch.arange(len(data.train))[:, None], data.train.labels)
    kept, held = learned_from(numbered, recipe)
    return {
        "train": Portion(data.train, kept.images[:, 0]),
        "validation": Portion(data.train, held.images[:, 0]),
        "test": Portion(data.test, torch.arange(len(data.test))),
    }


def wall_frame(
    parts: Mapping[str, Portion],
    classes: Sequence[str],
    *,
    shown: str,
    label: int | None,
    page: int,
    draw: int,
) -> dict[str, Any]:
    """Return the pictures that are on the screen, and how many there are of each class.

    Args:
        parts: what ``portions`` returns.
        classes: names.
        shown: which of the parts.
        label: the class, all of whose images are paged through; ``None`` for examples of every class.
        page: from 0; the last one where there are fewer.
        draw: which examples are drawn by lot.
    """
    part = parts[shown]
    labels = part.labels
    if label is None:
        pages = -(-len(classes) // ROWS)
        page = min(page, pages - 1)
        rows = {one: _drawn(part, one, draw) for one in range(len(classes))[page * ROWS : (page + 1) * ROWS]}
    else:
        own = part.places[labels == label]
        pages = max(1, -(-len(own) // PER_PAGE))
        page = min(page, pages - 1)
        rows = {label: own[page * PER_PAGE : (page + 1) * PER_PAGE]}
    images = part.split.images[torch.cat(list(rows.values()))]
    counts = {name: one.labels.bincount(minlength=len(classes)) for name, one in parts.items()}
    return {
        "shown": shown,
        "label": -1 if label is None else label,
        "page": page,
        "pages": pages,
        "draw": draw,
        "classes": list(classes),
        "counts": {name: one.int() for name, one in counts.items()},
        "rows": [{"label": one, "places": places.int()} for one, places in rows.items()],
        "size": list(part.split.images.shape[1:]),
        **_sheet(images),
    }


def twins_of(found: Duplicates, kind: str) -> tuple[Twins, ...]:
    """Return the groups of a kind; one may be of several."""
    groups: tuple[Twins, ...] = getattr(found, kind)
    return groups


def twins_frame(data: Dataset, found: Duplicates, *, kind: str, page: int) -> dict[str, Any]:
    """Return a page of pictures that are there more than once, side by side."""
    groups = twins_of(found, kind)
    pages = max(1, -(-len(groups) // TWINS_PER_PAGE))
    page = min(page, pages - 1)
    pictures, listed = [], []
    for group in groups[page * TWINS_PER_PAGE : (page + 1) * TWINS_PER_PAGE]:
        # One of the test at least: that is what makes it a leak.
        train = group.train[: TWINS_SHOWN - bool(group.test)]
        test = group.test[: TWINS_SHOWN - len(train)]
        members = [("train", data.train, one) for one in train] + [("test", data.test, one) for one in test]
        pictures += [split.images[place] for _, split, place in members]
        listed.append(
            {
                "exact": group.exact,
                "more": len(group.train) + len(group.test) - len(members),
                "members": [
                    {"part": name, "place": place, "label": data.classes[int(split.labels[place])]}
                    for name, split, place in members
                ],
            }
        )
    return {
        "kind": kind,
        "kinds": list(KINDS),
        "totals": {one: len(twins_of(found, one)) for one in KINDS},
        "page": page,
        "pages": pages,
        "groups": listed,
        **_sheet(torch.stack(pictures) if pictures else data.train.images[:0]),
    }


def _drawn(part: Portion, label: int, draw: int) -> Tensor:
    own = part.places[part.labels == label]
    order = torch.randperm(len(own), generator=generator_for(draw, "wall", label))
    return own[order[:PER_ROW]]


def _sheet(images: Tensor) -> dict[str, Any]:
    """Return images uint8 [N, C, H, W] as one JPEG, row by row, and the side of each."""
    side = min(LARGEST_SIDE, max(images.shape[-2:]))
    if not len(images):
        return {"sheet": np.empty(0, np.uint8), "side": side, "across": ACROSS}
    small = resized(Split(images, torch.zeros(len(images))), side).images.expand(-1, 3, -1, -1)
    rows = -(-len(small) // ACROSS)
    cells = torch.zeros(rows * ACROSS, 3, side, side, dtype=torch.uint8)
    cells[: len(small)] = small
    sheet = cells.reshape(rows, ACROSS, 3, side, side).permute(0, 3, 1, 4, 2)
    file = io.BytesIO()
    picture = Image.fromarray(sheet.reshape(rows * side, ACROSS * side, 3).numpy())
    picture.save(file, "JPEG", quality=92, subsampling=0)
    return {"sheet": np.frombuffer(file.getvalue(), np.uint8), "side": side, "across": ACROSS}
