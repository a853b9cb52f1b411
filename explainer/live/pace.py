"""How large a picture the network gets: smaller when it cannot keep up, larger when it has time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Literal

Why = Literal["only", "largest", "slower", "faster", "smallest"]
"""Why it is this size: there is no other; it is the largest and fast enough; a larger one was too slow; there
was time for more than a smaller one; even the smallest is too slow."""

_SAMPLES = 6
"""Runs that are looked at together: one slow run says nothing."""
_TARGET = 0.85
"""Share of the time that a size may be expected to take when it is chosen."""
_LATE = 1.0
"""Share of the time from which a size is too slow. As it is more than ``_TARGET``, sizes do not swing."""
_PATIENCE = 20
"""Runs with time to spare before a larger size is tried; doubled whenever that turned out too slow."""
_MOST_PATIENCE = 640


class Pace:
    """Chooses among input sizes by the time that runs take.

    A run is expected to take time in proportion to the pixels; for small sizes that is too optimistic, and
    another step follows.

    Args:
        sides: sizes to choose among, in pixels; empty for a network that has but one.
        wanted: runs a second.
    """

    def __init__(self, sides: Sequence[int], wanted: float = 10.0) -> None:
        self.sides = tuple(sorted(sides))
        self.budget = 1 / wanted
        self.side = self.sides[-1] if self.sides else None
        self.why: Why = "largest" if len(self.sides) > 1 else "only"
        self._seconds: deque[float] = deque(maxlen=_SAMPLES)
        self._unsettled = True
        self._spare = 0
        self._patience = _PATIENCE
        self._tried = False

    @property
    def seconds(self) -> float | None:
        """What a run takes at this size; ``None`` before there have been a few."""
        return median(self._seconds) if len(self._seconds) == _SAMPLES else None

    def note(self, seconds: float) -> None:
        """Learn what a run at the present size took, and choose the size of the next one."""
        if self._unsettled:  # the first run at a size makes room for it, and is slow
            self._unsettled = False
            return
        self._seconds.append(seconds)
        usual = self.seconds
        if self.side is None or usual is None:
            return
        place = self.sides.index(self.side)
        if self.why == "smallest" and usual <= _LATE * self.budget:
            self.why = "slower"  # it keeps up after all
        if usual > _LATE * self.budget:
            self._smaller(place, usual)
        elif place + 1 < len(self.sides):
            expected = usual * (self.sides[place + 1] / self.side) ** 2
            self._spare = self._spare + 1 if expected < _TARGET * self.budget else 0
            if self._spare >= self._patience:
                self._go(place + 1, "largest" if place + 2 == len(self.sides) else "faster")
                self._tried = True

    def _smaller(self, place: int, usual: float) -> None:
        if place == 0:
            if len(self.sides) > 1:
                self.why = "smallest"
            return
        if self._tried:  # it was the last try that did not work
            self._patience = min(_MOST_PATIENCE, 2 * self._patience)
            self._tried = False
        fits = [
            index
            for index, side in enumerate(self.sides[:place])
            if usual * (side / self.sides[place]) ** 2 <= _TARGET * self.budget
        ]
        self._go(max(fits, default=0), "slower")

    def _go(self, place: int, why: Why) -> None:
        self.side, self.why = self.sides[place], why
        self._seconds.clear()
        self._spare, self._unsettled = 0, True
