"""The weights of a YOLOX network that somebody exported to ONNX, put into ours."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from explainer.detection.yolox import YOLOX, BaseConv


def load_onnx(path: Path, model: YOLOX) -> YOLOX:
    """Fill ``model`` with the weights of an export whose batch normalisation is folded into convolutions."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    known = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
    published = [
        (known[node.input[1]], known[node.input[2]]) for node in graph.node if node.op_type == "Conv"
    ]
    normalised = {part.conv: part.bn for part in model.modules() if isinstance(part, BaseConv)}
    ours = [*_executed(model.backbone), *_of_head(model)]
    with torch.no_grad():
        for convolution, (weight, bias) in zip(ours, published, strict=True):
            convolution.weight.copy_(weight.view_as(convolution.weight))
            if convolution.bias is not None:
                convolution.bias.copy_(bias)
                continue
            norm = normalised[convolution]
            norm.running_mean.zero_()
            norm.running_var.fill_(1)
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
