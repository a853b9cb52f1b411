"""What shape comes out of a layer, asked of PyTorch itself without computing a number."""

from __future__ import annotations

from math import prod

import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.playground.layer_specs import LayerSpec

Shape = tuple[int, ...]
"""Of one example, without the batch: ``(channels, height, width)``, or ``(features,)`` behind a flatten."""

MOST_NUMBERS = 20_000_000
"""That one layer may put out here."""


def output_shape(spec: LayerSpec, shape: Shape) -> Shape:
    """Return the shape of the layer's output for one example.

    The module is made and run on PyTorch's ``meta`` device, where tensors have shapes but no numbers.

    Raises:
        ReaderError: the layer does not fit behind data of this shape, or puts out too many numbers.
    """
    wanted = wanted_channels(spec)
    if wanted is not None and shape[0] != wanted:
        raise ReaderError(
            "nn.{layer} expects {wanted} channels, but {given} come in.",
            layer=spec.kind, wanted=wanted, given=shape[0],
        )  # fmt: skip
    if spec.kind == "Linear" and shape[-1] != spec["in_features"]:
        raise ReaderError(
            "nn.Linear expects {wanted} numbers, but {given} come in.",
            wanted=spec["in_features"], given=shape[-1],
        )  # fmt: skip
    try:
        with torch.device("meta"), torch.no_grad():
            module: nn.Module = getattr(nn, spec.kind)(**spec.arguments).eval()
            found = tuple(module(torch.empty(1, *shape)).shape[1:])
    except (RuntimeError, ValueError, IndexError) as error:
        raise ReaderError(
            "nn.{layer} does not fit data of the shape {shape}: {reason}",
            layer=spec.kind, shape=" × ".join(map(str, shape)), reason=_reason(spec, shape, error),
        ) from None  # fmt: skip
    if prod(found) > MOST_NUMBERS:
        raise ReaderError(
            "nn.{layer} would put out {count} numbers; up to {limit} are computed here.",
            layer=spec.kind, count=f"{prod(found):,}", limit=f"{MOST_NUMBERS:,}",
        )  # fmt: skip
    return found


def wanted_channels(spec: LayerSpec) -> int | None:
    """Return the number of channels that a layer expects; ``None`` where any will do."""
    found = spec.arguments.get("in_channels", spec.arguments.get("num_features"))
    return found if isinstance(found, int) else None


def _reason(spec: LayerSpec, shape: Shape, error: Exception) -> ReaderError:
    if len(shape) == 1 and spec.kind.endswith("2d"):
        return ReaderError("it needs channels, rows and columns, but only a list of numbers is left.")
    if "kernel_size" in spec.arguments:
        return ReaderError(
            "the kernel is larger than the data with their padding, or the padding than the data."
        )
    return ReaderError("PyTorch says “{words}”", words=str(error).split("\n")[0][:200])
