"""How far gradients get: plain and residual networks of 20 and 56 layers, with batch norm and without.

The networks are those that He et al. (2016, section 4.2) made for CIFAR-10: a 3x3 convolution, three stages
of n blocks of two 3x3 convolutions (6 n + 2 layers), global average pooling, one dense layer. They are
narrower here (the paper has 16, 32 and 64 channels), so that one core trains four of them in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.models.building import blank
from explainer.playground.crops import CLASSES, batch

WIDTH = 8
"""Channels of the first stage; the paper's networks have 16."""
DEPTHS = (20, 56)
BATCH = 16
STEPS = 40
"""Optimiser steps of one experiment."""
MOMENTUM = 0.9
SMALL = 0.01
"""Standard deviation of the initialisation "small", usual before 2010, and of every dense layer."""

INITIALISATIONS = ("he", "glorot", "small")


@dataclass(frozen=True)
class Setting:
    """What an experiment is run with, for all its networks alike."""

    batch_norm: bool = True
    initialisation: str = "he"
    rate: float = 0.01
    """Learning rate of SGD with momentum 0.9."""
    seed: int = 0


@dataclass(frozen=True)
class Network:
    """One of the networks of an experiment."""

    depth: int
    residual: bool


NETWORKS = tuple(Network(depth, residual) for depth in DEPTHS for residual in (False, True))


@dataclass(frozen=True)
class Run:
    """What has been measured of one network so far."""

    network: Network
    losses: tuple[float, ...] = ()
    """Cross entropy of the batch before each step."""
    norms: tuple[tuple[float, ...], ...] = field(default=(), repr=False)
    """Before each step the norm of the loss's gradient by each layer's weights, input side first."""

    @property
    def diverged(self) -> bool:
        """Whether the loss stopped being a number; training ends there."""
        return bool(self.losses) and not math.isfinite(self.losses[-1])


class Block(nn.Module):
    """Two 3x3 convolutions; the input is added where the network is residual (shortcuts of option A)."""

    def __init__(self, channels_in: int, channels: int, stride: int, residual: bool, normed: bool) -> None:
        super().__init__()
        self.conv1 = _conv(channels_in, channels, stride, normed)
        self.norm1 = nn.BatchNorm2d(channels) if normed else nn.Identity()
        self.conv2 = _conv(channels, channels, 1, normed)
        self.norm2 = nn.BatchNorm2d(channels) if normed else nn.Identity()
        self.residual, self.stride, self.extra = residual, stride, channels - channels_in

    def forward(self, x: Tensor) -> Tensor:
        """Map [N, C_in, H, W] to [N, C, H / stride, W / stride]."""
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        if self.residual:
            shortcut = x[:, :, :: self.stride, :: self.stride]
            y = y + F.pad(shortcut, (0, 0, 0, 0, 0, self.extra))  # new channels begin as zeros
        return F.relu(y)


class CifarNet(nn.Module):
    """A network of 6 n + 2 layers with weights, images [N, 3, 32, 32] to logits [N, classes]."""

    def __init__(self, depth: int, residual: bool, normed: bool = True, width: int = WIDTH) -> None:
        super().__init__()
        if depth % 6 != 2:
            raise ValueError(f"{depth} is not 6 n + 2")
        self.conv = _conv(3, width, 1, normed)
        self.norm = nn.BatchNorm2d(width) if normed else nn.Identity()
        blocks: list[nn.Module] = []
        channels = width
        for stage in range(3):
            for number in range((depth - 2) // 6):
                stride = 2 if stage and not number else 1
                blocks.append(Block(channels, width << stage, stride, residual, normed))
                channels = width << stage
        self.blocks = nn.Sequential(*blocks)
        self.dense = nn.Linear(channels, len(CLASSES))

    def forward(self, images: Tensor) -> Tensor:
        """Map images to logits."""
        x = F.relu(self.norm(self.conv(images)))
        return self.dense(self.blocks(x).mean((2, 3)))


def _conv(channels_in: int, channels: int, stride: int, normed: bool) -> nn.Conv2d:
    return nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=not normed)


def layers(model: nn.Module) -> list[nn.Module]:
    """Return the layers with weights that count as depth, input side first."""
    return [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def build(network: Network, setting: Setting) -> CifarNet:
    """Return a network whose weights are drawn from the setting's seed; no global generator is touched."""
    with blank():
        model = CifarNet(network.depth, network.residual, setting.batch_norm)
    generator = torch.Generator().manual_seed(setting.seed)
    for layer in layers(model):
        _initialise(layer.weight, setting.initialisation, generator)  # type: ignore[arg-type]
    # Small, so that every network begins by guessing, however large its features have become.
    nn.init.normal_(model.dense.weight, std=SMALL, generator=generator)
    return model


def _initialise(weight: Tensor, how: str, generator: torch.Generator) -> None:
    """Draw weights: He et al. (2015), Glorot & Bengio (2010), or one small deviation for all."""
    if how == "he":
        nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
    elif how == "glorot":
        nn.init.xavier_normal_(weight, generator=generator)
    elif how == "small":
        nn.init.normal_(weight, std=SMALL, generator=generator)
    else:
        raise ValueError(f"no initialisation {how!r}")


def gradient_norms(model: nn.Module) -> tuple[float, ...]:
    """Return the norm of each layer's weight gradient, after ``backward``; layers as ``layers`` has them."""
    return tuple(float(layer.weight.grad.norm()) for layer in layers(model))  # type: ignore[union-attr,operator]


def train(
    setting: Setting,
    steps: int,
    progress: Callable[[int, int, Sequence[Run]], None] = lambda done, total, runs: None,
    networks: Sequence[Network] = NETWORKS,
) -> tuple[Run, ...]:
    """Measure the gradients of all networks before each step and after the last, on the same batches.

    With ``steps=0`` the networks are only measured as they are drawn.

    Args:
        setting: for all networks alike.
        steps: how many optimiser steps to take.
        progress: told how many of how many measurements are done, and what there is so far.
        networks: which.
    """
    models = [build(network, setting) for network in networks]
    optimisers = [torch.optim.SGD(m.parameters(), lr=setting.rate, momentum=MOMENTUM) for m in models]
    runs = [Run(network) for network in networks]
    total = (steps + 1) * len(models)
    for step in range(steps + 1):
        images, labels = batch(BATCH, setting.seed, step)
        for index, (model, optimiser) in enumerate(zip(models, optimisers, strict=True)):
            progress(step * len(models) + index, total, tuple(runs))
            if runs[index].diverged:
                continue
            optimiser.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            runs[index] = replace(
                runs[index],
                losses=(*runs[index].losses, loss.item()),
                norms=(*runs[index].norms, gradient_norms(model)),
            )
            optimiser.step()
    progress(total, total, tuple(runs))
    return tuple(runs)
