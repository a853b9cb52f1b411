"""What each channel of a layer adds to a class."""

from __future__ import annotations

import torch
from torch import Tensor

from explainer.tracing import Node, Trace, extent, replay_from
from explainer.tracing.arithmetic import channels_last


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
    leaf = node.output.detach().clone().requires_grad_()
    with torch.enable_grad():
        score = replay_from(trace, {node: leaf}, (logits,))[logits][0, class_index]
    if not score.requires_grad:
        return torch.zeros(extent(node)[0])
    (gradient,) = torch.autograd.grad(score, leaf)
    share = (gradient * leaf.detach())[0]
    if share.ndim == 1:
        return share
    return share.flatten(0, -2).sum(0) if channels_last(node) else share.flatten(1).sum(1)
