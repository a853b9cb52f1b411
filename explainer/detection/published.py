"""The weights of a YOLOX network that somebody exported to ONNX, put into ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from explainer.detection.yolox import YOLOX, BaseConv
from explainer.errors import ReaderError
from explainer.models.checkpoints import MisfitError

Graph = list[tuple[Tensor, Tensor]]
"""Weight and bias of every convolution, in the order in which they run."""
_UNREADABLE = (
    "The file {name} cannot be read as an ONNX export of YOLOX with batch normalisation folded into the "
    "convolutions."
)


def is_onnx(path: Path) -> bool:
    """Tell whether a file seems to be an ONNX program: by its first bytes, or by its name if it has a kind.

    What ``torch.save`` and safetensors write begins in other ways.
    """
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError:
        return path.suffix == ".onnx"
    # The field of the version, a small number, comes first; a safetensors header is text after eight bytes.
    return path.suffix == ".onnx" or (start[:1] == b"\x08" and start[8:] != b"{")


def read_onnx(path: Path, label: str = "") -> Graph:
    """Return weight and bias of every convolution of an export, in the order of its nodes.

    Nothing in the file is run. ``label`` names it in messages.

    Raises:
        ReaderError: there is no such file, it is no ONNX file, or its convolutions have no weights of their
            own in it.
    """
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    label = label or path.name
    if not path.is_file():
        raise ReaderError("There is no file {name}.", name=label)
    try:
        graph = onnx.load(str(path), load_external_data=False).graph
        # Weights that lie in other files would be read from wherever the file says.
        inside = onnx.TensorProto.DEFAULT
        known = {one.name: one for one in graph.initializer if one.data_location == inside}
        found = []
        for node in graph.node:
            if node.op_type == "Conv":
                weight, bias = (known[name] for name in node.input[1:3])
                found.append((_tensor(numpy_helper.to_array(weight)), _tensor(numpy_helper.to_array(bias))))
    except (DecodeError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise ReaderError(_UNREADABLE, name=label) from error
    if not found:
        raise ReaderError(_UNREADABLE, name=label)
    return found


def _tensor(numbers: Any) -> Tensor:
    return torch.from_numpy(numbers.copy())


def class_count(model: YOLOX, published: Graph) -> int:
    """Return how many classes an export of a network like ``model`` is for; 0 if it is of another one."""
    ours = _ordered(model, published)
    if len(ours) != len(published) or ours[0].weight.shape != published[0][0].shape:
        return 0
    return len(published[ours.index(cast(nn.Conv2d, model.head.cls_preds[0]))][1])


def load_onnx(path: Path, model: YOLOX) -> YOLOX:
    """Fill ``model`` with the weights of an export whose batch normalisation is folded into convolutions.

    Raises:
        ReaderError: the file is no such export, or of another network.
    """
    return fill(model, read_onnx(path), path.name)


def fill(model: YOLOX, published: Graph, label: str) -> YOLOX:
    """Fill ``model`` with the convolutions of an export, in the order in which they run.

    Raises:
        ReaderError: there are more or fewer, or one has another shape. The model is then unchanged.
    """
    normalised: dict[nn.Module, nn.BatchNorm2d] = {
        part.conv: part.bn for part in model.modules() if isinstance(part, BaseConv)
    }
    ours = _ordered(model, published)
    wrong = [
        f"{list(weight.shape)} instead of {list(convolution.weight.shape)}"
        for convolution, (weight, _) in zip(ours, published, strict=False)
        if weight.shape != convolution.weight.shape
    ]
    if len(ours) != len(published):
        wrong = [f"{len(published)} convolutions instead of {len(ours)}"]
    if wrong:
        raise MisfitError(
            "The weights {name} do not fit this network: {tensors}.", name=label, tensors=wrong[0]
        )
    with torch.no_grad():
        for convolution, (weight, bias) in zip(ours, published, strict=True):
            convolution.weight.copy_(weight.view_as(convolution.weight))
            if convolution.bias is not None:
                convolution.bias.copy_(bias)
                continue
            norm = normalised[convolution]
            norm.reset_running_stats()
            norm.weight.fill_((1 + norm.eps) ** 0.5)
            norm.bias.copy_(bias)
    return model.eval()


@torch.no_grad()
def with_statistics(model: nn.Module, images: Tensor) -> nn.Module:
    """Give every batch normalisation the statistics of its inputs for ``images``; return the same function.

    Weights whose normalisation was folded away leave it with mean 0 and variance 1. Training normalises with
    the true statistics of a batch, and would undo what the weights had learnt; with these it begins there.

    Args:
        model: in evaluation mode; changed in place.
        images: float [N, 3, H, W], such as it will be trained on.
    """
    seen: dict[nn.BatchNorm2d, tuple[Tensor, Tensor]] = {}

    def note(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3))
        seen[norm] = (mean, variance)

    hooks = [
        one.register_forward_pre_hook(note) for one in model.modules() if isinstance(one, nn.BatchNorm2d)
    ]
    model(images)
    for hook in hooks:
        hook.remove()
    for norm, (mean, variance) in seen.items():
        assert norm.running_mean is not None
        assert norm.running_var is not None
        slope = norm.weight / (norm.running_var + norm.eps).sqrt()
        norm.bias.add_(slope * (mean - norm.running_mean))
        norm.weight.copy_(slope * (variance + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
    return model


def _ordered(model: YOLOX, published: Graph) -> list[nn.Conv2d]:
    """Return the convolutions in the order of an export: the authors' program's, or this project's."""
    neck, kernels = _executed(model.backbone), [weight.shape[1:] for weight, _ in published]
    orders = [[*neck, *_of_head(model, order)] for order in (_AUTHORS, _OURS)]
    fits = (one for one in orders if [part.weight.shape[1:] for part in one] == kernels)
    return next(fits, orders[0])


def _executed(part: nn.Module) -> list[nn.Conv2d]:
    """Return the convolutions in the order in which they run."""
    order: list[nn.Conv2d] = []
    hooks = [
        one.register_forward_hook(lambda module, *_: order.append(module))
        for one in part.modules()
        if isinstance(one, nn.Conv2d)
    ]
    with torch.no_grad():
        part.eval()(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    return order


_AUTHORS = ("stems", "cls_convs", "cls_preds", "reg_convs", "reg_preds", "obj_preds")
_OURS = ("stems", "cls_convs", "reg_convs", "cls_preds", "reg_preds", "obj_preds")


def _of_head(model: YOLOX, branches: tuple[str, ...]) -> list[nn.Conv2d]:
    return [
        one
        for level in range(3)
        for branch in branches
        for one in cast(nn.ModuleList, getattr(model.head, branch))[level].modules()
        if isinstance(one, nn.Conv2d)
    ]
