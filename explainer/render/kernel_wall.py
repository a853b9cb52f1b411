"""What the wall of kernels is sent: a layer's filters, exactly or as bytes, and what it asks for later."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from explainer.layers.kernels import Kernels

WHOLE = 400_000
"""So many weights travel at once, exactly, as float32."""
BYTES = 1_200_000
"""Of larger layers so many weights travel at once, a byte each."""
NEIGHBOURS = 12


def opening(
    found: Kernels, *, name: str, names: Sequence[str] | None = None, folded: bool = False
) -> dict[str, Any]:
    """Return the message that opens a layer's kernels.

    Args:
        found: the filters.
        name: of the layer.
        names: what the output channels are called, if they have names: the classes.
        folded: whether the batch normalisation behind the layer is in them.
    """
    count, inputs, height, width = found.weight.shape
    whole = found.weight.numel() <= WHOLE
    rows = min(count, max(1, BYTES // (inputs * height * width)))
    return {
        "type": "kernels",
        "name": name,
        "form": found.form,
        "shape": [count, inputs, height, width],
        "groups": found.groups,
        "transposed": found.transposed,
        "folded": folded,
        "names": None if names is None or len(names) != count else list(names),
        "peak": found.weight.abs().amax().item(),
        "peaks": found.weight.flatten(1).abs().amax(1),
        "l1": found.l1,
        "l2": found.l2,
        "evenness": found.evenness,
        "bias": None if found.bias is None else found.bias.float(),
        "weights": found.weight.float() if whole else None,
        "rows": None if whole else _rows(found, range(rows)),
    }


def replies(found: Kernels, ask: Mapping[str, Any], *, name: str) -> list[dict[str, Any]]:
    """Return the messages that answer what the wall asked.

    Args:
        found: the filters that are shown.
        ask: ``filter``, the number of one of which the exact weights and the neighbours are wanted; ``rows``,
            numbers of filters whose pictures are wanted, of which as many are sent as fit; ``file``, a flag.
        name: of the layer.
    """
    count = len(found.weight)
    messages: list[dict[str, Any]] = []
    chosen = ask.get("filter")
    if isinstance(chosen, int) and 0 <= chosen < count:
        nearest = found.nearest(chosen, NEIGHBOURS)
        messages.append(
            {
                "type": "filter",
                "filter": chosen,
                "weights": found.weight[chosen].float(),
                "nearest": [[other.filter, other.cosine] for other in nearest],
            }
        )
    wanted = [row for row in ask.get("rows") or () if isinstance(row, int) and 0 <= row < count]
    if wanted:
        messages.append(_rows(found, wanted[: max(1, BYTES // found.weight[0].numel())]))
    if ask.get("file"):
        buffer = io.BytesIO()
        np.save(buffer, found.weight.float().numpy())
        data = np.frombuffer(buffer.getvalue(), np.uint8)
        file = f"{name.replace(':', '-')}.weight.npy"
        messages.append({"type": "file", "serial": ask.get("serial"), "name": file, "data": data})
    return messages


def _rows(found: Kernels, numbers: Sequence[int]) -> dict[str, Any]:
    """Return filters as bytes: q stands for (q − 128) / 127 of the filter's largest magnitude."""
    part = found.weight[list(numbers)].float().flatten(1)
    peaks = part.abs().amax(1, keepdim=True)
    gain = torch.where(peaks > 0, 127 / peaks, torch.zeros_like(peaks))
    pixels = part.mul(gain).add_(128.5).clamp_(1, 255).to(torch.uint8)
    return {"type": "rows", "rows": np.asarray(numbers, np.int32), "pixels": pixels}
