"""What each channel of a layer, or one number of it, adds to a class."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.tracing import Node, Trace, extent, replay_from
from explainer.tracing.arithmetic import channels_last
from explainer.tracing.arithmetic.layout import locate


@dataclass(frozen=True)
class UnitContribution:
    """What one number means for the score of a class, to first order."""

    value: float
    """The number."""
    gradient: float
    """By how much the score grows when the number grows by one."""

    @property
    def share(self) -> float:
        """What the score would lose if the number were zero and the network behind it linear."""
        return self.value * self.gradient


def channel_contributions(trace: Trace, node: Node, logits: Node, class_index: int) -> Tensor:
    """Return gradient times activation, summed over each channel, float [C].

    To first order this is what the logit would lose if the channel were set to zero (Shrikumar et al., 2017,
    Learning important features through propagating activation differences, section 2). Only the operations
    behind ``node`` are run again, from their recorded inputs; the model is not touched.

    Args:
        trace: the forward pass; its first image is explained.
        node: the layer, output [N, C, ...] or, where the network keeps channels last, [N, ..., C].
        logits: the node with the class scores [N, classes].
        class_index: the class.
    """
    gradient = _gradient(trace, node, logits, class_index)
    if gradient is None:
        return torch.zeros(extent(node)[0])
    share = (gradient * node.output)[0]
    if share.ndim == 1:
        return share
    return share.flatten(0, -2).sum(0) if channels_last(node) else share.flatten(1).sum(1)


def unit_contribution(
    trace: Trace, node: Node, channel: int, y: int, x: int, logits: Node, class_index: int
) -> UnitContribution:
    """Return what one number of a layer means for a class: value, and gradient of the logit.

    Args:
        trace: the forward pass; its first image is explained.
        node: the layer.
        channel: the channel, counted as ``maps`` does.
        y: row in it.
        x: column in it.
        logits: the node with the class scores [N, classes].
        class_index: the class.

    Raises:
        ReaderError: the position is outside the layer.
    """
    index = locate(node, channel, y, x, 0)
    gradient = _gradient(trace, node, logits, class_index)
    return UnitContribution(float(node.output[index]), 0.0 if gradient is None else float(gradient[index]))


def _gradient(trace: Trace, node: Node, logits: Node, class_index: int) -> Tensor | None:
    """Return the gradient of a logit by a node's output; ``None`` where it does not depend on that."""
    leaf = node.output.detach().clone().requires_grad_()
    with torch.enable_grad():
        score = replay_from(trace, {node: leaf}, (logits,))[logits][0, class_index]
    if not score.requires_grad:
        return None
    return torch.autograd.grad(score, leaf)[0]
