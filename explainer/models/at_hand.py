"""Published weights that are on this machine already, so that a network opens without the internet."""

from __future__ import annotations

import os
from pathlib import Path

from explainer.models.entries import CatalogEntry, catalog
from explainer.models.published import torchvision_weights
from explainer.models.weights import checkpoint_folder

BESIDE_DATA = {"squeezenet1_1": "weights/squeezenet1_1_fp16.pth"}
"""Weights in the folder of data sets (``CONVSCOPE_DATA``), by network."""


def weights_at_hand(entry: CatalogEntry) -> str | None:
    """Return what to give ``load_model`` as weights so that nothing is downloaded, or ``None``.

    Of timm's networks nothing is known here.
    """
    if entry.bundled:
        return "default"
    if entry.source != "torchvision" or not entry.weights:
        return None
    file = torchvision_weights(entry.key).url.rsplit("/", 1)[-1]
    if (checkpoint_folder() / file).is_file():
        return "default"
    data = os.environ.get("CONVSCOPE_DATA", "")
    beside = Path(data) / BESIDE_DATA.get(entry.key, "")
    return str(beside) if data and beside.is_file() else None


def knows_imagenet() -> CatalogEntry | None:
    """Return the smallest network at hand that tells ImageNet's thousand classes apart."""
    found = [entry for entry in catalog() if entry.source == "torchvision" and weights_at_hand(entry)]
    return min(found, key=lambda entry: entry.parameters, default=None)
