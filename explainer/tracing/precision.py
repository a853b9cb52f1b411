"""One forward pass in fewer bits: what bfloat16 and float16 do to every number of a network.

Under ``torch.autocast`` convolutions and matrix products run in a 16-bit format and the rest follows from
their results; weights stay as they are and are rounded for each product. Micikevicius et al., "Mixed
Precision Training" (2018); Kalamkar et al., "A Study of BFLOAT16 for Deep Learning Training" (2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from explainer.tracing.graph import Trace
from explainer.tracing.recorder import trace


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: sign, exponent and fraction, from the left."""

    name: str
    dtype: torch.dtype
    exponent: int
    """Bits of the exponent."""
    fraction: int
    """Bits of the fraction; the significand has one more, which is not stored."""

    @property
    def unit_roundoff(self) -> float:
        """The largest relative error of rounding one number of its normal range: 2 to the -(fraction + 1)."""
        return 2.0 ** -(self.fraction + 1)

    @property
    def largest(self) -> float:
        """The largest finite number; what is larger becomes infinite."""
        return float(torch.finfo(self.dtype).max)

    @property
    def smallest(self) -> float:
        """The smallest positive number (subnormal); what is below half of it becomes zero."""
        return float(torch.finfo(self.dtype).tiny) * 2.0**-self.fraction


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        one.name: one
        for one in (
            Format("float32", torch.float32, 8, 23),
            Format("bfloat16", torch.bfloat16, 8, 7),
            Format("float16", torch.float16, 5, 10),
        )
    }
)
"""The formats that networks are run in, the exact one first."""


@dataclass(frozen=True)
class LayerError:
    """How far one operation's output in few bits is from the same output in float32.

    Errors are relative: 0.01 is one per cent. Numbers that are not finite are counted and left out of them.
    """

    name: str
    relative: float
    """Euclidean norm of the difference over the norm of the reference."""
    largest: float
    """Largest difference over the largest magnitude."""
    mean: float
    """Mean difference over the mean magnitude."""
    rounding: float
    """What ``relative`` would be if only this output were rounded, all before it being exact."""
    peak: float
    """Largest magnitude of the reference."""
    overflowed: int
    """How many numbers became infinite or NaN."""
    vanished: int
    """How many became zero and were not."""
    count: int


def trace_in(model: nn.Module, images: Tensor, dtype: torch.dtype) -> Trace:
    """Trace a forward pass under ``torch.autocast`` of this type, on the device of ``images``.

    The model is only read. Every output is held as it was computed: made again outside of autocast, it would
    come out in another type.

    Args:
        model: any eager module, its weights in float32.
        images: float32 [N, C, H, W].
        dtype: ``torch.bfloat16`` or ``torch.float16``; ``torch.float32`` traces as usual.
    """
    if dtype == torch.float32:
        return trace(model, images)
    with torch.autocast(images.device.type, dtype=dtype):
        recorded = trace(model, images)
        for node in recorded.nodes:
            _ = node.output
    return recorded


def layer_errors(reference: Trace, other: Trace, dtype: torch.dtype) -> tuple[LayerError, ...]:
    """Compare two traces of the same network and images, operation by operation.

    Args:
        reference: the pass in float32.
        other: the pass in ``dtype``.
        dtype: what a single rounding is measured in.

    Returns:
        One entry for each floating-point operation that both have under one name and in one shape, in
        execution order.
    """
    found = []
    for node in reference.nodes:
        if not node.dtype.is_floating_point or node.name not in other:
            continue
        twin = other[node.name]
        if twin.shape == node.shape and twin.dtype.is_floating_point:
            found.append(_error(node.name, node.output, twin.output, dtype))
    return tuple(found)


def _error(name: str, exact: Tensor, low: Tensor, dtype: torch.dtype) -> LayerError:
    exact, low = exact.detach().float(), low.detach().float()
    sound = exact.isfinite()
    overflowed = int((sound & ~low.isfinite()).sum())
    vanished = int(((low == 0) & (exact != 0)).sum())
    peak = _peak(exact.nan_to_num(0.0, 0.0, 0.0))
    if overflowed or not bool(sound.all()):
        both = sound & low.isfinite()
        exact, low = exact[both], low[both]
    difference = low - exact
    return LayerError(
        name=name,
        relative=_ratio(_norm(difference), _norm(exact)),
        largest=_ratio(_peak(difference), _peak(exact)),
        mean=_ratio(_mean(difference), _mean(exact)),
        rounding=_ratio(_norm((exact.to(dtype).float() - exact).nan_to_num(0.0, 0.0, 0.0)), _norm(exact)),
        peak=peak,
        overflowed=overflowed,
        vanished=vanished,
        count=low.numel(),
    )


def _ratio(difference: float, size: float) -> float:
    """Return a relative error; 0 where nothing differs, also from nothing."""
    return difference / size if size else float("inf") if difference else 0.0


def _norm(values: Tensor) -> float:
    return float(torch.linalg.vector_norm(values))


def _peak(values: Tensor) -> float:
    return float(values.abs().max()) if values.numel() else 0.0


def _mean(values: Tensor) -> float:
    return float(values.abs().mean()) if values.numel() else 0.0
