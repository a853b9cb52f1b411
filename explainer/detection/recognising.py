"""Which detector a reader's file of weights is of; nothing in the file is run."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explainer.detection.catalog import DetectorEntry, detectors
from explainer.detection.loading import allowed_side, build, class_count
from explainer.errors import ReaderError
from explainer.models.checkpoints import MisfitError, fit, read_metadata, read_state_dict, unwrapped

MOST_CLASSES = 2000
"""More than any published set of boxes names; every cell answers for each."""
_ENOUGH = 0.5
"""Share of the tensors from which a file is said to be most like a network."""
_LIKE_ULTRALYTICS = re.compile(r"^(?:model\.)*\d+\.(?:conv|bn|cv\d|m|dfl|anchors)\b")
_OTHER_YOLO = (
    "The file {name} is a YOLO that is built in another way, such as those of Ultralytics (YOLOv5 to "
    "YOLO11). The steps shown here are those of YOLOX (Nano, Tiny, S), Faster R-CNN and SSDLite: weights of "
    "these can be opened, for instance what the YOLOX project's training saves."
)
_NONE_OF_THEM = (
    "The file {name} holds weights, but of no detector that can be opened here. These can: YOLOX (Nano, "
    "Tiny, S) as its project saves it or as an ONNX export, torchvision's Faster R-CNN (MobileNetV3-320, "
    "ResNet-50) and SSDLite-320, and the small Faster R-CNN of this project."
)


@dataclass(frozen=True, eq=False)
class Recognised:
    """What a file of weights seems to be."""

    entry: DetectorEntry
    """The detector of the catalogue that is built alike."""
    outputs: int
    """Number of classes, without the background."""
    classes: tuple[str, ...]
    """Their names where the file gives them or they are the published ones; else empty."""
    side: int
    """Of the input: what the file says, else what is usual; in pixels."""


def recognise(path: Path, name: str) -> Recognised:
    """Find out which detector a file is of.

    Args:
        path: a state dict, alone or in a training checkpoint; safetensors; an ONNX export of YOLOX.
        name: what to call it in messages.

    Raises:
        ReaderError: it cannot be read, or is of no detector of the catalogue; it says which can be opened.
    """
    from explainer.detection.published import is_onnx

    if is_onnx(path):
        return _recognised(*_of_onnx(path, name), {}, name)
    try:
        tensors: Mapping[str, Tensor] = read_state_dict(path, name)
    except ReaderError as error:
        raise (ReaderError(_OTHER_YOLO, name=name) if _pickles_ultralytics(path) else error) from error
    entry, share = _nearest(tensors)
    if share < _ENOUGH:
        foreign = sum(bool(_LIKE_ULTRALYTICS.match(one)) for one in tensors) > len(tensors) / 2
        raise ReaderError(_OTHER_YOLO if foreign else _NONE_OF_THEM, name=name)
    if any(not bool(torch.isfinite(one).all()) for one in tensors.values() if one.is_floating_point()):
        raise ReaderError(
            "The weights {name} hold values that are no numbers (NaN or infinity): the training has "
            "diverged, and what it left finds nothing.",
            name=name,
        )
    tensors = unwrapped(tensors, _shapes(entry))
    found = _recognised(entry, class_count(entry, tensors), read_metadata(path), name)
    _check_fit(found, tensors, name)
    return found


def _recognised(entry: DetectorEntry, outputs: int, card: Mapping[str, Any], name: str) -> Recognised:
    if outputs > MOST_CLASSES:
        raise ReaderError(
            "The weights {name} are for {count} classes; up to {most} can be opened.",
            name=name,
            count=outputs,
            most=MOST_CLASSES,
        )
    named = card.get("classes")
    classes: tuple[str, ...] = ()
    if isinstance(named, Sequence) and not isinstance(named, str) and len(named) == outputs:
        classes = tuple(map(str, named))
    elif outputs == len(entry.classes) and not entry.bundled:
        classes = entry.classes
    return Recognised(entry, outputs, classes, allowed_side(entry, card.get("side")))


def _check_fit(found: Recognised, tensors: Mapping[str, Tensor], name: str) -> None:
    """Refuse weights of a network that only resembles the one recognised."""
    with torch.device("meta"):
        model = build(found.entry, found.outputs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that nothing is copied into a model without memory is meant
            fit(model, tensors, name)
    except MisfitError as error:
        raise ReaderError(
            "The file {name} is most like {network}, but not all of it fits. {problem}",
            name=name,
            network=found.entry.title.split(" · ")[0],
            problem=error,
        ) from error


def _of_onnx(path: Path, name: str) -> tuple[DetectorEntry, int]:
    from explainer.detection.loading import onnx_class_count
    from explainer.detection.published import read_onnx

    graph = read_onnx(path, name)
    for entry in _distinct():
        count = onnx_class_count(entry, graph) if entry.kind == "yolox" else 0
        if count:
            return entry, count
    raise ReaderError(_NONE_OF_THEM, name=name)


def _nearest(tensors: Mapping[str, Tensor]) -> tuple[DetectorEntry, float]:
    """Return the detector that shares most tensors with a file, by name and shape, and their share."""
    shares: list[tuple[float, int, DetectorEntry]] = []
    for place, entry in enumerate(_distinct()):
        own = _shapes(entry)
        given = unwrapped(tensors, own)
        alike = sum(one in given and tuple(given[one].shape) == shape for one, shape in own.items())
        shares.append((alike / len(own), -place, entry))
    share, _, entry = max(shares, key=lambda one: one[:2])
    return entry, share


@lru_cache(maxsize=1)
def _distinct() -> tuple[DetectorEntry, ...]:
    """Return one entry for each network: the published one, whose classes are known, if there is."""
    by_network: dict[str, DetectorEntry] = {}
    for entry in detectors():
        by_network[entry.network] = entry  # bundled ones come first, and give way
    return tuple(by_network.values())


@lru_cache(maxsize=16)
def _shapes(entry: DetectorEntry) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor that weights must have; built without memory for the numbers."""
    with torch.device("meta"):
        state = build(entry, len(entry.classes)).state_dict()
    return {name: tuple(one.shape) for name, one in state.items() if not name.endswith("num_batches_tracked")}


def _pickles_ultralytics(path: Path) -> bool:
    """Tell whether the pickle inside a ``torch.save`` file names classes of Ultralytics' packages."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith("data.pkl"):
                    with archive.open(entry) as file:
                        start = file.read(1 << 20)
                    return b"ultralytics" in start or b"models.yolo" in start
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False
    return False
