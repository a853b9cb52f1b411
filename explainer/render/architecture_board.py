"""The landmarks of convolutional networks as the board shows them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from explainer.models.architectures import ARCHITECTURES, Architecture, Block, architecture, digit_accuracy

if TYPE_CHECKING:
    from explainer.models.timing import Timing

AXES = ("parameters", "multiplyAdds", "activations", "time")
COLUMNS = ("title", "year", "depth", "parameters", "multiplyAdds", "activations", "top1", "top5", "time")
DEFAULTS: Mapping[str, Any] = {
    "x": "multiplyAdds",
    "y": "top1",
    "area": "parameters",
    "recipe": "first",
    "sort": "year",
    "down": False,
    "open": "",
}
"""How the board is shown at first; as in ``values.js``."""
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "x": AXES,
    "y": ("top1", "top5"),
    "area": AXES,
    "recipe": ("first", "newest"),
    "sort": COLUMNS,
    "open": tuple(one.key for one in ARCHITECTURES),
}


def board(
    timings: Mapping[str, Timing],
    view: Mapping[str, Any],
    *,
    translate: Callable[[str], str],
    texts: Mapping[str, str],
    carried: Mapping[str, str],
) -> dict[str, Any]:
    """Return the content of the board.

    Args:
        timings: what has been measured on this machine, by network.
        view: how it is shown at first: entries of ``DEFAULTS`` that differ.
        translate: gives a text in the reader's language.
        texts: translations of what the ES modules say.
        carried: query parameters that links to other pages take along.
    """
    content = {
        "networks": [_network(one, translate, carried) for one in ARCHITECTURES],
        "timings": {key: [*timing.quartiles, len(timing.seconds)] for key, timing in timings.items()},
        "texts": dict(texts),
    }
    mark = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {**content, "mark": mark, "view": dict(view)}


def _network(
    one: Architecture, translate: Callable[[str], str], carried: Mapping[str, str]
) -> dict[str, Any]:
    structure = one.structure
    accuracy, count = digit_accuracy()
    own = not one.published
    return {
        "key": one.key,
        "title": one.title,
        "year": one.year,
        "tag": translate(one.tag),
        "idea": translate(one.idea),
        "authors": one.authors,
        "paper": one.paper,
        "venue": one.venue,
        "buildsOn": list(one.builds_on),
        "size": list(structure.size),
        "parameters": structure.parameters,
        "multiplyAdds": structure.multiply_adds,
        "activations": structure.activations,
        "depth": structure.depth,
        "operations": structure.operations,
        "blocks": [block_row(block) for block in structure.blocks],
        "weights": [{"name": w.name, "top1": w.top1, "top5": w.top5} for w in one.published],
        "digits": {"accuracy": accuracy, "count": count} if own else None,
        "shapes": f"?{urlencode({**carried, 'part': 'shapes', 'net': one.key})}",
        "href": f"./?{urlencode({**carried, **network_link(one.key)})}",
    }


def block_row(block: Block) -> dict[str, Any]:
    """Return a block as ``shared/blocks.js`` draws it."""
    return {
        "name": block.name,
        "kind": block.kind,
        "shape": list(block.shape),
        "parameters": block.parameters,
        "multiplyAdds": block.multiply_adds,
    }


def network_link(key: str, *, trained: bool = False) -> dict[str, str]:
    """Return the query that opens a landmark on the Network page without a download.

    Args:
        key: of the network.
        trained: whether its published weights are on this machine.
    """
    bundled = key == "lenet5"
    return {"model": key} if bundled or trained else {"model": key, "weights": "none"}


def read_view(link: Mapping[str, str]) -> dict[str, Any]:
    """Return what a link says of how the board is shown; what it cannot mean is left out."""
    found: dict[str, Any] = {
        name: link[name] for name, allowed in _CHOICES.items() if link.get(name) in allowed
    }
    return found | ({"down": True} if link.get("down") == "1" else {})


def write_view(view: Mapping[str, Any]) -> dict[str, str]:
    """Return the query parameters of how the board is shown, those that are as at first left out."""
    found = {
        name: str(view[name])
        for name, allowed in _CHOICES.items()
        if view.get(name) in allowed and view[name] != DEFAULTS[name]
    }
    return found | ({"down": "1"} if view.get("down") is True else {})


PARAMETERS = (*_CHOICES, "down")
"""Query parameters of the board."""


def structure_code(key: str) -> str:
    """Return a script that measures what the table says of a network.

    It runs in a fresh interpreter in the project's folder.
    """
    height, width = architecture(key).structure.size
    channels = 1 if key == "lenet5" else 3
    source = "explainer/models/networks.py" if key == "lenet5" else f"torchvision.models.{key}"
    return f"""\
import torch
from explainer.models.published import construct
from explainer.tracing import cost, trace

with torch.device("meta"):  # shapes without numbers: no memory, no download
    model = construct("{key}").eval()  # {source}
    images = torch.empty(1, {channels}, {height}, {width})
recorded = trace(model, images)
costs = cost(recorded).values()
print("parameters   ", sum(one.parameters for one in costs))
print("multiply-adds", sum(one.flops for one in costs) // 2)

depth = {{}}  # convolutions and linear layers on the longest path to a node
for node in recorded.nodes:
    before = max((depth[source] for source in node.inputs), default=0)
    depth[node] = before + (node.kind in ("conv2d", "linear"))
print("depth        ", depth[recorded.nodes[-1]])
"""
