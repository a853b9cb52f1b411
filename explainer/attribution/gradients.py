"""How the score of a class answers to each pixel: gradients, averaged gradients, guided gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explainer.attribution.scores import class_gradients, in_batches
from explainer.progress import Progress
from explainer.tracing import Node, Trace, replay_from
from explainer.tracing.operations import operation

GUIDED = frozenset({"relu", "relu6"})
"""Kinds of operation in which guided backpropagation stops negative gradients."""


def saliency(trace: Trace, logits: Node, class_index: int) -> Tensor:
    """Return the gradient of a class score by the input, signed, float [C, H, W].

    Simonyan, Vedaldi and Zisserman, 2014, Deep inside convolutional networks, section 3; the paper draws
    ``magnitude`` of it. Runs the recorded operations again; the model is not touched.

    Args:
        trace: the forward pass; its first image is explained.
        logits: the node with the class scores [N, classes].
        class_index: the class.
    """
    return _input_gradient(trace, logits, class_index, nullcontext())


def guided_backpropagation(trace: Trace, logits: Node, class_index: int) -> Tensor:
    """Return the gradient that only positive paths carry, float [C, H, W].

    On its way back through every ReLU the gradient loses its negative entries (Springenberg et al., 2015,
    Striving for simplicity: the all convolutional net, section 3.4). A network without ReLUs gives its plain
    gradient: see ``guided_nodes``. It shows edges that the network sees rather than what decides between
    classes (Adebayo et al., 2018, Sanity checks for saliency maps).

    Arguments as for ``saliency``.
    """
    return _input_gradient(trace, logits, class_index, _Guided())


def guided_nodes(trace: Trace) -> tuple[Node, ...]:
    """Return the nodes at which guided backpropagation differs from the plain gradient."""
    return tuple(node for node in trace.nodes if node.kind in GUIDED)


def smooth_grad(
    model: nn.Module,
    images: Tensor,
    class_index: int,
    *,
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    progress: Progress | None = None,
) -> Tensor:
    """Return the mean gradient over noisy copies of the input, float [C, H, W].

    Smilkov et al., 2017, SmoothGrad: removing noise by adding noise, section 2.

    Args:
        model: gives [N, classes]; only read.
        images: [1, C, H, W]; the first is explained.
        class_index: the class.
        samples: noisy copies.
        noise: standard deviation as a share of the input's range, the paper's sigma / (x_max - x_min).
        seed: of the noise; the global generator is not used.
        progress: told the copies done.
    """
    image = images[:1].detach()
    sigma = noise * float(image.max() - image.min())
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros_like(image[0])
    for part in in_batches(samples, image, progress):
        # One draw each: the same noise however many are computed at once.
        draws = [torch.randn(image.shape, generator=generator) for _ in part]
        gradients, _ = class_gradients(model, image + sigma * torch.cat(draws).to(image), class_index)
        total += gradients.sum(0)
    return total / samples


def magnitude(attribution: Tensor) -> Tensor:
    """Return the largest magnitude over the colours, [H, W] of [C, H, W]: a saliency map (Simonyan 2014)."""
    return attribution.abs().amax(0)


def collapse(attribution: Tensor) -> Tensor:
    """Return the signed sum over the colours, [H, W] of [C, H, W]: what a pixel adds to a score."""
    return attribution.sum(0)


def _input_gradient(
    trace: Trace, logits: Node, class_index: int, mode: AbstractContextManager[Any]
) -> Tensor:
    with torch.inference_mode(False), torch.enable_grad(), mode:
        leaf = trace.input.output.detach().clone().requires_grad_()
        score = replay_from(trace, {trace.input: leaf}, (logits,))[logits][0, class_index]
    if not score.requires_grad:
        return torch.zeros_like(leaf[0])
    return torch.autograd.grad(score, leaf)[0][0]


class _Guided(TorchFunctionMode):
    """While it lasts in this thread, results of ReLUs pass on no negative gradient."""

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        known = operation(function)
        if known is not None and known.kind in GUIDED and result.requires_grad:
            result.register_hook(_positive)
        return result


def _positive(gradient: Tensor) -> Tensor:
    return gradient.clamp_min(0)
