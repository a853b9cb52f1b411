"""Make a network that someone holds in Python ready to be looked into."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.images import read_image
from explainer.models.loading import LoadedModel
from explainer.models.own import read_class_names
from explainer.models.preprocessing import Preprocessing
from explainer.models.transforms import as_preprocessing, imagenet

DEFAULT_SIZE = (224, 224)


@dataclass(frozen=True)
class GivenInput(Preprocessing):
    """A preprocessing that knows one input exactly: the tensor that was given, behind the picture of it."""

    pixels: bytes = b""
    given: Any = None

    def apply(self, image: Image.Image) -> Tensor:
        """Return the given tensor for its own picture, and what the preprocessing makes of any other."""
        if image.tobytes() == self.pixels:
            return self.given.clone()
        return super().apply(image)


def wrap(
    model: nn.Module,
    *,
    classes: Any = None,
    preprocessing: Any = None,
    image: Any = None,
    title: str | None = None,
    key: str = "live",
) -> tuple[LoadedModel, Image.Image | None]:
    """Return a network as the pages want it, and the picture of an image.

    The network is copied: in eval mode, on the CPU, in float32, with parameters that need no gradient. The
    original stays as it is, and what is shown stays as it was when training goes on.

    Args:
        model: any eager module that takes a batch of images [N, C, H, W].
        classes: names of the outputs: a list, a dict by number, or a file as for ``read_class_names``.
        preprocessing: as for ``as_preprocessing``. Without, ImageNet's mean and deviation at the size of
            ``image`` if that is a tensor, else at 224 × 224.
        image: a PIL image, a path, an array uint8 [H, W, 3] or [H, W], or the very input tensor, float
            [1, C, H, W] or [C, H, W] (already preprocessed).
        title: what to call the network; its class without.
        key: what the pages call it.

    Raises:
        ReaderError: an argument cannot be used; the message says why.
    """
    inner = _unwrapped(model)
    tensor = _input_tensor(image)
    channels = tensor.shape[1] if tensor is not None else _channels(inner)
    if preprocessing is None:
        size = (int(tensor.shape[2]), int(tensor.shape[3])) if tensor is not None else DEFAULT_SIZE
        fed = imagenet(size, channels)
    else:
        fed = as_preprocessing(preprocessing)
    picture = _picture(image) if tensor is None else None
    if tensor is not None:
        if (fed.channels, *fed.size) != tuple(tensor.shape[1:]):
            raise ReaderError(
                "The image is a tensor of {given}, but the preprocessing makes one of {wanted}.",
                given="×".join(map(str, tensor.shape[1:])),
                wanted="×".join(map(str, (fed.channels, *fed.size))),
            )
        picture = Image.fromarray(fed.as_seen(tensor))
        fed = GivenInput(**{**vars(fed), "pixels": picture.tobytes(), "given": tensor})
    ours = _copied(inner)
    outputs = _outputs(ours, fed)
    names = _class_names(classes)
    if names is not None and outputs and len(names) != outputs:
        raise ReaderError(
            "The network has {outputs} outputs, but there are {names} class names.",
            outputs=outputs,
            names=len(names),
        )
    loaded = LoadedModel(
        model=ours,
        key=key,
        title=title or type(inner).__name__,
        classes=names if names is not None else tuple(f"class {index}" for index in range(outputs)),
        preprocessing=fed,
        trained=True,
        card={},
        source="live",
        code="model = model.eval()  # the network that was given to explainer.show\n",
    )
    return loaded, picture


def _unwrapped(model: Any) -> nn.Module:
    """Return the network inside ``torch.compile``'s and ``DataParallel``'s wrappers."""
    if not isinstance(model, nn.Module):
        raise ReaderError("The network is to be a torch.nn.Module, not {kind}.", kind=type(model).__name__)
    while True:
        inner = getattr(model, "_orig_mod", None)
        if inner is None and isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            inner = model.module
        if not isinstance(inner, nn.Module):
            break
        model = inner
    if isinstance(model, torch.jit.ScriptModule):
        raise ReaderError("This network is compiled TorchScript and cannot be looked into layer by layer.")
    return model


def _copied(model: nn.Module) -> nn.Module:
    try:
        ours = copy.deepcopy(model)
    except (RuntimeError, TypeError, NotImplementedError, AttributeError, ValueError) as error:
        raise ReaderError(
            "The network cannot be copied ({problem}), and the original is not touched.", problem=error
        ) from error
    return ours.to("cpu").float().eval().requires_grad_(False)


def _outputs(model: nn.Module, fed: Preprocessing) -> int:
    """Run once and return the length of the answer; 0 where that is not a list of logits."""
    shape = (1, fed.channels, *fed.size)
    images = fed.given if isinstance(fed, GivenInput) else torch.zeros(shape)
    try:
        with torch.no_grad():
            answer = model(images)
    except Exception as error:  # the network is the caller's own code
        raise ReaderError(
            "The network cannot be run on an input of {shape}: {problem}. Give an image or preprocessing of "
            "the size that it takes.",
            shape="×".join(map(str, shape)),
            problem=error,
        ) from error
    return answer.shape[1] if isinstance(answer, Tensor) and answer.ndim == 2 else 0


def _channels(model: nn.Module) -> int:
    first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    return 1 if first is not None and first.in_channels == 1 else 3


def _input_tensor(image: Any) -> Tensor | None:
    """Return the input if a tensor was given: float32 [1, C, H, W] on the CPU."""
    if not isinstance(image, Tensor):
        return None
    tensor = image.detach().to("cpu")
    tensor = tensor[None] if tensor.ndim == 3 else tensor
    if (
        tensor.ndim != 4
        or tensor.shape[0] != 1
        or tensor.shape[1] not in (1, 3)
        or not tensor.is_floating_point()
    ):
        raise ReaderError(
            "An image given as a tensor is one network input, float [1, 3, H, W] or [1, 1, H, W], not "
            "{dtype} {shape}.",
            dtype=str(image.dtype).removeprefix("torch."),
            shape=list(image.shape),
        )
    return tensor.to(torch.float32, copy=True)


def _picture(image: Any) -> Image.Image | None:
    if image is None:
        return None
    if isinstance(image, Image.Image):
        return image.convert("RGB")
    if isinstance(image, str | Path):
        path = Path(image)
        if not path.is_file():
            raise ReaderError("There is no file {name}.", name=path)
        return read_image(path.read_bytes(), path.name)
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim in (2, 3):
        try:
            return Image.fromarray(image).convert("RGB")
        except (TypeError, ValueError) as error:
            raise ReaderError("An array of shape {shape} is no picture.", shape=list(image.shape)) from error
    raise ReaderError(
        "The image is to be a PIL image, a path, a uint8 array [H, W, 3] or an input tensor, not {kind}.",
        kind=type(image).__name__,
    )


def _class_names(classes: Any) -> tuple[str, ...] | None:
    if classes is None:
        return None
    if isinstance(classes, Path) or (isinstance(classes, str) and Path(classes).is_file()):
        return read_class_names(Path(classes).read_text("utf-8"))
    if isinstance(classes, Mapping):
        return tuple(str(classes[number]) for number in sorted(classes))
    if isinstance(classes, Sequence) and not isinstance(classes, str):
        return tuple(str(name) for name in classes)
    raise ReaderError(
        "Class names are one per line, a JSON list of them, or a JSON object of number and name."
    )
