"""A sum of units and the curve it follows, as a frame for the browser; and the PyTorch code of both."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from explainer.playground.approximation import KNOTS, STEPS, WIDTHS, Fit, places


def frame(curve: Tensor, fit: Fit, errors: list[float], units: str) -> dict[str, Any]:
    """Return the frame of a fit.

    Args:
        curve: float32 [POINTS].
        fit: the network.
        errors: of least squares at ``WIDTHS``.
        units: key of the units' kind.
    """
    return {
        "x": places(),
        "curve": curve,
        "parts": fit.parts,
        "w": fit.w,
        "b": fit.b,
        "v": fit.v,
        "c": fit.c,
        "error": fit.error,
        "largest": fit.largest,
        "widths": list(WIDTHS),
        "errors": errors,
        "knots": KNOTS,
        "unitKey": units,
    }


def fit_code(target: str, drawn: str, units: str, width: int, *, trained: bool, seed: int) -> str:
    """Return a script that fits a curve with PyTorch and prints the error on the screen.

    Args:
        target: key of the curve, or ``"own"``.
        drawn: the drawn curve as it stands in the link.
        units: kind of the units.
        width: how many.
        trained: whether everything is learned; else only the sum's weights are solved for.
        seed: of the first weights.
    """
    name, arguments = ("train", f", seed={seed}, steps={STEPS}") if trained else ("least_squares", "")
    making = f'target("{target}")'
    imports = ["places", "target", name]
    if target == "own":
        digits = "".join(one for one in drawn if one in "0123456789")
        making = f'hand_drawn(read("{digits}"))'
        imports = ["hand_drawn", "places", "read", name]
    sigma = {
        "relu": "torch.relu",
        "tanh": "torch.tanh",
        "sigmoid": "torch.sigmoid",
        "step": "lambda z: (z >= 0).float()",
        "square": "torch.square",
    }[units]
    return "\n".join(
        [
            "import torch",
            "",
            f"from explainer.playground.approximation import {', '.join(sorted(imports))}",
            "",
            "x = places()  # 257 places from -1 to 1",
            f"curve = {making}",
            f'fit = {name}(curve, "{units}", {width}{arguments})',
            f"sigma = {sigma}",
            "total = fit.c + sigma(x[:, None] * fit.w + fit.b) @ fit.v  # [257]",
            "print((total - curve).square().mean().sqrt().item(), fit.error)",
            "",
        ]
    )


def depth_code(layers: int) -> str:
    """Return a script that makes the zigzag by a deep network and tries the same with one hidden layer."""
    return "\n".join(
        [
            "import torch",
            "",
            "x = (torch.linspace(-1, 1, 257) + 1) / 2",
            f"for _ in range({layers}):  # each round is one hidden layer of two ReLUs",
            "    x = torch.relu(2 * x) - torch.relu(4 * x - 2)",
            "",
            "from explainer.playground.approximation import least_squares",
            "",
            f'print(least_squares(x, "relu", {2 * layers}).error)  # one hidden layer, as many units',
            f'print(least_squares(x, "relu", {2**layers}).error)  # one unit for each straight piece',
            "",
        ]
    )
