"""How far a correctly computed number may be from the exact result because its type rounds."""

from __future__ import annotations

import math

import numpy as np
import torch

SMALLEST = float(np.finfo(np.float32).tiny)
"""Below this, float32 results may be flushed to zero."""


def unit_roundoff(tensor: torch.Tensor, *, multiplies: bool = False) -> float:
    """Return the largest relative error of one rounding in this tensor's type, u = eps / 2.

    Args:
        tensor: the output of the operation.
        multiplies: whether it is a matrix product or convolution, which on a CUDA device may round its
            factors to TensorFloat-32 (10 bits of mantissa) first.
    """
    if not tensor.dtype.is_floating_point:
        return 0.0
    unit = torch.finfo(tensor.dtype).eps / 2
    if multiplies and tensor.is_cuda and torch.backends.cudnn.allow_tf32 and tensor.dtype == torch.float32:
        unit = 2.0**-11
    return unit


def sum_tolerance(magnitude: float, count: int, unit: float) -> float:
    """Return how far a sum of ``count`` rounded products may be from the exact one.

    Rounding errors behave like independent ones, so the bound grows with √n: |error| ≤ λ √n u Σ|pᵢ| with
    probability at least 1 − 2 exp(−λ²/2) per step (N. J. Higham and T. Mary, "A New Approach to Probabilistic
    Rounding Error Analysis", SIAM J. Sci. Comput. 41(5), 2019). λ = 4, with two roundings more for the bias
    and the result.

    Args:
        magnitude: Σ|pᵢ| including the bias.
        count: number of products.
        unit: see :func:`unit_roundoff`.
    """
    if unit == 0 or not math.isfinite(magnitude):
        return 0.0
    return 4 * math.sqrt(count + 2) * unit * magnitude + SMALLEST
