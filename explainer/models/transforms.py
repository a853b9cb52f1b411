"""Read a preprocessing from what people have: a model card, timm's settings, torchvision's transforms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from explainer.errors import ReaderError
from explainer.models.preprocessing import FILTERS, Preprocessing

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

LARGEST_SIDE = 4096
"""Of the input, in pixels, that a file may ask for."""
_SILENT = frozenset(
    {"ToTensor", "PILToTensor", "ToImage", "ToDtype", "ConvertImageDtype", "Identity", "ToPILImage"}
)
"""Transforms that only change how the pixels are held; numbers from 0 to 1 come out in the end."""


def imagenet(size: tuple[int, int], channels: int = 3) -> Preprocessing:
    """Return ImageNet's mean and deviation at a size; for one channel of grey, neither."""
    if channels == 1:
        return Preprocessing(size, (0.0,), (1.0,), mode="L", resize=_shorter(size))
    return Preprocessing(size, IMAGENET_MEAN, IMAGENET_STD, resize=_shorter(size))


def as_preprocessing(given: Any) -> Preprocessing:
    """Return the preprocessing that ``given`` describes.

    Args:
        given: a ``Preprocessing``; a dict with ``size``, ``mean``, ``std`` as in a model card; timm's
            ``resolve_model_data_config(model)``; torchvision's ``weights.transforms()``; or a ``Compose`` of
            ``Resize``, ``CenterCrop``, ``ToTensor``, ``Normalize``, ``Grayscale``.

    Raises:
        ReaderError: it is something else, or does something else to a picture.
    """
    if isinstance(given, Preprocessing):
        return given
    try:
        if isinstance(given, Mapping):
            return _from_timm(given) if "input_size" in given else Preprocessing.from_card(given)
        if hasattr(given, "crop_size") and hasattr(given, "resize_size"):
            from explainer.models.published import torchvision_preprocessing

            return torchvision_preprocessing(SimpleNamespace(transforms=lambda: given))
        steps = getattr(given, "transforms", None)
        if isinstance(steps, Sequence) or (steps is not None and hasattr(steps, "__iter__")):
            return _from_steps(list(steps))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ReaderError(
            "The preprocessing cannot be read: {problem}. Give size, mean and std.", problem=repr(error)
        ) from error
    raise ReaderError(
        "The preprocessing is to be a dict with size, mean and std, or torchvision transforms, not {kind}.",
        kind=type(given).__name__,
    )


def preprocessing_of_file(card: Mapping[str, Any]) -> Preprocessing | None:
    """Return what a file's own card says its network is fed; ``None`` where it says nothing that makes sense.

    The file may come from anyone: sides that would fill the memory, a deviation of zero and the like count as
    nothing.
    """
    given = card.get("preprocessing")
    if not isinstance(given, Mapping):
        return None
    try:
        fed = Preprocessing.from_card(given)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        return None
    sides = (*fed.size, *(fed.resize if isinstance(fed.resize, tuple) else (fed.resize,)))
    channels = {"RGB": 3, "L": 1}.get(fed.mode)
    sound = (
        all(side is not None and 0 < side <= LARGEST_SIDE for side in sides)
        and len(fed.mean) == len(fed.std) == channels
        and all(math.isfinite(value) for value in (*fed.mean, *fed.std))
        and all(value > 0 for value in fed.std)
        and fed.interpolation in FILTERS
    )
    return fed if sound else None


def _from_timm(config: Mapping[str, Any]) -> Preprocessing:
    from explainer.models.published import timm_preprocessing

    given = {"crop_pct": 0.875, "crop_mode": "center", "interpolation": "bicubic", **config}
    given.setdefault("mean", IMAGENET_MEAN)
    given.setdefault("std", IMAGENET_STD)
    return timm_preprocessing(SimpleNamespace(**given))


def _from_steps(steps: list[Any]) -> Preprocessing:
    resize: Any = None
    size: Any = None
    interpolation, mode = "bilinear", "RGB"
    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None
    for step in steps:
        kind = type(step).__name__
        if kind == "Resize":
            resize = step.size
            interpolation = getattr(step.interpolation, "value", "bilinear")
        elif kind == "CenterCrop":
            size = step.size
        elif kind == "Grayscale":
            mode = "L"
        elif kind == "Normalize":
            mean, std = step.mean, step.std
        elif kind not in _SILENT:
            raise ReaderError(
                "The transform {kind} does not do the same to every picture, or is not one that can be "
                "followed. Give size, mean and std.",
                kind=kind,
            )
    if isinstance(resize, Sequence):
        resize = resize[0] if len(resize) == 1 else (int(resize[0]), int(resize[1]))
    wanted = size if size is not None else resize
    if wanted is None:
        raise ReaderError("The transforms leave pictures at their own size. Add a Resize or a CenterCrop.")
    height, width = (wanted, wanted) if isinstance(wanted, int) else (wanted[0], wanted[-1])
    channels = 1 if mode == "L" else 3
    return Preprocessing(
        size=(int(height), int(width)),
        mean=tuple(float(value) for value in (mean if mean is not None else [0.0] * channels)),
        std=tuple(float(value) for value in (std if std is not None else [1.0] * channels)),
        mode="L" if mean is not None and len(mean) == 1 else mode,
        resize=resize,
        interpolation=interpolation,
    )


def _shorter(size: tuple[int, int]) -> int | tuple[int, int]:
    return size[0] if size[0] == size[1] else size
