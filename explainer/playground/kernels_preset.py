"""Kernels with a name, for windows of any size, and the weights of a layer made of them.

A larger kernel is the classic one of 3x3 seen through a blur: its factors (or the kernel itself) convolved
with binomial coefficients, the discrete Gaussian. Sobel of 5x5 is then what textbooks print, up to a factor
that keeps its answers as large as those of 3x3.

Sources: I. Sobel and G. Feldman, A 3x3 isotropic gradient operator, 1968; W. K. Pratt, Digital Image
Processing, 4th ed. 2007, chapter 15; M. Aubury and W. Luk, Binomial filters, 1996.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.playground.convolution import Convolution, Pair
from explainer.wording import later


@dataclass(frozen=True)
class Preset:
    """A kernel with a name."""

    title: str
    make: Callable[[Pair], Tensor]
    fits: Callable[[Pair], bool] = lambda shape: True
    """Whether there is one of this shape: a difference needs two numbers."""


def row(count: int) -> Tensor:
    """Return the binomial coefficients of ``count - 1``, divided by their sum: the discrete Gaussian."""
    values = [math.comb(count - 1, k) for k in range(count)]
    return torch.tensor(values, dtype=torch.float32) / 2 ** (count - 1)


def _identity(shape: Pair) -> Tensor:
    made = torch.zeros(shape)
    made[centre(shape)] = 1
    return made


def _box(shape: Pair) -> Tensor:
    return torch.full(shape, 1 / (shape[0] * shape[1]))


def _gaussian(shape: Pair) -> Tensor:
    return torch.outer(row(shape[0]), row(shape[1]))


def _sobel(shape: Pair) -> Tensor:
    return torch.outer(_lifted((1, 2, 1), shape[0]), _lifted((-1, 0, 1), shape[1]))


def _laplacian(shape: Pair) -> Tensor:
    made = torch.zeros(shape)
    for axis, length in enumerate(shape):
        if length >= 3:
            bent, kept = _lifted((1, -2, 1), length), _lifted((0, 1, 0), shape[1 - axis])
            made += torch.outer(bent, kept) if axis == 0 else torch.outer(kept, bent)
    return made


def _sharpen(shape: Pair) -> Tensor:
    return _identity(shape) - _laplacian(shape)


def _emboss(shape: Pair) -> Tensor:
    classic = torch.tensor([[-2.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    blur = _gaussian((shape[0] - 2, shape[1] - 2))
    rows, columns = blur.shape
    lifted = torch.nn.functional.conv_transpose2d(classic[None, None], blur[None, None])
    return lifted[0, 0].reshape(rows + 2, columns + 2)


def _lifted(classic: Sequence[float], length: int) -> Tensor:
    """Return a row of three seen through a blur, so that it is ``length`` long; its nearest of two or one."""
    if length < 3:
        two = {(-1, 0, 1): (-1.0, 1.0), (1, 2, 1): (1.0, 1.0), (0, 1, 0): (0.5, 0.5)}
        return torch.tensor(two[tuple(classic)] if length == 2 else (1.0,))  # type: ignore[index]
    blur, made = row(length - 2), torch.zeros(length)
    for place, value in enumerate(classic):
        made[place : place + length - 2] += value * blur
    return made


PRESETS: Mapping[str, Preset] = {
    "identity": Preset(later("Identity"), _identity),
    "box": Preset(later("Box blur"), _box),
    "gaussian": Preset(later("Gaussian blur"), _gaussian),
    "sharpen": Preset(later("Sharpen"), _sharpen, lambda shape: max(shape) >= 3),
    "sobel-x": Preset(later("Sobel x"), _sobel, lambda shape: shape[1] >= 2),
    "sobel-y": Preset(later("Sobel y"), lambda shape: _sobel(shape[::-1]).T, lambda shape: shape[0] >= 2),
    "laplacian": Preset(later("Laplacian"), _laplacian, lambda shape: max(shape) >= 3),
    "emboss": Preset(later("Emboss"), _emboss, lambda shape: min(shape) >= 3),
    "zeros": Preset(later("All zeros"), torch.zeros),
    "ones": Preset(later("All ones"), torch.ones),
}
RANDOM = "random"
"""Name of a filter of random numbers, as a new layer has them."""
OWN = "own"
"""Name under which a filter with edited weights is shown."""
TAKEN = "/"
"""In the name of a kernel of a network: ``resnet20/layer1.0.conv1/5/2``; ``.../5`` for the whole filter."""
ORDER = ("sobel-x", "sobel-y", "gaussian", "laplacian", "sharpen", "emboss", "box", "identity")
"""What the output channels hold before the reader chooses."""


def centre(shape: Pair) -> Pair:
    """Return the middle of a kernel; of an even side the nearer one, where ``padding="same"`` has it."""
    return (shape[0] - 1) // 2, (shape[1] - 1) // 2


def preset(name: str, shape: Pair) -> Tensor:
    """Return a kernel, float ``shape``; where there is none of this shape the identity."""
    found = PRESETS[name]
    return found.make(shape) if found.fits(shape) else _identity(shape)


def random_filter(inputs: int, shape: Pair, seed: int) -> Tensor:
    """Return a filter as ``nn.Conv2d`` begins with: uniform up to 1 / sqrt(numbers read), [inputs, h, w]."""
    bound = 1 / math.sqrt(inputs * shape[0] * shape[1])
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(inputs, *shape, generator=generator) * 2 - 1) * bound


def fitted(kernel: Tensor, shape: Pair) -> Tensor:
    """Return a kernel [..., h, w] in another shape: cut or filled up with zeros around its centre."""
    made = torch.zeros(*kernel.shape[:-2], *shape)
    spans = []
    for old, new, here, there in zip(
        kernel.shape[-2:], shape, centre((kernel.shape[-2], kernel.shape[-1])), centre(shape), strict=True
    ):
        low, high = max(-here, -there), min(old - here, new - there)
        spans.append((slice(there + low, there + high), slice(here + low, here + high)))
    (to_y, from_y), (to_x, from_x) = spans
    made[..., to_y, to_x] = kernel[..., from_y, from_x]
    return made


def weights(layer: Convolution, names: Sequence[str], taken: Mapping[str, Tensor]) -> Tensor:
    """Return the weights of a layer whose output channels have named filters, float ``layer.weight_shape``.

    A kernel with a name is put on every input channel that is read, divided by their number: the filter then
    sees their mean. A whole filter from a network keeps its kernels one by one.

    Args:
        layer: the settings.
        names: of the filters by output channel; missing ones follow ``ORDER``.
        taken: kernels [h, w] or filters [inputs, h, w] from networks, by name.
    """
    inputs, shape = layer.inputs_each, layer.kernel
    made = []
    for output in range(layer.out_channels):
        name = names[output] if output < len(names) else ORDER[output % len(ORDER)]
        if name == RANDOM:
            made.append(random_filter(inputs, shape, seed=output + 1))
        elif name in taken:
            kernel = fitted(taken[name], shape)
            if kernel.ndim == 3:
                made.append(torch.stack([kernel[i % len(kernel)] for i in range(inputs)]))
            else:
                made.append(kernel.expand(inputs, *shape) / inputs)
        else:
            kernel = preset(name if name in PRESETS else "identity", shape)
            made.append(kernel.expand(inputs, *shape) / inputs)
    return torch.stack(made)
