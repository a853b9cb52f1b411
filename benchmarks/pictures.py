"""Pictures for the browser against Pillow's RGB PNGs (CPU time), and what the map's frames weigh."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.measure import Result, cpu_rounds, milliseconds, ratio
from explainer.models import LoadedModel, load_model, top_classes
from explainer.render.layer import layer
from explainer.render.overview import overview
from explainer.render.planes import extent_of
from explainer.render.values import values
from explainer.render.wire import pack
from explainer.samples import sample
from explainer.tracing import Node, Trace, trace, with_softmax

STAGES = ("relu", "layer1", "layer2", "layer3", "layer4")
"""The five resolutions of ResNet-50, the last operation of each: 64 + 256 + 512 + 1024 + 2048 channels."""
PICTURE_BAR = 0.06
OVERVIEW_BYTES = 1_500_000
LAYER_BYTES = 2_000_000
NETWORKS = ("tiny_vgg", "resnet50", "densenet121")
FRAME_SECONDS = 0.4
"""What the map may take beyond the forward pass, all in all; the frame's making is a part of it."""
ROUNDS = 7


def run() -> Iterator[Result]:
    """Measure with one thread; yields one result after the other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name in NETWORKS:
            yield from _opening(name)
        resnet = _network("resnet50")
        recorded, _ = _traced(resnet)
        yield _pictures(recorded)
        yield from _weights(recorded)
    finally:
        torch.set_num_threads(threads)


# --- pictures ---------------------------------------------------------------------------------------------


def _pictures(recorded: Trace) -> Result:
    stages = [_last(recorded, name) for name in STAGES]
    count = sum(node.shape[1] for node in stages)
    contenders = {
        "atlas": lambda: [pack({"messages": [layer(node)]}) for node in stages],
        "png": lambda: [_mosaic_png(node.output[0]) for node in stages],
    }
    seconds = cpu_rounds(contenders, ROUNDS)
    sizes = [sum(len(part) for part in make()) / 1e6 for make in contenders.values()]
    detail = (
        f"{milliseconds(seconds['atlas'])} against {milliseconds(seconds['png'])} CPU for {count} channels, "
        f"{sizes[0]:.1f} MB against {sizes[1]:.1f} MB"
    )
    return Result("pictures of five layers / RGB PNGs", ratio(seconds, "atlas", "png"), PICTURE_BAR, detail)


def _last(recorded: Trace, module: str) -> Node:
    return [n for n in recorded.nodes if n.module == module or n.module.startswith(f"{module}.")][-1]


def _mosaic_png(channels: Tensor) -> bytes:
    """One RGB PNG of all channels in a square of tiles, as a page would hand it to ``st.image``."""
    planes = channels.numpy()
    low, high = planes.min((1, 2), keepdims=True), planes.max((1, 2), keepdims=True)
    grey = ((planes - low) * (255 / np.maximum(high - low, 1e-12))).astype(np.uint8)
    count, height, width = grey.shape
    columns = int(np.ceil(count**0.5))
    rows = -(-count // columns)
    tiles = np.zeros((rows * columns, height, width), np.uint8)
    tiles[:count] = grey
    mosaic = tiles.reshape(rows, columns, height, width).transpose(0, 2, 1, 3)
    coloured = _TABLE[mosaic.reshape(rows * height, columns * width)]
    stream = io.BytesIO()
    Image.fromarray(coloured).save(stream, "PNG")
    return stream.getvalue()


_RAMP = np.arange(256)
_TABLE = np.stack([_RAMP, 255 - abs(2 * _RAMP - 255), 255 - _RAMP], axis=1).astype(np.uint8)
"""A colour map [256, 3]; which one does not matter here."""


# --- the opening frame ------------------------------------------------------------------------------------


def _opening(name: str) -> Iterator[Result]:
    network = _network(name)
    # A trace keeps what it has once computed: every round gets its own, made outside the measured time.
    traces = [_traced(network) for _ in range(ROUNDS + 2)]
    image = network.preprocessing.apply(sample("chelsea").load())
    left = iter(traces)

    def frame() -> None:
        _frame(network, *next(left))

    def forward() -> None:
        with torch.no_grad():
            network.model(image)

    seconds = cpu_rounds({"frame": frame, "forward": forward}, ROUNDS)
    weight = len(_frame(network, *_traced(network)))
    spent = float(np.median(seconds["frame"]))
    detail = (
        f"{spent * 1e3:.1f} ms CPU against {FRAME_SECONDS * 1e3:.0f} ms; "
        f"plain forward {milliseconds(seconds['forward'])}"
    )
    yield Result(f"opening frame of {name} / time allowed", spent / FRAME_SECONDS, 1.0, detail)
    yield Result(
        f"opening frame of {name} / bytes allowed",
        weight / OVERVIEW_BYTES,
        1.0,
        f"{weight / 1e6:.2f} MB against {OVERVIEW_BYTES / 1e6:.1f} MB",
    )


def _network(name: str) -> LoadedModel:
    return load_model(name, "default" if name == "tiny_vgg" else "none")


def _traced(network: LoadedModel) -> tuple[Trace, Node]:
    recorded = trace(network.model, network.preprocessing.apply(sample("chelsea").load()))
    logits = recorded.nodes[-1]
    return with_softmax(recorded, logits), logits


def _frame(network: LoadedModel, recorded: Trace, logits: Node) -> bytes:
    model = {"key": network.key, "title": network.title, "trained": network.trained}
    messages = overview(
        recorded,
        key="benchmark",
        model=model | {"classes": list(network.classes)},
        picture=network.preprocessing.as_seen(recorded.input.output),
        predictions=top_classes(logits.output[0], network.classes, k=10),
        logits=logits,
    )
    return pack({"messages": messages})


# --- what any layer weighs --------------------------------------------------------------------------------


def _weights(recorded: Trace) -> Iterator[Result]:
    heaviest = {"layer": (0, ""), "values": (0, "")}
    for node in recorded.nodes:
        size = extent_of(node)
        if size is None:
            continue
        makers = {"layer": partial(layer, node), "values": partial(_middle_values, node, size)}
        for name, make in makers.items():
            weight = len(pack({"messages": [make()]}))
            heaviest[name] = max(heaviest[name], (weight, node.name))
    for name, (weight, where) in heaviest.items():
        yield Result(
            f"heaviest {name} of resnet50 / bytes allowed",
            weight / LAYER_BYTES,
            1.0,
            f"{weight / 1e6:.2f} MB ({where}) against {LAYER_BYTES / 1e6:.1f} MB, "
            f"of {len(recorded.nodes)} operations",
        )


def _middle_values(node: Node, size: tuple[int, int, int]) -> dict[str, object]:
    channels, height, width = size
    return values(node, channels // 2, height // 2, width // 2)
