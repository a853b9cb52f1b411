"""The PyTorch code that counts what a convolution and its alternatives cost."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from explainer.playground.costs import separable
from explainer.playground.layer_code import write_layer

if TYPE_CHECKING:
    from explainer.playground.costs import Comparison


def costs_code(found: Comparison) -> str:
    """Return a script that prints parameters and multiply-adds of a comparison, one alternative a line.

    On PyTorch's ``meta`` device: nothing is stored and nothing multiplied, however large the dense layer.
    """
    inputs, outputs = prod(found.input_shape), prod(found.output_shape)
    bias = "" if found.spec["bias"] else ", bias=False"
    lines = [
        "import torch",
        "from torch import nn",
        "from torch.utils.flop_counter import FlopCounterMode",
        "",
        'torch.set_default_device("meta")  # shapes without numbers',
        "layers = {",
        f'    "dense": nn.Sequential(nn.Flatten(), nn.Linear({inputs}, {outputs}{bias})),',
        f'    "convolution": {write_layer(found.spec)},',
    ]
    if found.separable is not None:
        depthwise, pointwise = map(write_layer, separable(found.spec))
        lines += [
            '    "separable": nn.Sequential(',
            f"        {depthwise},",
            f"        {pointwise},",
            "    ),",
        ]
    shape = ", ".join(map(str, found.input_shape))
    return "\n".join(
        [
            *lines,
            "}",
            f"images = torch.empty(1, {shape})",
            "for name, layer in layers.items():",
            "    parameters = sum(p.numel() for p in layer.parameters())",
            "    with FlopCounterMode(display=False) as counter:",
            "        layer(images)",
            "    print(name, parameters, counter.get_total_flops() // 2)",
            "",
        ]
    )
