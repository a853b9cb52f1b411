"""Fair ratios on a noisy machine: alternatives take turns, and what is compared is CPU time of one round."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """One measured figure against its bar."""

    name: str
    ratio: float
    bar: float | None
    """``None`` for a figure that is only stated."""
    detail: str
    """The absolute figures, in words."""

    @property
    def held(self) -> bool:
        return self.bar is None or self.ratio <= self.bar

    def __str__(self) -> str:
        verdict = "held" if self.held else "MISSED"
        bar = "no bar      stated" if self.bar is None else f"bar {self.bar:5.2f}   {verdict:<6}"
        return f"{self.name:<44} {self.ratio:6.2f} x   {bar}   {self.detail}"


def cpu_rounds(
    contenders: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 2
) -> dict[str, list[float]]:
    """Run the contenders in turns; CPU seconds of the process for each round.

    The order alternates, so that a contender that leaves the caches warm does not always help the same one.
    Results are freed inside the measured time.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for index in range(warm_up + rounds):
        for name in names if index % 2 else reversed(names):
            start = time.process_time()
            contenders[name]()
            elapsed = time.process_time() - start
            if index >= warm_up:
                seconds[name].append(elapsed)
    return seconds


def ratio(seconds: Mapping[str, Sequence[float]], name: str, baseline: str) -> float:
    """Median over the rounds of one contender's time divided by another's in the same round."""
    return median(a / b for a, b in zip(seconds[name], seconds[baseline], strict=True))


def milliseconds(seconds: Sequence[float]) -> str:
    """Median, in words."""
    return f"{median(seconds) * 1e3:.1f} ms"
