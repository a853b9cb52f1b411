"""The PyTorch code of a table of shapes."""

from __future__ import annotations


def shape_code(key: str, size: tuple[int, int]) -> str:
    """Return a script that prints a network's shapes twice: from the trace, and with forward hooks alone.

    It runs in a fresh interpreter in the project's folder.

    Args:
        key: of the catalogue.
        size: height and width of the input.
    """
    height, width = size
    channels = 1 if key == "lenet5" else 3
    return f"""\
import torch
from explainer.models.published import construct
from explainer.tracing import cost, receptive_fields, trace

with torch.device("meta"):  # shapes without numbers: no memory, no download
    model = construct("{key}").eval()
    images = torch.empty(1, {channels}, {height}, {width})
recorded = trace(model, images)
costs, fields = cost(recorded), receptive_fields(recorded)
for node in recorded.nodes:
    spent = costs[node]
    print(node.name, tuple(node.shape[1:]), spent.parameters, spent.flops // 2, fields[node].size)

# The shapes with PyTorch alone: every module without children says what it returned.
def say(name):
    return lambda module, args, output: print(name, tuple(output.shape[1:]))

for name, module in model.named_modules():
    if not list(module.children()):
        module.register_forward_hook(say(name))
model(images)
"""
