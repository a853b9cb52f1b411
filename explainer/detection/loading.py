"""Open a detector: its network, its weights, the names of what it finds."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from explainer.detection.catalog import DetectorEntry, find_detector
from explainer.detection.coco import COCO
from explainer.detection.detections import Detector
from explainer.detection.published import Graph, is_onnx
from explainer.errors import ReaderError
from explainer.models.building import blank, seeded
from explainer.models.checkpoints import fit, read_metadata, read_state_dict, unwrapped
from explainer.models.entries import WEIGHTS
from explainer.models.weights import Progress, fetch

_HEADS = {
    "yolox": ("head.cls_preds.0.weight", 1, 0),
    "faster_rcnn": ("roi_heads.box_predictor.cls_score.weight", 1, 1),
    "ssdlite": ("head.classification_head.module_list.0.1.weight", 6, 1),
}
"""Which tensor of the weights tells the number of classes: its rows are (classes + background) · boxes."""

_LARGEST = 1280
"""Largest side that a card may ask for."""
_PRIOR = 0.01
"""Probability that an untrained cell gives to objectness and to every class."""


def load_detector(
    key: str | DetectorEntry,
    weights: str | os.PathLike[str] = "default",
    progress: Progress | None = None,
    *,
    classes: Sequence[str] | None = None,
    name: str | None = None,
    side: int = 0,
    folder: Path = WEIGHTS,
) -> Detector:
    """Open a detector of the catalogue.

    Args:
        key: as in ``detectors()``: ``"faces_yolox_nano"``, ``"yolox_tiny"``, ``"fasterrcnn_resnet50_fpn"``;
            or an entry, for weights that are published elsewhere.
        weights: ``"default"`` for the published ones (bundled, or downloaded once), ``"none"`` for random
            ones (always the same), or the path of a state dict, a safetensors file or, for YOLOX, an ONNX
            export. Weights for another number of classes give a detector with that number;
            ``<name>.json`` beside the file may name them (``{"classes": [...]}``).
        progress: told the bytes downloaded and the bytes in all.
        classes: names of what a file's detector finds, in place of those that its card gives.
        name: what to call the file in messages; its own name without.
        side: of the input, in pixels, in place of what a file's card gives; a multiple of 32.
        folder: where the bundled weights are.

    Raises:
        ReaderError: no such detector, weights that cannot be had or do not fit, with what to do about it.
    """
    entry = find_detector(key) if isinstance(key, str) else key
    choice = os.fspath(weights)
    if choice == "none":
        with seeded():
            model = _as_before_training(build(entry, len(entry.classes)))
        return _detector(entry, model, entry.classes, trained=False)
    own = choice != "default"
    path = Path(choice) if own else _published(entry, folder, progress)
    card = read_metadata(path) if own or entry.bundled else {}
    if own and entry.kind == "yolox" and is_onnx(path):
        model = _from_onnx(entry, path, name or path.name)
    else:
        model = _filled(entry, read_state_dict(path, name), name or path.name)
    names = _names(entry, class_count(entry, model.state_dict()), classes or card.get("classes"))
    return _detector(entry, model, names, trained=True, side=allowed_side(entry, side or card.get("side")))


def _published(entry: DetectorEntry, folder: Path, progress: Progress | None) -> Path:
    if not entry.bundled:
        return fetch(entry.url, sha256=entry.sha256, progress=progress)
    path = folder / f"{entry.key}.safetensors"
    if not path.is_file():
        raise ReaderError(
            "The weights of the bundled detector {key} are missing: there is no file {path}. "
            "They come with the project; the recipe of the same name trains them anew.",
            key=entry.key,
            path=path,
        )
    return path


def build(entry: DetectorEntry, classes: int) -> nn.Module:
    """Build a detector's network as it builds itself; ``classes`` without the background."""
    if entry.kind == "yolox":
        from explainer.detection.yolox import build_yolox

        return build_yolox(entry.network, classes)
    if entry.network == "small_faster_rcnn":
        from explainer.detection.small_faster_rcnn import build_small_faster_rcnn

        return build_small_faster_rcnn(classes)
    import torchvision

    return torchvision.models.get_model(
        entry.network, weights=None, weights_backbone=None, num_classes=classes + 1
    )


def _as_before_training(model: nn.Module) -> nn.Module:
    """Let a YOLOX with random weights begin as its authors let it: hardly a cell holds anything.

    Without (Lin et al., 2017, "Focal loss", section 3.3) each of thousands of cells reports a box.
    """
    from explainer.detection.yolox import YOLOX

    if isinstance(model, YOLOX):
        for prediction in (*model.head.cls_preds, *model.head.obj_preds):
            nn.init.constant_(cast(nn.Conv2d, prediction).bias, -math.log((1 - _PRIOR) / _PRIOR))  # type: ignore[arg-type]
    return model


def _filled(entry: DetectorEntry, tensors: Mapping[str, Tensor], label: str) -> nn.Module:
    with blank():
        model = build(entry, len(entry.classes))
    tensors = unwrapped(tensors, model.state_dict())
    count = class_count(entry, tensors)
    if count and count != class_count(entry, model.state_dict()):
        with blank():
            model = build(entry, count)
    fit(model, tensors, label)
    if entry.network.startswith("fasterrcnn_"):
        _freeze(model, 0.0 if entry.network == "fasterrcnn_resnet50_fpn" else None)
    return model


def _freeze(model: nn.Module, eps: float | None) -> None:
    """Put in the batch normalisation that torchvision uses under its published weights.

    The same numbers in another order of adding up; ResNet-50's were trained without the small number under
    the root.
    """
    from torchvision.ops import FrozenBatchNorm2d

    for parent in list(model.modules()):
        for name, part in list(parent.named_children()):
            if isinstance(part, nn.BatchNorm2d):
                frozen = FrozenBatchNorm2d(part.num_features, part.eps if eps is None else eps)
                frozen.load_state_dict(part.state_dict(), strict=False)
                setattr(parent, name, frozen)


def _from_onnx(entry: DetectorEntry, path: Path, label: str) -> nn.Module:
    from explainer.detection.published import fill, read_onnx
    from explainer.detection.yolox import build_yolox

    graph = read_onnx(path, label)
    with blank():
        model = build_yolox(entry.network, onnx_class_count(entry, graph) or len(entry.classes))
    return fill(model, graph, label)


def onnx_class_count(entry: DetectorEntry, graph: Graph) -> int:
    """Return how many classes an ONNX export of a YOLOX is for; 0 if it is of another network."""
    from explainer.detection import published
    from explainer.detection.yolox import build_yolox

    with blank():
        return published.class_count(build_yolox(entry.network, len(entry.classes)), graph)


def class_count(entry: DetectorEntry, tensors: Mapping[str, Tensor]) -> int:
    """Return the number of classes that weights are for, without the background; 0 if they do not tell."""
    name, boxes, background = _HEADS[entry.kind]
    if name not in tensors or tensors[name].ndim == 0:
        return 0
    outputs = tensors[name].shape[0] // boxes
    return max(outputs - background, 1)


def _names(entry: DetectorEntry, count: int, given: Any) -> tuple[str, ...]:
    if isinstance(given, list | tuple) and len(given) == count:
        return tuple(map(str, given))
    if count == len(entry.classes):
        return entry.classes
    if entry.kind == "yolox" and count == len(COCO):
        return COCO
    return tuple(f"class {index}" for index in range(count))


def allowed_side(entry: DetectorEntry, given: Any) -> int:
    """Return the side of the input that a card asks for where it can be had, else the usual one; pixels."""
    fits = isinstance(given, int) and 32 <= given <= _LARGEST and given % 32 == 0
    return given if fits else entry.side


def _detector(
    entry: DetectorEntry,
    model: nn.Module,
    classes: tuple[str, ...],
    *,
    trained: bool,
    side: int = 0,
) -> Detector:
    model.eval().requires_grad_(False)
    if entry.kind == "yolox":
        from explainer.detection.yolox import YOLOX
        from explainer.detection.yolox_detector import YoloxDetector

        return YoloxDetector(entry.key, cast(YOLOX, model), classes, side=side or entry.side, trained=trained)
    from explainer.detection import two_stage

    kind = two_stage.TwoStageDetector if entry.kind == "faster_rcnn" else two_stage.SsdDetector
    return kind(key=entry.key, classes=classes, model=model, trained=trained, side=side or entry.side)
