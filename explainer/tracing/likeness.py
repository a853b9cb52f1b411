"""How alike two networks, or two images in one, are: layer by layer, in their values and in their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.tracing.graph import Node, Trace


@dataclass(frozen=True)
class Likeness:
    """How alike two tensors of one shape are."""

    name: str
    cosine: float
    """Cosine of the angle between them: 1 the same direction, 0 at right angles, -1 opposite."""
    relative: float
    """Euclidean norm of the difference over that of the first."""


def likeness(name: str, first: Tensor, second: Tensor) -> Likeness:
    """Measure two tensors of one shape. Two tensors of zeros are the same; sums are in float64."""
    a, b = (tensor.detach().flatten().double() for tensor in (first, second))
    norm_a, norm_b = float(a.norm()), float(b.norm())
    difference = float((b - a).norm())
    if not norm_a or not norm_b:
        return Likeness(
            name, 0.0 if difference else 1.0, difference / norm_a if norm_a else float(difference > 0)
        )
    return Likeness(name, float(a @ b) / (norm_a * norm_b), difference / norm_a)


def same_places(first: Trace, second: Trace) -> tuple[tuple[Node, Node], ...]:
    """Return the operations that two passes share: same name, kind and shape, floating point."""
    return tuple(
        (node, second[node.name])
        for node in first.nodes
        if node.dtype.is_floating_point
        and node.name in second
        and second[node.name].kind == node.kind
        and second[node.name].shape == node.shape
    )


def layer_likeness(first: Trace, second: Trace) -> tuple[Likeness, ...]:
    """Compare every operation's output in two passes through one architecture, in execution order."""
    return tuple(likeness(a.name, a.output, b.output) for a, b in same_places(first, second))


def weight_likeness(first: nn.Module, second: nn.Module) -> tuple[Likeness, ...]:
    """Compare the parameters that two modules share by name and shape, in the order of the first."""
    others = dict(second.named_parameters())
    return tuple(
        likeness(name, parameter, others[name])
        for name, parameter in first.named_parameters()
        if name in others and others[name].shape == parameter.shape
    )


def at_places(maps: Tensor, places: Tensor) -> Tensor:
    """Read a feature map at places of the network's input, bilinearly between its units.

    Args:
        maps: [C, H, W].
        places: float [n, 2], x and y as fractions of the input's width and height. A unit stands for its
            share of the input.

    Returns:
        float32 [n, C].
    """
    grid = (places.float() * 2 - 1)[None, None]
    found = F.grid_sample(maps[None].float(), grid, padding_mode="border", align_corners=False)
    return found[0, :, 0].T


def linear_cka(first: Sequence[Tensor], second: Sequence[Tensor]) -> Tensor:
    """Linear centred kernel alignment of every pair of representations of the same ``n`` examples.

    1: equal up to rotation and scale; 0: no more alike than chance. Kornblith et al., "Similarity of Neural
    Network Representations Revisited" (2019), equation 1, with the unbiased HSIC of Song et al. (2012), which
    does not call wide layers alike only because they are wide; so it may fall a little below 0.

    Args:
        first: tensors [n, p], any width p each; n is 4 or more.
        second: tensors [n, q] of the same examples.

    Returns:
        float64 [len(first), len(second)]; 0 where a representation does not change from example to example.
    """
    return torch.stack([_centred(x) for x in first]) @ torch.stack([_centred(y) for y in second]).T


def _centred(values: Tensor) -> Tensor:
    """Return the Gram matrix, U-centred (Székely and Rizzo 2014), flattened, of length 1."""
    values = values.double()
    values = values - values.mean(0)  # changes nothing but the rounding error
    gram = values @ values.T
    n = len(gram)
    gram.fill_diagonal_(0)
    rows = gram.sum(1) / (n - 2)
    gram = gram - rows[:, None] - rows[None] + rows.sum() / (n - 1)
    gram.fill_diagonal_(0)
    length = gram.norm()
    return (gram / length if length > 0 else gram).flatten()
