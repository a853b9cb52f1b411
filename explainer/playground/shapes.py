"""What shape comes out of a layer, asked of PyTorch itself at the cost of one channel."""

from __future__ import annotations

from math import prod

import torch
from torch import nn
from torch.func import functional_call

from explainer.errors import ReaderError
from explainer.playground.layer_specs import LayerSpec

Shape = tuple[int, ...]
"""Of one example, without the batch: ``(channels, height, width)``, or ``(features,)`` behind a flatten."""

MOST_NUMBERS = 20_000_000
"""That one layer may put out here."""


def output_shape(spec: LayerSpec, shape: Shape) -> Shape:
    """Return the shape of the layer's output for one example.

    Rows and columns do not depend on the channels, so a layer of one channel is run. A transposed one
    may put out very much, so it runs on the ``meta`` device, where tensors have shapes but no numbers. For
    the others that is avoided: its first use loads a second's worth of PyTorch.

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
        found = _run(spec, shape)
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


def _run(spec: LayerSpec, shape: Shape) -> Shape:
    if spec.kind == "Linear":
        return (*shape[:-1], spec["out_features"])
    maps = len(shape) == 3
    thin = {"in_channels": 1, "out_channels": 1, "groups": 1, "num_features": 1} if maps else {}
    arguments = {name: thin.get(name, value) for name, value in spec.arguments.items()}
    only_shape = maps and spec.kind != "Flatten"
    device = "meta" if spec.kind == "ConvTranspose2d" else "cpu"
    with torch.device("meta"):  # no random numbers are used up for the weights
        module: nn.Module = getattr(nn, spec.kind)(**arguments).eval()
    given = (1, 1, *shape[1:]) if only_shape else (1, *shape)
    with torch.no_grad():
        # Given here, for Module.to_empty loads another third of a second's worth.
        weights = {name: torch.zeros(one.shape, device=device) for name, one in module.state_dict().items()}
        found = tuple(functional_call(module, weights, torch.zeros(given, device=device)).shape[1:])
    return (spec.arguments.get("out_channels", shape[0]), *found[1:]) if only_shape else found


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
