"""What a unit does see: how much each pixel of the photo moves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.tracing.arithmetic.layout import locate
from explainer.tracing.graph import Node, Trace
from explainer.tracing.recorder import trace as record
from explainer.tracing.replay import replay_from


def effective_receptive_field(trace: Trace, node: Node, channel: int, y: int = 0, x: int = 0) -> Tensor:
    """Return how much each pixel moves one unit: Σ over colours of |∂ unit / ∂ pixel|.

    Source: W. Luo et al., arXiv:1701.04128, section 2. The network is linear around this photo, so the map
    depends on the photo. Nothing is changed in the trace or the model.

    Args:
        trace: the recorded forward pass of one image [1, C, H, W]; of several the first counts.
        node: one of its nodes.
        channel: of the unit, as in :func:`explainer.tracing.explain`.
        y: row of the unit.
        x: column of the unit.

    Returns:
        float tensor [H, W] >= 0, in units of the node per unit of the network's input; zero everywhere where
        the unit does not move (behind a ReLU that is off).

    Raises:
        ReaderError: if there is no such unit, or no gradient leads from it to the photo.
    """
    index = locate(node, channel, y, x, 0)
    source = trace.input
    with torch.inference_mode(False), torch.enable_grad():
        leaf = source.output.detach().clone().requires_grad_()
        unit = leaf if node is source else replay_from(trace, {source: leaf}, (node,))[node]
        value = unit[index]
        if not value.requires_grad:
            raise ReaderError("No gradient leads from {node} to the photo.", node=node.name)
        (gradient,) = torch.autograd.grad(value, leaf)
    return gradient[0].abs().reshape(-1, *gradient.shape[-2:]).sum(0)


def average_effective_receptive_field(
    model: nn.Module,
    name: str,
    images: Iterable[Tensor],
    channel: int,
    y: int,
    x: int,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Tensor:
    """Return the effective receptive field averaged over several photos.

    Each photo's map is divided by its sum first, so that all photos count alike; photos for which the unit
    does not move at all count as nothing. So the average is a distribution over pixels (or all zeros).

    Args:
        model: any eager module; it is only read.
        name: of the node, in every photo's trace.
        images: tensors [1, C, H, W] of one size.
        channel: of the unit.
        y: row of the unit.
        x: column of the unit.
        progress: called with (done, total) after each photo; what it raises ends the work.

    Returns:
        float tensor [H, W] >= 0 with sum 1, or 0 if the unit moved for no photo.

    Raises:
        ReaderError: as :func:`effective_receptive_field`, and if there are no photos.
    """
    images = list(images)
    if not images:
        raise ReaderError("There is no photo to average over.")
    total: Tensor | None = None
    moved = 0
    for done, image in enumerate(images, start=1):
        recorded = record(model, image)
        heat = effective_receptive_field(recorded, recorded[name], channel, y, x)
        mass = heat.sum()
        if mass > 0:
            heat = heat / mass
            moved += 1
        total = heat if total is None else total + heat
        if progress is not None:
            progress(done, len(images))
    assert total is not None
    return total / max(moved, 1)
