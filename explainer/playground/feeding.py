"""Building blocks at work: fed with real feature maps, recorded, measured.

A block stands behind the first layers of the bundled ResNet-20, which this project trained on CIFAR-10. So
its input are feature maps of a photograph, and where the block is the network's own, so are its weights.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.models import load_model
from explainer.models.building import SEED, seeded
from explainer.models.preprocessing import Preprocessing
from explainer.playground import blocks
from explainer.samples import sample
from explainer.tracing import Node, Trace, cost, receptive_fields, trace
from explainer.wording import later

if TYPE_CHECKING:
    from PIL import Image

BACKBONE = "resnet20"
STAGE_OF = MappingProxyType({16: 1, 32: 2, 64: 3})
"""Where the input with so many channels is taken: behind the first block of this stage."""
SIDE_OF = MappingProxyType({16: 32, 32: 16, 64: 8})
"""Height and width of that input."""
PHOTOGRAPHS = ("chelsea", "coffee", "astronaut", "rocket", "camera", "coins", "brick", "grass")
"""Samples that batch norm has seen: their mean and variance are its running statistics."""
GATE_GAIN = 3.0
"""By how much the random weights of gates are larger than He initialisation makes them."""

Knob = tuple[int, ...]
"""The values that a number may have, the usual one first."""


@dataclass(frozen=True)
class BlockKind:
    """One kind of block."""

    key: str
    """Stands in links, and is the block's name in a trace."""
    title: str
    paper: str
    make: Callable[..., nn.Module]
    """Takes the channels and the knobs by name."""
    knobs: Mapping[str, Knob]
    """What can be turned; ``skip`` is 1 or 0."""
    idea: str


_STRIDE, _SKIP = (1, 2), (1, 0)

KINDS: Mapping[str, BlockKind] = {
    kind.key: kind
    for kind in (
        BlockKind(
            "plain",
            later("Plain block"),
            "Simonyan & Zisserman, 2015",
            blocks.PlainBlock,
            {"stride": _STRIDE},
            later("Two convolutions in a row: the output is what they make of the input, nothing else."),
        ),
        BlockKind(
            "residual",
            later("Residual block"),
            "He et al., 2016",
            blocks.ResidualBlock,
            {"stride": _STRIDE, "skip": _SKIP},
            later(
                "The input is added to what the convolutions make of it, so they only learn the difference."
            ),
        ),
        BlockKind(
            "bottleneck",
            later("Bottleneck"),
            "He et al., 2016",
            blocks.Bottleneck,
            {"reduction": (4, 2, 8), "stride": _STRIDE, "skip": _SKIP},
            later("A 1×1 convolution makes the channels fewer before the costly 3×3, another restores them."),
        ),
        BlockKind(
            "inception",
            later("Inception module"),
            "Szegedy et al., 2015",
            blocks.Inception,
            {"stride": _STRIDE},
            later(
                "Kernels of several sizes look at the same input; their maps stand side by side in the "
                "output."
            ),
        ),
        BlockKind(
            "fire",
            later("Fire module"),
            "Iandola et al., 2016",
            blocks.Fire,
            {"reduction": (4, 2, 8)},
            later("Few channels in the middle, then 1×1 and 3×3 kernels side by side."),
        ),
        BlockKind(
            "dense",
            later("Dense block"),
            "Huang et al., 2017",
            blocks.DenseBlock,
            {"growth": (8, 2, 4, 12, 16)},
            later("Every layer reads all maps before it and adds a few of its own; nothing is overwritten."),
        ),
        BlockKind(
            "separable",
            later("Depthwise separable"),
            "Howard et al., 2017",
            blocks.DepthwiseSeparable,
            {"stride": _STRIDE},
            later("One kernel for each channel looks around, then a 1×1 convolution mixes the channels."),
        ),
        BlockKind(
            "inverted",
            later("Inverted residual"),
            "Sandler et al., 2018",
            blocks.InvertedResidual,
            {"expansion": (6, 1, 2, 3, 4), "stride": _STRIDE, "skip": _SKIP},
            later("Wide inside and narrow at the ends; the shortcut joins the narrow ends."),
        ),
        BlockKind(
            "excitation",
            later("Squeeze-and-excitation"),
            "Hu et al., 2018",
            blocks.SEResidual,
            {"reduction": (4, 2, 8, 16), "stride": _STRIDE, "skip": _SKIP},
            later("The mean of every map decides by how much each channel is turned up or down."),
        ),
        BlockKind(
            "convnext",
            later("ConvNeXt block"),
            "Liu et al., 2022",
            blocks.ConvNeXtBlock,
            {"expansion": (4, 1, 2), "kernel": (7, 3, 5), "skip": _SKIP},
            later("One large kernel for each channel, then a small dense network at every pixel."),
        ),
    )
}


@dataclass(frozen=True)
class Choice:
    """A block with its settings."""

    kind: str
    channels: int = 16
    """Of the input: a key of ``STAGE_OF``."""
    knobs: tuple[tuple[str, int], ...] = ()
    """Name and value of what is not as usual."""

    @property
    def settings(self) -> dict[str, int]:
        """All knobs of the kind with their values."""
        own = KINDS[self.kind].knobs
        return {name: values[0] for name, values in own.items()} | {k: v for k, v in self.knobs if k in own}

    @property
    def code(self) -> str:
        """Python that makes this very choice."""
        knobs = f", knobs={self.knobs!r}" if self.knobs else ""
        return f'Choice("{self.kind}", channels={self.channels}{knobs})'


@dataclass(frozen=True, eq=False)
class Fed:
    """A block behind the layers that feed it."""

    choice: Choice
    model: nn.Module
    """``stem``, then the block under its own key."""
    block: nn.Module
    trained: bool
    """Whether the block's weights were learned where it stands; random ones otherwise."""
    preprocessing: Preprocessing


@dataclass(frozen=True)
class Figures:
    """What a block costs and sees."""

    parameters: int
    multiply_adds: int
    depth: int
    """Layers with weights (convolutions, dense layers) on the longest way through."""
    field: int
    """Side of the receptive field of an output in cells of the block's input; 0 where it is the whole map."""
    local_field: int
    """Without what looks at the whole map at once (the gate of squeeze-and-excitation)."""


class Stem(nn.Module):
    """The first layers of the trained ResNet-20, up to the first block of a stage."""

    def __init__(self, backbone: nn.Module, channels: int) -> None:
        super().__init__()
        stage = STAGE_OF[channels]
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv1"], layers["bn1"] = backbone.conv1, backbone.bn1  # type: ignore[assignment]
        self.start = nn.Sequential(layers)
        self.stages = nn.Sequential(*(getattr(backbone, f"layer{n}") for n in range(1, stage)))
        self.first = getattr(backbone, f"layer{stage}")[0]

    def forward(self, images: Tensor) -> Tensor:
        """Map images [N, 3, 32, 32] to feature maps [N, channels, side, side]."""
        return self.first(self.stages(F.relu(self.start(images))))


def feed(choice: Choice, photo: Image.Image) -> tuple[Fed, Trace]:
    """Build a block, let it see a photograph, and record that.

    Random weights are drawn as by He et al. (2015) from a fixed seed. Batch norm then has the mean and the
    variance over some sample photographs as its running statistics, as if it had been trained on them.
    """
    loaded = _backbone()
    images = loaded.preprocessing.apply(photo)
    kind = KINDS[choice.kind]
    settings: dict[str, Any] = dict(choice.settings)
    if "skip" in settings:
        settings["skip"] = bool(settings["skip"])
    with seeded():
        block = kind.make(choice.channels, **settings)
        _draw_weights(block)
    trained = _give_trained(block, choice, loaded.model)
    stem = Stem(loaded.model, choice.channels)
    if not trained:
        _settle_statistics(block, _usual_features(choice.channels))
    block.eval().requires_grad_(False)
    model = nn.Sequential(OrderedDict([("stem", stem), (choice.kind, block)]))
    return Fed(choice, model, block, trained, loaded.preprocessing), trace(model, images)


def figures(fed: Fed, features: Tensor) -> Figures:
    """Measure a block by the trace of it alone.

    Args:
        fed: the block.
        features: its input [1, C, H, W].
    """
    recorded = trace(fed.block, features)
    costs = cost(recorded)
    last = recorded.nodes[-1]
    table = receptive_fields(recorded)[last]
    side = int(table.size[0]) if table.status == "exact" else 0
    return Figures(
        parameters=sum(one.parameters for one in costs.values()),
        multiply_adds=sum(one.flops for one in costs.values()) // 2,
        depth=depth(recorded),
        field=side,
        local_field=side if table.local is None else int(table.local.size[0]),
    )


def depth(recorded: Trace) -> int:
    """Return the number of layers with weights on the longest way from the input to the last node."""
    longest: dict[Node, int] = {}
    for node in recorded.nodes:
        before = max((longest[source] for source in node.inputs), default=0)
        longest[node] = before + (node.kind in ("conv2d", "linear"))
    return longest[recorded.nodes[-1]]


def block_nodes(recorded: Trace, kind: str) -> tuple[Node, ...]:
    """Return the nodes that ran inside the block."""
    return tuple(node for node in recorded.nodes if node.module.split(".")[0] == kind)


def features_of(recorded: Trace, kind: str) -> Node:
    """Return the node whose output the block is fed with."""
    first = block_nodes(recorded, kind)[0]
    return recorded.nodes[first.index - 1]


@cache
def _backbone() -> Any:
    return load_model(BACKBONE)


def _draw_weights(block: nn.Module) -> None:
    """He initialisation; biases zero. Gates are drawn wider, so that they differ before any training."""
    for module in block.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    with torch.no_grad():
        for module in block.modules():
            if isinstance(module, blocks.SqueezeExcitation):
                module.fc1.weight *= GATE_GAIN
                module.fc2.weight *= GATE_GAIN


def _give_trained(block: nn.Module, choice: Choice, backbone: nn.Module) -> bool:
    """Put in the weights of the network's own second block of the stage, where this is that block."""
    own = Choice("residual", choice.channels)
    if choice.kind != "residual" or choice.settings != own.settings:
        return False
    block.load_state_dict(getattr(backbone, f"layer{STAGE_OF[choice.channels]}")[1].state_dict())
    return True


@cache
def _usual_features(channels: int) -> Tensor:
    """Return what the block's place in the network sees of the sample photographs."""
    loaded = _backbone()
    images = torch.cat([loaded.preprocessing.apply(sample(key).load()) for key in PHOTOGRAPHS])
    with torch.no_grad():
        return Stem(loaded.model, channels)(images)


def _settle_statistics(block: nn.Module, features: Tensor) -> None:
    for module in block.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # running statistics are then plain means over the passes, here one
    block.train()
    with torch.no_grad():
        block(features)


__all__ = [
    "KINDS",
    "SEED",
    "SIDE_OF",
    "STAGE_OF",
    "BlockKind",
    "Choice",
    "Fed",
    "Figures",
    "block_nodes",
    "depth",
    "features_of",
    "feed",
    "figures",
]
