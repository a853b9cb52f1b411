"""Networks of torchvision and timm: how they are built, where their weights are, what they are fed."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.models.building import blank, seeded
from explainer.models.checkpoints import fit, output_count, unwrapped
from explainer.models.networks import NETWORKS
from explainer.models.preprocessing import Preprocessing
from explainer.models.weights import MissingWeightsError, Progress, fetch

_AUXILIARY = re.compile(r"^(?:aux\d|AuxLogits)\.")
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")


def builder_arguments(name: str) -> dict[str, Any]:
    """Return what torchvision's builder must be told to give the network that its published weights fit.

    GoogLeNet and Inception v3 drop their auxiliary classifiers (used in training only) and change from
    torchvision's normalisation to the one they were ported with.
    """
    if name in {"googlenet", "inception_v3"}:
        return {"aux_logits": False, "transform_input": True, "init_weights": False}
    return {}


def torchvision_weights(name: str, weights: str = "default") -> Any:
    """Return torchvision's description of published weights: address, preprocessing, class names."""
    import torchvision

    published = torchvision.models.get_model_weights(name)
    if weights == "default":
        return published.DEFAULT
    if weights in published.__members__:
        return published[weights]
    raise ReaderError(
        "There are no weights {weights} for {key}; published are {names}.",
        weights=weights,
        key=name,
        names=", ".join(published.__members__),
    )


def torchvision_preprocessing(weights: Any) -> Preprocessing:
    """Return the preprocessing that torchvision publishes with its weights."""
    preset = weights.transforms()
    return Preprocessing(
        size=(preset.crop_size[0], preset.crop_size[-1]),
        mean=tuple(preset.mean),
        std=tuple(preset.std),
        resize=preset.resize_size[0],
        interpolation=preset.interpolation.value,
    )


def construct(key: str, classes: int | None = None) -> nn.Module:
    """Build a network of the catalogue as it builds itself, for ``classes`` outputs if that is given."""
    extra: dict[str, Any] = {} if classes is None else {"num_classes": classes}
    if key.startswith("timm:"):
        import timm

        return timm.create_model(key.removeprefix("timm:").split(".")[0], **extra)
    if key in NETWORKS:
        return NETWORKS[key](classes or 10)
    import torchvision

    return torchvision.models.get_model(key, weights=None, **builder_arguments(key), **extra)


def modern(key: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights under the names that today's torchvision uses, without auxiliary classifiers."""
    if key.startswith("timm:") or key in NETWORKS:
        return dict(tensors)
    return {
        _OLD_DENSENET.sub(r"\1\2.", name): value
        for name, value in tensors.items()
        if not _AUXILIARY.match(name)
    }


def torchvision_model(name: str, tensors: Mapping[str, Tensor] | None, label: str) -> nn.Module:
    """Build a torchvision classifier with these weights, or with seeded random ones (``None``).

    ``label`` names the weights in messages. Weights for another number of classes make a network for that
    number.
    """
    if tensors is None:
        with seeded():
            return construct(name)
    with blank():
        model = construct(name)
    tensors = unwrapped(modern(name, tensors), model.state_dict())
    if classes := output_count(model, tensors):
        with blank():
            model = construct(name, classes)
    fit(model, tensors, label)
    return model


def torchvision_file(weights: Any, progress: Progress | None) -> Path:
    """Return the local file of torchvision's weights, downloading it where it is missing."""
    return fetch(weights.url, progress=progress)


def imagenet_classes() -> tuple[str, ...]:
    """Return the 1,000 ImageNet class names in the order all these networks use."""
    from torchvision.models import ResNet18_Weights

    return tuple(ResNet18_Weights.DEFAULT.meta["categories"])


def timm_config(name: str) -> Any:
    """Return timm's description of published weights (``name`` may carry a tag: ``resnet18.a1_in1k``)."""
    from timm.models import get_pretrained_cfg

    try:
        config = get_pretrained_cfg(name, allow_unregistered=True)
    except RuntimeError:  # an unknown tag
        config = None
    if config is None:
        raise ReaderError("timm has no network or weights called {name}.", name=name)
    return config


def timm_preprocessing(config: Any) -> Preprocessing:
    """Return the evaluation preprocessing that timm makes of a weights' description."""
    height, width = config.input_size[1:]
    crop = config.crop_pct or 0.875
    resized = (math.floor(height / crop), math.floor(width / crop))
    square = resized[0] == resized[1] and config.crop_mode != "squash"
    return Preprocessing(
        size=(height, width),
        mean=tuple(config.mean),
        std=tuple(config.std),
        resize=resized[0] if square else resized,
        interpolation=config.interpolation,
    )


def timm_classes(config: Any) -> tuple[str, ...]:
    """Return the class names of timm's weights; empty for networks that end in features."""
    from timm.data import ImageNetInfo, infer_imagenet_subset

    if config.num_classes == 1000:
        return imagenet_classes()
    if config.label_names:
        return tuple(config.label_names)
    subset = infer_imagenet_subset({"num_classes": config.num_classes, "tag": config.tag})
    return tuple(ImageNetInfo(subset).label_descriptions()) if subset else ()


def timm_file(config: Any, progress: Progress | None) -> Path:
    """Return the local file of timm's weights: from Hugging Face's own cache, from ours, or downloaded.

    ``HF_ENDPOINT`` moves the download to another server, as it does for Hugging Face's own tools.
    """
    if not config.hf_hub_id or config.crop_mode == "border":
        raise MissingWeightsError(
            "There are no published weights for {key} that can be used here. "
            "The network can be opened with random weights, marked as untrained.",
            key=config.architecture,
        )
    from huggingface_hub import try_to_load_from_cache

    filename = config.hf_hub_filename or "model.safetensors"
    cached = try_to_load_from_cache(config.hf_hub_id, filename)
    if isinstance(cached, str):
        return Path(cached)
    server = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    url = f"{server}/{config.hf_hub_id}/resolve/main/{filename}"
    name = f"{config.hf_hub_id.replace('/', '--')}{Path(filename).suffix}"
    return fetch(url, name=name, sha256="", progress=progress)


def timm_model(name: str, tensors: Mapping[str, Tensor] | None, label: str) -> nn.Module:
    """Build a timm network with these weights, or with seeded random ones (``None``).

    Weights under the names of an older or foreign version are renamed by timm's own rules.
    """
    import timm

    if tensors is None:
        with seeded():
            return timm.create_model(name)
    with blank():
        model = timm.create_model(name)
    tensors = unwrapped(tensors, model.state_dict())
    if set(tensors) >= set(model.state_dict()):
        if classes := output_count(model, tensors):
            with blank():
                model = timm.create_model(name, num_classes=classes)
        fit(model, tensors, label)
        return model
    try:
        with blank():
            return timm.create_model(
                name, pretrained=True, pretrained_cfg_overlay={"state_dict": dict(tensors)}
            )
    except (RuntimeError, KeyError, ValueError, TypeError, AttributeError):
        fit(model, tensors, label)  # names what is wrong
        raise
