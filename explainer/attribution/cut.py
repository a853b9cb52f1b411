"""One forward pass with the graph cut at a layer: no gradients before it, gradients behind it.

Only what lies behind the layer is recorded for backpropagation, so a Grad-CAM of a late layer costs hardly
more than the forward pass. The layer is found by watching the calls of this thread alone
(``explainer.tracing.calls``): the model gets no hook, so nothing has to be removed, whatever happens, and
other threads that run the same model notice nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explainer.attribution.spatial import Layout, Size, layout_of, no_place
from explainer.errors import ReaderError
from explainer.tracing import Node, Trace
from explainer.tracing.calls import listening
from explainer.tracing.execute import tensors

_GRID_MODULES = (
    nn.Conv2d,
    nn.ConvTranspose2d,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d,
    nn.Upsample,
    nn.PixelShuffle,
)


@dataclass(frozen=True)
class Cut:
    """What a layer held, and what each of its numbers is worth to the class."""

    activation: Tensor
    """[N, C, h, w], whatever the layer's own arrangement."""
    gradient: Tensor
    """[N, C, h, w]: derivative of each image's score."""
    scores: Tensor
    """[N]: the score (logit) of the class, image by image."""
    classes: tuple[int, ...]
    """The class of each image."""
    logits: Tensor
    """[N, classes]: the scores of all classes."""


def cut_at(
    model: nn.Module,
    images: Tensor,
    layer: nn.Module,
    occurrence: int = 0,
    class_index: int | Sequence[int] | None = None,
    name: str = "the layer",
    gradients: bool = True,
) -> Cut:
    """Run the model once; return a layer's output and the gradient of the class score at it.

    Args:
        model: in evaluation mode; it is only read.
        images: [N, C, H, W].
        layer: one of its modules.
        occurrence: which of its runs, from 0.
        class_index: class of all images or of each; ``None`` for what each image is taken for.
        name: the layer's name, for messages.
        gradients: whether they are wanted; else they are zero.

    Raises:
        ReaderError: the layer did not run, its output has no rows and columns, or the model gives no class
            scores.
    """
    knife = _Knife(layer, occurrence, gradients)
    with torch.inference_mode(False), torch.no_grad(), listening(knife):
        output = model(images)
        if knife.leaf is None:
            raise ReaderError("The layer {layer} did not run for this picture.", layer=name)
        layout = layout_of(knife.leaf.shape, images.shape, knife.grids)
        if layout is None or not knife.leaf.dtype.is_floating_point:
            raise no_place(name, knife.leaf.shape)
        scores = class_scores(output)
        classes = classes_of(scores, class_index)
        chosen = scores[torch.arange(len(classes)), list(classes)]
    return _finish(knife.leaf, chosen, layout, classes, scores.detach())


def class_scores(output: Any) -> Tensor:
    """Return the class scores [N, classes] in what a model returned; an Inception has them first."""
    for tensor in tensors(output):
        if tensor.ndim == 2 and tensor.dtype.is_floating_point:
            return tensor
    raise ReaderError("This network does not answer with one score for each class.")


def class_scores_node(recorded: Trace) -> Node:
    """Return the node with the class scores [N, classes] that the network answered with."""
    wanted = class_scores(_values(recorded.output))
    return next(node for node in reversed(recorded.nodes) if node._output is wanted)


def _values(output: object) -> object:
    if isinstance(output, Node):
        return output.output
    if isinstance(output, dict):
        return {name: _values(value) for name, value in output.items()}
    if isinstance(output, tuple | list):
        return [_values(value) for value in output]
    return None


def classes_of(scores: Tensor, class_index: int | Sequence[int] | None) -> tuple[int, ...]:
    """Return the class of each image: the one asked for, or the one with the highest score."""
    count, classes = scores.shape
    if class_index is None:
        return tuple(scores.detach().argmax(1).tolist())
    asked = (class_index,) * count if isinstance(class_index, int) else tuple(map(int, class_index))
    if len(asked) != count or not all(0 <= index < classes for index in asked):
        raise ReaderError("There are {classes} classes, numbered from 0.", classes=classes)
    return asked


def _finish(leaf: Tensor, chosen: Tensor, layout: Layout, classes: tuple[int, ...], logits: Tensor) -> Cut:
    gradient: Tensor | None = None
    if chosen.requires_grad:
        (gradient,) = torch.autograd.grad(chosen.sum(), leaf, allow_unused=True)
    activation = leaf.detach()
    if gradient is None:  # the class does not depend on this layer
        gradient = torch.zeros_like(activation)
    return Cut(layout.maps(activation), layout.maps(gradient), chosen.detach(), classes, logits)


class _Knife:
    """Runs the modules of its thread; turns gradients on where the layer has run."""

    def __init__(self, layer: nn.Module, occurrence: int, gradients: bool) -> None:
        self.layer = layer
        self.left = occurrence
        self.gradients = gradients
        self.leaf: Tensor | None = None
        self.grids: list[Size] = []

    def run_module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = module._call_impl(*args, **kwargs)
        if self.leaf is not None:
            return result
        if isinstance(module, _GRID_MODULES) and isinstance(result, Tensor) and result.ndim == 4:
            self.grids.append((result.shape[2], result.shape[3]))
        if module is self.layer:
            if self.left:
                self.left -= 1
            else:
                return self._cut(result, args, kwargs)
        return result

    def _cut(self, result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(result, tuple | list) and result and isinstance(result[0], Tensor):
            # an attention layer returns its weights, too
            return type(result)([self._cut(result[0], args, kwargs), *result[1:]])
        if not isinstance(result, Tensor) or not result.dtype.is_floating_point:
            raise no_place(type(self.layer).__name__, getattr(result, "shape", ()))
        leaf = result.detach()
        address = leaf.untyped_storage().data_ptr()
        if any(given.untyped_storage().data_ptr() == address for given in tensors((args, kwargs))):
            # An in-place activation, or a layer that passes its input on: what it was given may still be
            # read, and written to, under its other name.
            leaf = leaf.clone()
        self.leaf = leaf
        if self.gradients:
            leaf.requires_grad_()
            torch.set_grad_enabled(True)
        # A copy, since an in-place operation may follow: it would refuse a leaf, and overwrite what a map
        # needs. It costs 0.3 % of the forward pass, in the middle of a ResNet-50.
        return leaf.clone()
