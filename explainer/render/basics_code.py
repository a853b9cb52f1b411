"""PyTorch code for the first parts of the foundations: perceptron, activation functions, losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.playground.perceptron import Point, Weights


def perceptron_code(
    points: Sequence[Point], start: Weights, rate: float, order: str, seed: int, longest: int = 600
) -> str:
    """Return a script that runs the learning rule and prints the weights after every look."""
    inputs = ", ".join(f"({point.x1:g}, {point.x2:g})" for point in points)
    targets = ", ".join(str(point.target) for point in points)
    first = ", ".join(f"{one:g}" for one in (start.w1, start.w2, start.b))
    shuffled = order == "shuffled"
    turn = "torch.randperm(len(x), generator=generator).tolist()" if shuffled else "range(len(x))"
    return "\n".join(
        [
            "import torch",
            "",
            "torch.set_default_dtype(torch.float64)",
            f"x = torch.tensor([{inputs}]).reshape(-1, 2)",
            f"t = torch.tensor([{targets}])",
            "x = torch.cat([x, torch.ones(len(x), 1)], dim=1)  # a third input of 1: its weight is the bias",
            f"w = torch.tensor([{first}])  # w1, w2, b",
            *([f"generator = torch.Generator().manual_seed({seed})"] if shuffled else []),
            "",
            f"for epoch in range({longest} // max(1, len(x))):",
            "    mistakes = 0",
            f"    for i in {turn}:",
            "        y = torch.heaviside(w @ x[i], torch.tensor(0.0))  # 1 where z > 0, else 0",
            f"        w = w + {rate:g} * (t[i] - y) * x[i]",
            "        mistakes += int(y != t[i])",
            "        print(epoch + 1, i, w.tolist())",
            "    if mistakes == 0:",
            "        break",
            "",
        ]
    )
