"""A network that is run very often without gradients, for the score of one class: the same numbers, sooner.

What an ordinary forward pass does in vain for that: a batch normalisation behind a convolution is one more
multiplication of its weights, an activation can be applied while a convolution writes its result, and of the
last layer only one row is asked for. The modules of the shared model are only read: their calls are answered
here, for this thread alone (``explainer.tracing.calls``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.attribution.cut import class_scores, class_scores_node
from explainer.tracing import Node, Trace
from explainer.tracing.calls import listening

_FUSED = {nn.ReLU: "relu", nn.Hardswish: "hardswish"}
_CARRY_CLASSES = frozenset({"flatten", "adaptive_avg_pool2d", "avg_pool2d", "relu", "dropout", "mean"})
"""Kinds behind the last layer that treat every class alike."""
_TOLERANCE = 1e-4


class Quick:
    """Scores of one class for many pictures."""

    def __init__(self, recorded: Trace, class_index: int) -> None:
        """Look at a forward pass of the model in evaluation mode for what can be saved."""
        self.model = recorded.root.module
        self.class_index = class_index
        self.answers = _shortcuts(recorded, class_index)
        self.checked = False

    def __call__(self, images: Tensor) -> Tensor:
        """Return the class's scores [N] for pictures [N, C, H, W]; the first are checked by the model."""
        if self.checked and not self.answers:
            return self._slowly(images)
        try:
            with listening(self):
                found = class_scores(self.model(images))
            found = found[:, 0 if found.shape[1] == 1 else self.class_index]
        except (RuntimeError, IndexError):  # some operation insists on the shapes of the plain model
            self.answers, self.checked = {}, True
            return self._slowly(images)
        if not self.checked:
            self.checked = True
            expected = self._slowly(images)
            if not torch.allclose(found, expected, rtol=_TOLERANCE, atol=_TOLERANCE):
                self.answers = {}
            return expected
        return found

    def _slowly(self, images: Tensor) -> Tensor:
        return class_scores(self.model(images))[:, self.class_index]

    def run_module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Answer the call of a module."""
        answer = self.answers.get(id(module))
        if answer is None or len(args) != 1 or kwargs:
            return module._call_impl(*args, **kwargs)
        return answer(args[0])


def _shortcuts(recorded: Trace, class_index: int) -> dict[int, Callable[[Tensor], Tensor]]:
    """Return what to do instead of calling a module, by the module's ``id``."""
    runs = Counter(id(node.call.module) for node in recorded.nodes)
    head = _head(recorded)
    found: dict[int, Callable[[Tensor], Tensor]] = {}
    for node in recorded.nodes:
        module = node.call.module
        if runs[id(module)] != 1 or type(module) not in (nn.Conv2d, nn.Linear) or _hooked(module):
            continue
        if isinstance(module, nn.Linear):
            if node is head:
                found[id(module)] = partial(_linear, module, slice(class_index, class_index + 1))
            continue
        assert isinstance(module, nn.Conv2d)
        if module.padding_mode != "zeros" or isinstance(module.padding, str):
            continue
        weight, bias = module.weight, module.bias
        rows = slice(class_index, class_index + 1) if node is head else slice(None)
        last = _next(recorded, node, runs)
        if last is not None and _is_fixed_norm(last.call.module):
            norm = last.call.module
            weight, bias = _fold(module, norm)
            found[id(norm)] = _unchanged
            last = _next(recorded, last, runs)
        activation = "none"
        if last is not None and type(last.call.module) in _FUSED:
            activation = _FUSED[type(last.call.module)]
            found[id(last.call.module)] = _unchanged
        weight = weight[rows].contiguous(memory_format=torch.channels_last)
        found[id(module)] = partial(
            _convolve, module, weight, None if bias is None else bias[rows], activation
        )
    return found


def _head(recorded: Trace) -> Node | None:
    """Return the layer that has one row of weights for each class."""
    node = class_scores_node(recorded)
    classes = node.shape[1]
    while node.kind in _CARRY_CLASSES and node.inputs and len(recorded.consumers(node)) <= 1:
        node = node.inputs[0]
    alone = len(recorded.consumers(node)) <= 1
    return node if node.kind in ("linear", "conv2d") and node.shape[1] == classes and alone else None


def _next(recorded: Trace, node: Node, runs: Counter[int]) -> Node | None:
    """Return what alone reads a node, if it is a module of its own that runs once and has no hooks."""
    readers = recorded.consumers(node)
    if len(readers) != 1 or readers[0].name != readers[0].module:
        return None
    module = readers[0].call.module
    return readers[0] if runs[id(module)] == 1 and not _hooked(module) else None


def _hooked(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _is_fixed_norm(module: nn.Module) -> bool:
    return (
        type(module) is nn.BatchNorm2d
        and not module.training
        and module.running_mean is not None
        and module.affine
    )


def _fold(convolution: nn.Conv2d, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Return weight and bias of convolution and normalisation in one."""
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = norm.bias - norm.running_mean * scale
    if convolution.bias is not None:
        bias = bias + convolution.bias * scale
    return convolution.weight * scale[:, None, None, None], bias


def _convolve(module: nn.Conv2d, weight: Tensor, bias: Tensor | None, activation: str, x: Tensor) -> Tensor:
    fused = getattr(torch.ops.mkldnn, "_convolution_pointwise", None)
    stride, padding, dilation = module.stride, module.padding, module.dilation
    if fused is not None and x.dtype == torch.float32:
        sizes = ([*map(int, padding)], [*stride], [*dilation], module.groups)
        result: Tensor = fused(x, weight, bias, *sizes, activation, [], "")
        return result
    result = F.conv2d(x, weight, bias, stride, padding, dilation, module.groups)
    return (
        F.relu_(result) if activation == "relu" else F.hardswish(result) if activation != "none" else result
    )


def _linear(module: nn.Linear, rows: slice, x: Tensor) -> Tensor:
    return F.linear(x, module.weight[rows], None if module.bias is None else module.bias[rows])


def _unchanged(x: Tensor) -> Tensor:
    return x
