"""The formulas of the class activation maps that need a layer's output and gradient, on [N, C, h, w].

A is the layer's output, G the derivative of the class score with respect to it. All maps end in a ReLU: what
speaks against the class is cut off, as in the papers.
"""

from __future__ import annotations

import torch
from torch import Tensor


def weighted_sum(weights: Tensor, activation: Tensor) -> Tensor:
    """Return sum_k w_k A_k, [N, h, w], for one weight [N, C] a channel."""
    return torch.einsum("nc,nchw->nhw", weights.to(activation.dtype), activation)


def grad_cam_weights(activation: Tensor, gradient: Tensor) -> Tensor:
    """Return the mean gradient of each channel, [N, C] (Selvaraju et al. 2017, equation 1)."""
    return gradient.mean((2, 3))


def grad_cam_plus_plus_weights(activation: Tensor, gradient: Tensor) -> Tensor:
    """Return sum_ij alpha_ij ReLU(G_ij), [N, C] (Chattopadhay et al. 2018, equations 5 and 19).

    With Y = exp(S), as in the paper, where ``gradient`` is that of S: alpha = G^2 / (2 G^2 + sum(A) G^3),
    cancelled by G^2 here, so that small gradients need no epsilon. The factor exp(S), the same for all
    channels, is left out: it only scales the map. Where the denominator vanishes alpha is 0.
    """
    below = 2 + activation.sum((2, 3), keepdim=True) * gradient
    alpha = torch.where((gradient != 0) & (below != 0), 1 / below, torch.zeros_like(below))
    return (alpha * gradient.relu()).sum((2, 3))


def hires_cam(activation: Tensor, gradient: Tensor) -> Tensor:
    """Return ReLU(sum_k G_k A_k), [N, h, w]: nothing is averaged (Draelos and Carin 2020, section 3.3)."""
    return (activation * gradient).sum(1).relu()


def layer_cam(activation: Tensor, gradient: Tensor) -> Tensor:
    """Return ReLU(sum_k ReLU(G_k) A_k), [N, h, w] (Jiang et al. 2021, equations 6 and 7)."""
    return (activation * gradient.relu()).sum(1).relu()


def eigen_cam(activation: Tensor) -> Tensor:
    """Return the layer's output projected on its first principal direction, [N, h, w], then a ReLU.

    Muhammad and Yeasin 2020, section III: O = U S V^T with a row for each position and a column for each
    channel, map = O V_1 (nothing is subtracted from O before). The direction's sign is free; it is the one
    in which the map adds up to more than zero. The class plays no part.
    """
    rows = activation.flatten(2).transpose(1, 2).double()  # [N, positions, C]
    if rows.shape[1] <= rows.shape[2]:
        values, vectors = torch.linalg.eigh(rows @ rows.transpose(1, 2))
        projected = vectors[..., -1] * values[..., -1:].clamp_min(0).sqrt()  # O V_1 = s_1 U_1
    else:
        _, vectors = torch.linalg.eigh(rows.transpose(1, 2) @ rows)
        projected = (rows @ vectors[..., -1:])[..., 0]
    projected = torch.where(projected.sum(1, keepdim=True) < 0, -projected, projected)
    return projected.unflatten(1, activation.shape[2:]).relu().to(activation.dtype)
