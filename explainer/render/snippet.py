"""The PyTorch code that prints the number on the screen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.tracing import Node


@dataclass(frozen=True)
class Origin:
    """Where model and image of a trace come from, in words that code can use."""

    model: str
    """Key for ``load_model``."""
    weights: str
    """``"default"`` or ``"none"``."""
    image: str
    """An expression that gives the image, such as ``sample("coffee").load()``."""
    imports: tuple[str, ...]
    """Lines that the expression needs."""
    loader: str = ""
    """An expression that opens the model, where that is not ``load_model`` with key and weights alone."""


def quoted(text: str) -> str:
    """Return a Python literal: a file's or module's name may come from anyone, and readers run this code."""
    return json.dumps(text, ensure_ascii=False)


def opener(origin: Origin) -> str:
    """Return an expression that opens the network."""
    weights = "" if origin.weights == "default" else f", weights={quoted(origin.weights)}"
    return origin.loader or f"load_model({quoted(origin.model)}{weights})"


def opening_lines(origin: Origin, *imports: str, image: bool = True) -> list[str]:
    """Return the lines that open the network as ``loaded`` and, if wanted, make its input ``images``."""
    loader = opener(origin)
    loading = ("from explainer.models import load_model",) if loader.startswith("load_model(") else ()
    random = "  # random weights, the same every time" if origin.weights == "none" else ""
    lines = [*dict.fromkeys((*origin.imports, *imports, *loading)), "", f"loaded = {loader}{random}"]
    if image:
        lines.append(f"images = loaded.preprocessing.apply({origin.image})  # [1, C, H, W]")
    return lines


def snippet(
    origin: Origin, node: Node, channel: int | None, y: int | None, x: int | None, *, logits: Node
) -> str:
    """Return a script that reproduces what is on the screen, down to the selected number.

    It runs in a fresh interpreter in the project's folder. Where the node is the output of a module that ran
    once, a comment shows the forward hook that reads the same tensor with PyTorch alone.

    Args:
        origin: where model and image come from.
        node: the operation shown.
        channel: the channel shown, if one is.
        y: row of the number shown, if one is.
        x: its column.
        logits: the network's own last operation; the map adds a softmax behind it.
    """
    what = node.call.description if node.name == node.module else node.kind
    used = ["trace"]
    if channel is not None:
        used += ["maps"] if y is None or x is None else ["explain", "maps"]
    if node.index > logits.index:
        used.append("with_softmax")
    lines = [
        *opening_lines(origin, f"from explainer.tracing import {', '.join(sorted(used))}"),
        "recorded = trace(loaded.model, images)",
    ]
    if node.index > logits.index:
        lines.append(f'recorded = with_softmax(recorded, recorded["{logits.name}"])')
    lines.append(f'node = recorded["{node.name}"]  # {what}')
    if node.name == node.module:
        lines += [
            "",
            "# The same tensor without ConvScope:",
            f'# module = loaded.model.get_submodule("{node.module}")',
            "# module.register_forward_hook(lambda module, args, output: print(output))",
            "# loaded.model(images)",
            "",
        ]
    if channel is None:
        lines.append(f"print(tuple(node.shape))  # {tuple(node.shape)}")
    elif y is None or x is None:
        lines.append(f"print(maps(node)[{channel}])")
    else:
        lines += [
            f"print(maps(node)[{channel}, {y}, {x}].item())",
            f"print(explain(node, {channel}, {y}, {x}).expression)",
        ]
    return "\n".join(lines) + "\n"
