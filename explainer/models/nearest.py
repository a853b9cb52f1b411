"""Recognise a network by its tensors: find the architectures whose tensors have the same names and shapes.

Each architecture is kept as a sketch: of the hashes of its (name, shape) pairs the ``SKETCH`` smallest, which
are a random sample of them (a bottom-k sketch: E. Cohen and H. Kaplan, "Summarizing data using bottom-k
sketches", PODC 2007). The share of the sample that a file has estimates the share of the whole; the best few
are then built without memory and compared tensor by tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explainer.models.entries import catalog

if TYPE_CHECKING:
    from torch import Tensor

FINGERPRINTS = Path(__file__).with_name("fingerprints.npz")
SKETCH = 48
"""Hashes kept of each architecture."""
LIKE = 0.3
"""From this share on it is worth saying what weights are like."""
_COMPARED = 6
"""How many architectures are compared tensor by tensor."""
_ENOUGH = 0.02
"""Below this share two networks have nothing in common."""

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Likeness:
    """How much of a file of weights belongs to one architecture."""

    key: str
    """Of the catalogue."""
    share: float
    """Tensors with the same name and shape, of all that either has: 1 where every one fits."""
    outputs: int | None
    """Number of classes of the file where that is not the architecture's own; the head counts as fitting."""


def nearest_architectures(tensors: Mapping[str, Tensor], most: int = 3) -> list[Likeness]:
    """Return the architectures of the catalogue that these weights are most like, best first.

    The first in the catalogue that fits wholly is the only answer; several of timm may be built alike. Empty
    where nothing is alike. Costs a hash per tensor, and building the best few on PyTorch's meta device.

    Args:
        tensors: a state dict; only names and shapes are looked at.
        most: how many to return.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    found = []
    for key in _candidates(shapes):
        likeness = compare(key, tensors)
        if likeness.share == 1:
            return [likeness]
        if likeness.share > _ENOUGH:
            found.append(likeness)
    found.sort(key=lambda one: -one.share)  # stable: the catalogue's order among equals
    return found[:most]


def compare(key: str, tensors: Mapping[str, Tensor]) -> Likeness:
    """Return how much of these weights belongs to the architecture ``key``, tensor by tensor."""
    from explainer.models.building import skeleton
    from explainer.models.checkpoints import output_count, unwrapped
    from explainer.models.published import construct, modern

    model = skeleton(lambda: construct(key))
    own = model.state_dict()
    tensors = unwrapped(modern(key, tensors), own)
    outputs = output_count(model, tensors)
    mine = {name for name in own if not _is_counter(name)}
    theirs = {name for name in tensors if not _is_counter(name)}
    same = sum(
        own[name].shape == tensors[name].shape
        or (outputs is not None and own[name].shape[1:] == tensors[name].shape[1:])
        for name in mine & theirs
    )
    return Likeness(key, same / max(1, len(mine | theirs)), outputs)


def marks(shapes: Shapes) -> np.ndarray:
    """Return the hashes of all (name, shape) pairs in rising order: uint32, without doubles or zero."""
    texts = (f"{name} {'x'.join(map(str, shape))}" for name, shape in shapes.items() if not _is_counter(name))
    hashes = {int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "little") for text in texts}
    return np.array(sorted(hashes - {0}), np.uint32)


def estimates(shapes: Shapes) -> dict[str, float]:
    """Return the estimated likeness (as ``Likeness.share``, heads apart) of every architecture."""
    table = _table()
    own = marks(shapes)
    sampled = (table.sketches > 0).sum(1)
    hits = np.isin(table.sketches, own).sum(1)
    common = np.minimum(hits / np.maximum(sampled, 1) * table.counts, len(own))
    either = table.counts + len(own) - common
    return dict(zip(table.keys, (common / np.maximum(either, 1)).tolist(), strict=True))


def _candidates(shapes: Shapes) -> list[str]:
    """Return the keys to look at closely, in the catalogue's order."""
    from explainer.models.checkpoints import bare_names

    found = estimates(shapes)
    if (bare := bare_names(shapes)) is not None:
        for key, share in estimates({bare[name]: shape for name, shape in shapes.items()}).items():
            found[key] = max(found[key], share)
    first = {entry.key: place for place, entry in enumerate(catalog())}

    def place(key: str) -> int:
        return first.get(key, len(first))

    best = sorted(
        (key for key, share in found.items() if share > 0), key=lambda key: (-found[key], place(key))
    )
    return sorted(best[:_COMPARED], key=place)


def _is_counter(name: str) -> bool:
    """Whether this only counts batches: old files lack it."""
    return name.endswith("num_batches_tracked")


@dataclass(frozen=True, eq=False)
class _Table:
    keys: list[str]
    counts: np.ndarray
    sketches: np.ndarray


@cache
def _table() -> _Table:
    with np.load(FINGERPRINTS, allow_pickle=False) as file:
        return _Table(file["keys"].tolist(), file["counts"].astype(np.float64), file["sketches"])
