"""The structure of a network, measured on a trace without numbers: shapes, parameters, multiply-adds, depth.

The tensors of such a trace have shapes and no memory (PyTorch's *meta* device), so that VGG-16 with its 138
million weights is traced in a hundredth of a second. ``python -m explainer.models.structure`` measures every
network of ``explainer.models.architectures`` and writes ``architectures.json``; a test measures them again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from itertools import groupby
from math import prod
from typing import Any

import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.models.architectures import ARCHITECTURES, FILE, Block, Structure, entry_size
from explainer.models.networks import NETWORKS
from explainer.models.published import construct
from explainer.tracing import Call, Cost, Node, Trace, cost, trace

WEIGHTED = ("conv1d", "conv2d", "conv3d", "linear")
"""Kinds of operations that count as a layer of the depth."""
LARGEST_SIDE = 1024
TITLES = {landmark.key: landmark.title for landmark in ARCHITECTURES}


def blueprint(key: str, size: tuple[int, int] | None = None) -> Trace:
    """Trace a network of the catalogue on tensors that have a shape and no numbers.

    Args:
        key: as in ``catalog()``.
        size: height and width of the input; by default what its weights were trained for.

    Raises:
        ReaderError: a picture of this size is too small for the network.
    """
    height, width = size or entry_size(key)
    with torch.device("meta"):
        model = construct(key).eval().requires_grad_(False)
        images = torch.empty(1, _channels(model), height, width)
    try:
        return trace(model, images)
    except RuntimeError as error:  # a window larger than what is left of the picture
        raise ReaderError(
            "A picture of {height} × {width} pixels does not go through {key}: a window is larger than what "
            "is left, or the linear layers have been made for another size.",
            height=height,
            width=width,
            key=TITLES.get(key, key),
        ) from error


def _channels(model: nn.Module) -> int:
    first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
    return first.in_channels


def measure(recorded: Trace) -> Structure:
    """Add up what a trace says of its network; conventions as in ``Structure``."""
    costs = cost(recorded)
    layers = [node for node in recorded.nodes if node.kind in WEIGHTED]
    return Structure(
        size=(recorded.input.shape[2], recorded.input.shape[3]),
        parameters=sum(one.parameters for one in costs.values()),
        multiply_adds=sum(one.flops for one in costs.values()) // 2,
        activations=sum(prod(node.shape) for node in layers),
        depth=depth(recorded),
        operations=len(recorded.nodes) - 1,
        blocks=blocks(recorded, costs),
    )


def depth(recorded: Trace) -> int:
    """Return how many convolutions and linear layers lie on the longest path from input to output."""
    longest: dict[Node, int] = {}
    for node in recorded.nodes:
        longest[node] = max((longest[source] for source in node.inputs), default=0) + (node.kind in WEIGHTED)
    return longest[recorded.nodes[-1]]


def cut(recorded: Trace) -> tuple[tuple[Node, ...], ...]:
    """Cut a trace into the blocks that its picture is drawn from, the input with what prepares it first.

    A block is a module of the network once its plain ``nn.Sequential`` containers are opened: a bottleneck,
    an inception module, a convolution. What only changes values (a normalisation, an activation, a dropout)
    belongs to the block before it.
    """
    found: list[list[Node]] = [[recorded.input]]
    for _, run in groupby(recorded.nodes[1:], _unit):
        nodes = list(run)
        if any(_shapes(node) for node in nodes):
            found.append(nodes)
        else:
            found[-1] += nodes
    return tuple(map(tuple, found))


def _shapes(node: Node) -> bool:
    """Whether an operation makes a new map, so that it is a block of its own."""
    return node.kind in WEIGHTED or "pool" in node.kind


def blocks(recorded: Trace, costs: Mapping[Node, Cost]) -> tuple[Block, ...]:
    """Return the blocks of ``cut`` with their names, shapes and costs, which add up to the whole."""
    found = []
    for nodes in cut(recorded):
        spent = sum((costs[node] for node in nodes), Cost())
        unit = _unit(nodes[0])
        last = [node for node in nodes if _unit(node) is unit][-1]
        name, kind = (last.name, last.kind) if isinstance(unit, Node) else (unit.path, unit.type)
        found.append(Block(name, kind, tuple(last.shape[1:]), spent.parameters, spent.flops // 2))
    return tuple(found)


def _unit(node: Node) -> Node | Call:
    """Return the outermost call that is no plain container, or the node where it ran in none."""
    chain = []
    call = node.call
    while call.parent is not None:
        chain.append(call)
        call = call.parent
    return next((call for call in reversed(chain) if type(call.module) is not nn.Sequential), node)


def published(key: str) -> Iterator[dict[str, Any]]:
    """Yield what torchvision's own metadata say of each of its ImageNet weights, the oldest first.

    Accuracies in percent on ImageNet-1K's 50,000 validation pictures; ``parameters`` and ``gmacs`` (10⁹
    multiply-adds) are ``num_params`` and ``_ops`` of the metadata.
    """
    import torchvision

    for weights in torchvision.models.get_model_weights(key):
        metrics = weights.meta["_metrics"].get("ImageNet-1K", {})
        if math.isfinite(metrics.get("acc@1", math.nan)):
            yield {
                "name": str(weights),
                "file": weights.url.rsplit("/", 1)[-1],
                "top1": metrics["acc@1"],
                "top5": metrics["acc@5"],
                "parameters": weights.meta["num_params"],
                "gmacs": weights.meta["_ops"],
            }


def measured() -> dict[str, Any]:
    """Return the content of ``architectures.json``."""
    networks = {}
    for one in ARCHITECTURES:
        structure = measure(blueprint(one.key)).as_json()
        weights = [] if one.key in NETWORKS else list(published(one.key))
        networks[one.key] = {"structure": structure, "weights": weights}
    return networks


def write() -> None:
    """Measure all networks and write ``architectures.json``, one line for each block."""
    text = json.dumps(measured(), ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
