"""The PyTorch code that prints the number on the screen."""

from __future__ import annotations

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


def snippet(origin: Origin, node: Node, channel: int | None, y: int | None, x: int | None) -> str:
    """Return a script that reproduces what is on the screen, down to the selected number.

    It runs in a fresh interpreter in the project's folder. Where the node is the output of a module that ran
    once, a comment shows the forward hook that reads the same tensor with PyTorch alone.
    """
    what = node.call.description if node.name == node.module else node.kind
    weights = "" if origin.weights == "default" else f', weights="{origin.weights}"'
    lines = [
        "import torch",
        *origin.imports,
        "from explainer.models import load_model",
        "from explainer.tracing import explain, trace",
        "",
        *(["torch.manual_seed(0)  # these weights are random, not trained"] if weights else []),
        f'loaded = load_model("{origin.model}"{weights})',
        f"image = {origin.image}",
        "images = loaded.preprocessing.apply(image)  # [1, C, H, W]",
        "recorded = trace(loaded.model, images)",
        f'node = recorded["{node.name}"]  # {what}',
    ]
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
        lines.append(f"print(tuple(node.output.shape))  # {tuple(node.shape)}")
    elif y is None or x is None:
        lines.append(f"print(node.output[0, {channel}])")
    else:
        place = f"{channel}, {y}, {x}" if node.output.ndim == 4 else f"{channel}"
        if node.output.ndim == 3:
            place = f"{x}, {channel}"
        lines += [
            f"print(node.output[0, {place}].item())",
            f"print(explain(node, {channel}, {y}, {x}).expression)",
        ]
    return "\n".join(lines) + "\n"
