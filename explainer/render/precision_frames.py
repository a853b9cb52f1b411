"""Frames of mixed precision: a number's bits, the course of a loss scale, how large gradients are."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explainer.tracing.precision import FORMATS, Format
from explainer.training.bits import Held, held
from explainer.training.loss_scale import Magnitudes, Scaled, scale_course

if TYPE_CHECKING:
    from explainer.training.throughput import Speed, Speeds

POWERS = range(25)
"""Powers of two of the loss scales that a histogram can be looked at with."""
_LOWEST = -149
"""Power of two of the first entry of ``Magnitudes.counts``."""
_FEW = 1e-4
"""Of a histogram, so small a share at the lower end is not drawn."""


def number_frame(number: float) -> dict[str, Any]:
    """Return a number in float32, bfloat16 and float16: its bits, what is held, and its neighbours."""
    return {"given": number_text(number), "formats": [_format(held(number, one)) for one in FORMATS.values()]}


def _format(one: Held) -> dict[str, Any]:
    return {
        "name": one.form.name,
        "sign": one.sign,
        "exponent": one.exponent,
        "fraction": one.fraction,
        "power": one.power,
        "kind": one.kind,
        "became": _became(one),
        "error": one.error,
        "given": one.given,
        "below": one.below,
        "value": one.value,
        "above": one.above,
        "texts": {name: number_text(getattr(one, name)) for name in ("below", "value", "above")},
    }


def _became(one: Held) -> str:
    """Return what was lost: ``""``, ``"overflow"``, ``"underflow"``, or ``"few"`` for a subnormal number."""
    if one.kind == "infinite" and not math.isinf(one.given):
        return "overflow"
    if one.kind == "zero" and one.given != 0:
        return "underflow"
    return "few" if one.kind == "subnormal" else ""


def number_text(number: float) -> str:
    """Return a number in up to nine significant digits, with a true minus sign."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    return f"{number:.9g}".replace("-", "−")


# --- the loss scale ---------------------------------------------------------------------------------------


def course(
    steps: int, start: float, interval: int, overflows: Collection[int], limit: float
) -> tuple[Scaled, ...]:
    """Return the course of a loss scale that overflows at certain steps, and wherever it is too large.

    Args:
        steps: how many.
        start: scale of the first step.
        interval: steps in a row without an overflow before a rise.
        overflows: steps whose gradients overflow at any scale, from 0.
        limit: the largest scale that does not make the gradients overflow.
    """
    finite: list[bool] = []
    for step in range(steps):
        scale = scale_course([*finite, True], start=start, interval=interval)[-1].scale
        finite.append(step not in overflows and scale <= limit)
    return scale_course(finite, start=start, interval=interval)


def course_frame(found: Sequence[Scaled], overflows: Collection[int], interval: int) -> dict[str, Any]:
    """Return a course for the browser, in powers of two."""
    return {
        "powers": np.array([math.log2(one.scale) for one in found]),
        "skipped": np.array([one.skipped for one in found], np.uint8),
        "forced": sorted(overflows),
        "interval": interval,
    }


def magnitudes_frame(found: Magnitudes) -> dict[str, Any]:
    """Return how large gradients are, and what float16 loses of them with each scale of ``POWERS``."""
    shares = found.shares
    powers = sorted(shares)
    below = 0.0
    while powers and below + shares[powers[0]] < _FEW:
        below += shares[powers.pop(0)]
    return {
        "low": powers[0] if powers else 0,
        "shares": np.array([shares[power] for power in powers]),
        "below": below,
        "zero": found.zero,
        "count": found.count,
        "vanished": [found.vanished(power) for power in POWERS],
        "overflowed": [found.overflowed(power) for power in POWERS],
        "vanished_bfloat16": vanished_in(found, FORMATS["bfloat16"]),
    }


def vanished_in(found: Magnitudes, form: Format) -> float:
    """Return the share of values, zeros apart, that a format rounds to zero; a tie goes to zero."""
    if not found.count:
        return 0.0
    bound = round(math.log2(form.smallest)) - 1 - _LOWEST
    lost = sum(found.counts[: max(0, bound)]) + (found.exact[bound] if bound >= 0 else 0)
    return lost / found.count


# --- speeds -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One way to compute a step beside float32 in plain layout."""

    speed: Speed
    times: float
    """Images a second, as a multiple."""
    memory: float
    """Bytes, as a multiple."""


def compared(found: Speeds) -> tuple[Compared, ...]:
    """Return every way beside the first."""
    first = found.found[0]
    return tuple(
        Compared(
            one,
            one.images_per_second / first.images_per_second,
            one.memory / first.memory if first.memory else math.nan,
        )
        for one in found.found
    )


def fastest(found: Speeds) -> Speed:
    """Return the fastest way."""
    return max(found.found, key=lambda one: one.images_per_second)
