"""The memory format in which each convolution of a network learns fastest on this device.

Channels last suits most layers. On a CPU it does not suit a wide kernel over small maps: the gradient of the
kernel comes channels first, and to rearrange it takes longer than the convolution saves. So such kernels
stay channels first, and what enters them is rearranged instead, which is little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_KERNEL_TO_MAPS = 4
"""How many times as many numbers a kernel holds as the larger of the maps that enter and leave it.

Measured with ResNet-18 at 64 pixels, where 1, 4 and 16 came out alike."""


def channels_last(model: nn.Module, image: torch.Size, batch: int) -> tuple[nn.Conv2d, ...]:
    """Put a network into channels last, in place, where that is faster.

    Args:
        model: on its device; its state is not touched.
        image: shape of one image, [C, H, W].
        batch: images of a step.

    Returns:
        The convolutions whose kernels stay channels first; compute them within ``fed_channels_first``.
    """
    model.to(memory_format=torch.channels_last)
    device = next(model.parameters()).device
    heavy = _heavy(model, torch.zeros(1, *image, device=device), batch) if device.type == "cpu" else ()
    for layer in heavy:
        layer.weight.data = layer.weight.data.contiguous()
    return heavy


@contextmanager
def fed_channels_first(layers: Iterable[nn.Conv2d]) -> Iterator[None]:
    """Rearrange what enters some layers; the network is as before afterwards."""
    handles = [layer.register_forward_pre_hook(_rearranged) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _rearranged(_: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (given[0].contiguous(), *given[1:])


@torch.no_grad()
def _heavy(model: nn.Module, image: Tensor, batch: int) -> tuple[nn.Conv2d, ...]:
    """Find them by one pass that leaves running statistics and the generator alone."""
    found: dict[nn.Conv2d, None] = {}

    def look(layer: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
        assert isinstance(layer, nn.Conv2d)
        maps = batch * max(given[0].numel(), made.numel())
        spatial = layer.groups == 1 and max(layer.kernel_size) > 1
        if spatial and layer.weight.numel() > _KERNEL_TO_MAPS * maps:
            found[layer] = None

    handles = [layer.register_forward_hook(look) for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    modes = {layer: layer.training for layer in model.modules()}
    try:
        model.eval()(image)
    finally:
        for handle in handles:
            handle.remove()
        for layer, mode in modes.items():
            layer.training = mode
    return tuple(found)
