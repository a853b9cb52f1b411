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


def read_onnx(path: Path, label: str = "") -> Graph:
    """Return weight and bias of every convolution of an export, in the order of its nodes.

    Nothing in the file is run. ``label`` names it in messages.

    Raises:
        ReaderError: it is no ONNX file, or its convolutions have no weights of their own.
    """
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    label = label or path.name
    try:
        graph = onnx.load(str(path), load_external_data=False).graph
        known = {one.name: one for one in graph.initializer}
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
    ours = _ordered(model)
    if len(ours) != len(published):
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
    ours = _ordered(model)
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


def _ordered(model: YOLOX) -> list[nn.Conv2d]:
    return [*_executed(model.backbone), *_of_head(model)]


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


def _of_head(model: YOLOX) -> list[nn.Conv2d]:
    head = model.head
    branches = (head.stems, head.cls_convs, head.cls_preds, head.reg_convs, head.reg_preds, head.obj_preds)
    return [
        one
        for level in range(3)
        for branch in branches
        for one in branch[level].modules()
        if isinstance(one, nn.Conv2d)
    ]
