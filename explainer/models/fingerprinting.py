"""Write ``fingerprints.npz``: by what tensors each architecture of the catalogue is recognised.

Run ``python -m explainer.models.fingerprinting`` after updating torchvision or timm (some minutes; every
architecture is built once). A test fails while the file is stale.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np
import timm
import torchvision

from explainer.models.building import skeleton
from explainer.models.entries import bundled
from explainer.models.nearest import FINGERPRINTS, SKETCH, marks
from explainer.models.published import construct


def shapes_of(key: str) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every tensor that a network keeps."""
    model = skeleton(lambda: construct(key))
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def row(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, np.ndarray]:
    """Return how many tensors there are, and the smallest marks of them, filled up with zeros."""
    found = marks(shapes)
    sketch = np.zeros(SKETCH, np.uint32)
    sketch[: min(SKETCH, len(found))] = found[:SKETCH]
    return len(found), sketch


def main() -> None:
    """Rewrite the file."""
    keys = [entry.key for entry in bundled()]
    keys += torchvision.models.list_models(module=torchvision.models)
    keys += [f"timm:{name}" for name in timm.list_models()]
    rows = [row(shapes_of(key)) for key in keys]
    np.savez_compressed(
        FINGERPRINTS,
        keys=np.array(keys),
        counts=np.array([count for count, _ in rows], np.uint32),
        sketches=np.stack([sketch for _, sketch in rows]),
    )


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
