"""What the view of pooling is sent, the formulas beside it, and the PyTorch code of what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explainer.playground.layer_code import write_layer
from explainer.playground.pooling import Windows, is_max, output_size, pool, shifted, windows

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.playground.layer_specs import LayerSpec

LONGEST = 8
"""Pixels by which the picture can be moved."""


def frame(
    spec: LayerSpec, values: Tensor, shift: tuple[int, int], *, kind: str, serial: float
) -> dict[str, Any]:
    """Return the view's frame without its texts.

    Args:
        spec: the pooling layer.
        values: the input [H, W].
        shift: pixels down and right.
        kind: ``cells`` (0 to 9, to be painted), ``digit`` or ``photo`` (0 black to 1 white).
        serial: of the reader's last change that is in it.

    Raises:
        ReaderError: the layer does not fit the input.
    """
    height, width = values.shape
    where = windows(spec, height, width)
    cells = kind == "cells"
    return {
        "identity": f"{kind}/{height}x{width}",
        "serial": serial,
        "layer": _layer(spec, where),
        "values": values,
        "height": height,
        "width": width,
        "before": pool(spec, values),
        "after": pool(spec, shifted(values, *shift)),
        "shift": list(shift),
        "paints": cells,
        "scale": {"low": 0, "high": 9 if cells else 1, "name": "magnitude" if cells else "grey"},
    }


def _layer(spec: LayerSpec, where: Windows) -> dict[str, Any]:
    return {
        "max": is_max(spec),
        "rows": np.asarray(where.rows, np.int32),
        "columns": np.asarray(where.columns, np.int32),
        "step": list(where.step),
        "includePad": bool(spec.arguments.get("count_include_pad", False)),
        "override": spec.arguments.get("divisor_override"),
        "longest": LONGEST,
    }


def size_formula(spec: LayerSpec, height: int, width: int) -> str:
    """Return the size of the output as LaTeX, with the numbers put in; rows, then columns if they differ."""
    if "output_size" in spec.arguments:
        rows, columns = spec["output_size"]
        return rf"{height} \times {width} \;\to\; {rows or height} \times {columns or width}"
    name = "ceil" if spec["ceil_mode"] else "floor"
    left, right = (rf"\left\l{name}", rf"\right\r{name}")
    symbols = rf"H' = {left} \frac{{H + 2p - d\,(k - 1) - 1}}{{s}} {right} + 1"
    lines = [symbols]
    found = [output_size(spec, size, direction) for direction, size in enumerate((height, width))]
    for side in found if found[0] != found[1] else found[:1]:
        room = rf"{side.size} + 2 \cdot {side.padding} - {side.dilation} \cdot ({side.kernel} - 1) - 1"
        fraction = rf"{left} \frac{{{room}}}{{{side.stride}}} {right} + 1"
        line = rf"= {fraction} \\ = {left} {side.positions:.4g} {right} + 1"
        total = side.output + side.dropped
        line += f" = {total}" + (rf" \;\to\; {side.output}" if side.dropped else "")
        lines.append(line)
    return r"\begin{gathered}" + r" \\[0.6em] ".join(lines) + r"\end{gathered}"


def pooling_code(spec: LayerSpec, values: str, imports: Sequence[str], shift: tuple[int, int]) -> str:
    """Return a script that prints what is pooled before and after the move.

    Args:
        spec: the pooling layer.
        values: an expression that gives the input [H, W].
        imports: lines that it needs.
        shift: pixels down and right.
    """
    down, right = shift
    lines = [
        *dict.fromkeys((*imports, "import torch", "from torch import nn")),
        "",
        f"values = {values}",
        f"pool = {write_layer(spec)}",
        "before = pool(values[None, None])[0, 0]",
        "",
        "height, width = values.shape  # move the picture; its edge is repeated",
        f"rows = (torch.arange(height) - {down}).clamp(0, height - 1)".replace("- -", "+ "),
        f"columns = (torch.arange(width) - {right}).clamp(0, width - 1)".replace("- -", "+ "),
        "after = pool(values[rows][:, columns][None, None])[0, 0]",
        "",
        "print(before)",
        "print(after)",
        'print("unchanged:", (before == after).float().mean().item())',
        "",
    ]
    return "\n".join(lines)
