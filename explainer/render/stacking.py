"""What the view of a chain of layers is sent, and the PyTorch code that measures the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explainer.playground.layer_code import write_chain, write_layer
from explainer.playground.stacking import Stack, Step, window_ranges

if TYPE_CHECKING:
    from PIL import Image


def frame(stack: Stack, photo: Image.Image) -> dict[str, Any]:
    """Return the view's frame without its texts, identity and what is selected.

    Args:
        stack: the chain.
        photo: any picture; its middle square is shown as the input.
    """
    channels, side, _ = stack.input_shape
    shapes = [stack.input_shape, *(step.shape for step in stack.steps)]
    return {
        "channels": channels,
        "side": side,
        "photo": {"width": side, "height": side, "pixels": square(photo, side, grey=channels == 1)},
        "steps": [_step(step, len(before)) for step, before in zip(stack.steps, shapes, strict=False)],
        "parameters": stack.parameters,
        "multiplyAdds": stack.multiply_adds,
    }


def square(photo: Image.Image, side: int, *, grey: bool = False) -> np.ndarray:
    """Return the middle square of a picture, uint8 [side, side, 3]."""
    width, height = photo.size
    size = min(width, height)
    left, top = (width - size) // 2, (height - size) // 2
    small = photo.convert("L" if grey else "RGB").crop((left, top, left + size, top + size))
    return np.asarray(small.resize((side, side)).convert("RGB"))


def _step(step: Step, dimensions_before: int) -> dict[str, Any]:
    shape = step.shape
    flat = len(shape) == 1 or dimensions_before == 1  # behind a flatten every unit may see everything
    return {
        "code": write_layer(step.spec).removeprefix("nn."),
        "kind": step.spec.kind,
        "shape": list(shape),
        "parameters": step.parameters,
        "multiplyAdds": step.multiply_adds,
        "size": list(step.size),
        "stride": list(step.stride),
        "field": None if flat else [step.table.rows, step.table.columns],
        "windows": None if flat else [window_ranges(step, direction) for direction in (0, 1)],
        "step": list(step.spec.arguments.get("dilation", (1, 1))),
    }


def stack_code(stack: Stack) -> str:
    """Return a script that prints shape, receptive field, step and parameters behind every layer."""
    shape = ", ".join(map(str, stack.input_shape))
    return "\n".join(
        [
            "import torch",
            "from torch import nn",
            "",
            "from explainer.tracing import cost, receptive_fields, trace",
            "",
            f"network = {write_chain(stack.specs)}",
            f"recorded = trace(network.eval(), torch.zeros(1, {shape}))",
            "fields, costs = receptive_fields(recorded), cost(recorded)",
            "for node in recorded.nodes:",
            "    table, spent = fields[node], costs[node]",
            "    print(node.name, tuple(node.shape[1:]), table.size, table.stride)",
            "    print(spent.parameters, spent.flops // 2)",
            "",
        ]
    )


def growth(stack: Stack) -> tuple[str, ...]:
    """Return how the receptive field grows, a line of LaTeX for each layer whose window is wider than one.

    ``r_l = r_(l-1) + d_l (k_l - 1) j_(l-1)`` with the distance ``j`` of neighbouring fields, the product of
    the strides before (Araujo et al. 2019); for rows. The numbers on the right are those of the trace. It
    ends where a layer sees everything.
    """
    lines = []
    size, jump = 1, 1
    for number, step in enumerate(stack.steps, 1):
        arguments = step.spec.arguments
        if "output_size" in arguments or len(step.shape) == 1:
            break
        if "kernel_size" not in arguments:
            continue
        kernel, stride = arguments["kernel_size"][0], arguments["stride"][0]
        dilation = arguments.get("dilation", (1, 1))[0]
        if kernel > 1:
            grown = rf"{size} + {dilation} \cdot ({kernel} - 1) \cdot {jump}"
            lines.append(rf"r_{{{number}}} = {grown} = {step.size[0]:g}")
        size, jump = size + dilation * (kernel - 1) * jump, jump * stride
    return tuple(lines)
