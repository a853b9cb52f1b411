"""The input that excites a channel, found by climbing its gradient from noise.

Erhan et al. (2009), Visualizing higher-layer features of a deep network. Left alone, the climb ends in
high-frequency noise; what holds it back is taken from Yosinski et al. (2015), Understanding neural networks
through deep visualization (decay and blur as steps of their own), Mahendran and Vedaldi (2015), Understanding
deep image representations by inverting them (total variation), and Olah et al. (2017), Feature visualization
(random transformations; an image made of frequencies and of colours that do not go together in photographs).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from explainer.errors import ReaderError
from explainer.models import LoadedModel
from explainer.tracing import Node, Trace, extent, replay_from, trace
from explainer.tracing.arithmetic import arranged
from explainer.tracing.operations import operation

Progress = Callable[[int, int, Tensor], None]
"""Told the steps done, the steps in all, and the picture so far, float [3 or 1, H, W] in 0..1."""

_COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the covariance of colours in ImageNet's photographs, from Lucid (tensorflow/lucid, 2018)."""
_START = 0.01
"""Standard deviation of the noise to begin with, before the frequencies are weighed."""
POINTS = 50
"""About how many times the excitement is measured on the way."""
_RECTIFIERS = frozenset({"relu", "relu6", "hardtanh", "threshold"})
_SILENT = (
    "Channel {channel} of {name} has no gradient anywhere near the beginning: nothing leads uphill. "
    "Try another seed or another channel."
)


@dataclass(frozen=True)
class Settings:
    """How to climb. The defaults look best on this project's own networks."""

    steps: int = 200
    rate: float = 0.05
    """Step size of Adam (Kingma and Ba, 2015)."""
    fourier: bool = True
    """Optimise frequencies, all scaled alike, and uncorrelated colours; else single pixels."""
    jitter: int = 4
    """Largest shift in pixels, another one at each step."""
    rotation: float = 5.0
    """Largest turn in degrees, likewise."""
    scaling: float = 0.08
    """Largest enlargement or reduction, as a fraction, likewise."""
    decay: float = 0.0
    """Share by which the picture is pulled back to grey after each step."""
    blur: float = 0.0
    """Standard deviation in pixels of the Gaussian that smooths the picture after each step."""
    total_variation: float = 0.2
    """Weight of the difference between neighbouring pixels against the channel's gradient."""
    whole: bool = True
    """Excite the channel everywhere; else only its unit in the middle."""
    seed: int = 0


UNIT = Settings(jitter=1, rotation=2.0, scaling=0.02, whole=False)
"""For one unit: it looks at one place, so the picture must not be moved about under it as much."""


@dataclass(frozen=True, eq=False)
class FeatureImage:
    """An input made to excite a channel."""

    image: Tensor
    """float32 [3, H, W] in 0..1 ([1, H, W] for a network of grey pictures)."""
    activations: tuple[tuple[int, float], ...]
    """After how many steps, and how strongly the picture as it stood excited the channel: the mean of its
    plane, or its middle unit. The first is the beginning, the last the end; some fifty in between."""


def visualise(
    loaded: LoadedModel,
    layer: str,
    channel: int,
    settings: Settings = Settings(),
    *,
    recorded: Trace | None = None,
    progress: Progress | None = None,
) -> FeatureImage:
    """Make the input that excites one channel of a layer.

    Gradients flow to the picture alone, through what a trace recorded; the shared model is not touched and
    no global random number is drawn. The same settings give the same picture.

    Args:
        loaded: the network.
        layer: name of a node whose output has channels.
        channel: which of them.
        settings: how to climb.
        recorded: a trace of any picture through ``loaded.model``, if there is one at hand.
        progress: told after each step; may raise ``Cancelled``.

    Raises:
        ReaderError: no such layer or channel, or the channel stays silent whatever it is shown.
    """
    if recorded is None:
        size = loaded.preprocessing.size
        recorded = trace(loaded.model, torch.zeros(1, len(loaded.preprocessing.mean), *size))
    node = _target(recorded, layer, channel)
    generator = torch.Generator().manual_seed(settings.seed)
    canvas = _Canvas(tuple(recorded.input.shape[1:]), settings.fourier)
    mean, std = (
        torch.tensor(v).view(1, -1, 1, 1) for v in (loaded.preprocessing.mean, loaded.preprocessing.std)
    )

    def excitement(image: Tensor) -> Tensor:
        made = replay_from(recorded, {recorded.input: (image - mean) / std}, (node,))[node]
        plane = arranged(node, made)[channel]
        return plane.mean() if settings.whole else plane[plane.shape[0] // 2, plane.shape[1] // 2]

    leaf = canvas.noise(generator)
    climb = _Adam(leaf, settings.rate)
    every = max(1, math.ceil(settings.steps / POINTS))
    activations = []
    with torch.inference_mode(False), torch.enable_grad():
        for step in range(settings.steps + 1):
            image = canvas.image(leaf.requires_grad_())
            shown = image.detach()
            if step % every == 0 or step == settings.steps:
                with torch.no_grad():
                    activations.append((step, float(excitement(shown))))
            if progress is not None:
                progress(step, settings.steps, shown[0])
            if step == settings.steps:
                break
            uphill = _slope(excitement, _Moves.draw(settings, generator), image)
            if step == 0 and not uphill.any():
                raise ReaderError(_SILENT, channel=channel, name=layer)
            uphill = uphill / (uphill.square().mean().sqrt() + 1e-12)
            uphill = uphill - settings.total_variation * _roughness(shown)
            (gradient,) = torch.autograd.grad(image, leaf, uphill)
            leaf = canvas.smoothed(climb.step(leaf.detach(), gradient) * (1 - settings.decay), settings.blur)
    return FeatureImage(shown[0], tuple(activations))


def _target(recorded: Trace, layer: str, channel: int) -> Node:
    if layer not in recorded:
        raise ReaderError("This network has no operation called {name}.", name=layer)
    count = extent(recorded[layer])[0]
    if not 0 <= channel < count:
        raise ReaderError(
            "{name} has no channel {channel}: it counts from 0 to {last}.",
            name=layer,
            channel=channel,
            last=count - 1,
        )
    return recorded[layer]


def _slope(excitement: Callable[[Tensor], Tensor], moves: _Moves, image: Tensor) -> Tensor:
    """Return the gradient of the excitement by a moved picture; past rectifiers that are off if need be."""
    for passing in (nullcontext(), _PastRectifiers()):
        with passing:
            score = excitement(moves.apply(image))
        if score.requires_grad:
            (gradient,) = torch.autograd.grad(score, image, retain_graph=True)
            if gradient.any():
                return gradient
    return torch.zeros_like(image)


class _PastRectifiers(TorchFunctionMode):
    """Lets a little through rectifiers where they are off, so that a silent channel can be woken."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        known = operation(func)
        if known is not None and known.kind in _RECTIFIERS and args:
            return F.leaky_relu(args[0], 0.1)
        return func(*args, **(kwargs or {}))


class _Canvas:
    """How numbers to optimise become a picture [1, C, H, W] in 0..1."""

    def __init__(self, shape: tuple[int, ...], fourier: bool) -> None:
        channels, height, width = shape
        self.fourier = fourier
        self.size = height, width
        rows, columns = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None]
        self.frequencies = (rows.square() + columns.square()).sqrt()
        self.shape = (channels, *self.frequencies.shape, 2) if fourier else shape
        # Photographs have little power at high frequencies: about 1/f of the amplitude (Olah et al., 2017).
        self.weights = (height * width) ** 0.5 / 4 / self.frequencies.clamp_min(1 / max(height, width))
        colours = torch.tensor(_COLOURS)
        self.colours = colours / colours.norm(dim=0).max() if channels == 3 else None

    def noise(self, generator: torch.Generator) -> Tensor:
        return torch.randn(self.shape, generator=generator) * _START

    def image(self, leaf: Tensor) -> Tensor:
        if self.fourier:
            leaf = torch.fft.irfft2(torch.view_as_complex(leaf) * self.weights, s=self.size)
            if self.colours is not None:
                leaf = torch.einsum("ij,jhw->ihw", self.colours, leaf)
        return leaf.sigmoid()[None]

    def smoothed(self, leaf: Tensor, sigma: float) -> Tensor:
        if not sigma:
            return leaf
        kept = torch.exp(-2 * (math.pi * sigma * self.frequencies).square())
        if self.fourier:
            return leaf * kept[..., None]
        return torch.fft.irfft2(torch.fft.rfft2(leaf) * kept, s=self.size)


class _Adam:
    """Kingma and Ba (2015), Adam, algorithm 1, uphill."""

    def __init__(self, leaf: Tensor, rate: float) -> None:
        self.rate = rate
        self.mean, self.square = torch.zeros_like(leaf), torch.zeros_like(leaf)
        self.steps = 0

    def step(self, leaf: Tensor, gradient: Tensor) -> Tensor:
        self.steps += 1
        self.mean.lerp_(gradient, 0.1)
        self.square.lerp_(gradient.square(), 0.001)
        mean, square = self.mean / (1 - 0.9**self.steps), self.square / (1 - 0.999**self.steps)
        return leaf + self.rate * mean / (square.sqrt() + 1e-8)


@dataclass(frozen=True)
class _Moves:
    """One random shift, turn and change of scale; grey comes in at the edges."""

    angle: float
    size: float
    down: float
    right: float

    @classmethod
    def draw(cls, settings: Settings, generator: torch.Generator) -> _Moves:
        angle, size, down, right = (2 * torch.rand(4, generator=generator) - 1).tolist()
        return cls(
            math.radians(settings.rotation * angle),
            1 + settings.scaling * size,
            settings.jitter * down,
            settings.jitter * right,
        )

    def apply(self, image: Tensor) -> Tensor:
        if self == _Moves(0.0, 1.0, 0.0, 0.0):
            return image
        height, width = image.shape[-2:]
        cos, sin = math.cos(self.angle) / self.size, math.sin(self.angle) / self.size
        turn = [
            [cos, -sin * height / width, 2 * self.right / width],
            [sin * width / height, cos, 2 * self.down / height],
        ]
        grid = F.affine_grid(torch.tensor([turn]), list(image.shape), align_corners=False)
        return F.grid_sample(image - 0.5, grid, align_corners=False) + 0.5


def _roughness(image: Tensor) -> Tensor:
    """Return the gradient of the total variation (smoothed where neighbours are nearly equal)."""
    slope = torch.zeros_like(image)
    for axis in (2, 3):
        step = image.diff(dim=axis)
        step = step / (step.square() + 1e-4).sqrt()
        slope.narrow(axis, 1, step.shape[axis]).add_(step)
        slope.narrow(axis, 0, step.shape[axis]).sub_(step)
    return slope
