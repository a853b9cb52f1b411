"""Which walks are on the screen, as texts in the page's link: written short, read whatever stands there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from explainer.playground.descent import KINDS, Run
from explainer.playground.surfaces import POINTS, Surface, own_surface, surfaces

OWN = "own"
"""Key of the reader's formula among the surfaces."""
FIRST = "valley"
"""The surface to begin with."""
OWN_FORMULA = "sin(2*x) + 0.3*x**2 + y**2"
"""What the reader's formula begins with."""
PARAMETERS = ("surface", "f", "start", "runs", "steps", "batch", "shuffle", "run", "step")
"""Names in the link."""
MOST_RUNS = 6
MOST_STEPS = 500
RATES = (1e-5, 10.0)
"""Smallest and largest learning rate."""
BATCHES = (1, 2, 4, 8, 20, POINTS)
"""Sizes of a mini-batch; each divides the number of points."""
_GENTLE = 0.3
"""Momentum of 0.9 sums gradients up to ten of them: it begins with a smaller learning rate."""


@dataclass(frozen=True)
class Walk:
    """What is walked down, how."""

    key: str
    """Of the surface."""
    surface: Surface
    start: tuple[float, float]
    runs: tuple[Run, ...]
    steps: int
    batch: int
    """Points of a mini-batch; all of them where the surface has no data."""
    shuffle: int
    """Seed of the mini-batches' order."""
    selected: int
    """Which run the arithmetic is shown of."""
    step: int
    """The step looked at."""


def preset_run(surface: Surface, kind: str) -> Run:
    """Return an optimiser with the learning rate that suits a surface."""
    if kind in ("rmsprop", "adam"):
        return Run(kind, surface.adaptive_rate)
    # Rounded, since it stands in links and on sliders.
    rate = surface.rate if kind == "sgd" else float(f"{_GENTLE * surface.rate:.3g}")
    return Run(kind, rate)


def preset_runs(surface: Surface) -> tuple[Run, ...]:
    """Return the optimisers to begin with."""
    return tuple(preset_run(surface, kind) for kind in ("sgd", "momentum", "adam"))


def read_walk(link: Mapping[str, str]) -> Walk:
    """Return what a link asks for; what does not fit falls back to the surface's own.

    Raises:
        ReaderError: the reader's formula cannot be read.
    """
    known = surfaces()
    key = link.get("surface", "")
    if key == OWN:
        surface = own_surface(link.get("f") or OWN_FORMULA)
    else:
        key = key if key in known else FIRST
        surface = known[key]
    steps = _whole(link.get("steps"), 1, MOST_STEPS, surface.steps)
    batch = _whole(link.get("batch"), 1, POINTS, POINTS)
    runs = _runs(link.get("runs", "")) or preset_runs(surface)
    return Walk(
        key,
        surface,
        _start(link.get("start", ""), surface),
        runs,
        steps,
        batch if batch in BATCHES and surface.has_data else POINTS,
        _whole(link.get("shuffle"), 0, 9999, 0),
        _whole(link.get("run"), 0, len(runs) - 1, 0),
        _whole(link.get("step"), 0, steps, steps),
    )


def write_walk(walk: Walk) -> dict[str, str]:
    """Return the link's parameters for a walk; what the surface has by itself is left out."""
    surface = walk.surface
    texts = {
        "surface": (walk.key, FIRST),
        "f": (surface.formula if walk.key == OWN else "", ""),
        "start": (_pair(walk.start), _pair(surface.start)),
        "runs": (_written(walk.runs), _written(preset_runs(surface))),
        "steps": (str(walk.steps), str(surface.steps)),
        "batch": (str(walk.batch), str(POINTS)),
        "shuffle": (str(walk.shuffle), "0"),
        "run": (str(walk.selected), "0"),
        "step": (str(walk.step), str(walk.steps)),
    }
    return {name: text for name, (text, otherwise) in texts.items() if text != otherwise}


def _pair(point: tuple[float, float]) -> str:
    return f"{point[0]:.6g},{point[1]:.6g}"


def _written(runs: tuple[Run, ...]) -> str:
    """Return runs as ``sgd:0.1,momentum:0.01:0.9,rmsprop:0.1:0.999,adam:0.1:0.9:0.999``."""

    def one(run: Run) -> str:
        own = {
            "sgd": (),
            "momentum": (run.momentum,),
            "nesterov": (run.momentum,),
            "rmsprop": (run.beta2,),
            "adam": (run.beta1, run.beta2),
        }[run.kind]
        return ":".join([run.kind, *(f"{value:.6g}" for value in (run.rate, *own))])

    return ",".join(map(one, runs))


def _runs(text: str) -> tuple[Run, ...]:
    found = [_run(part) for part in text[:400].split(",")[:MOST_RUNS]]
    return tuple(run for run in found if run is not None)


def _run(text: str) -> Run | None:
    kind, *numbers = text.split(":")
    values = [_number(one) for one in numbers]
    if kind not in KINDS or not values or any(value is None for value in values):
        return None
    rate, *own = (float(value) for value in values if value is not None)
    if not RATES[0] <= rate <= RATES[1] or not all(0 <= value < 1 for value in own):
        return None
    names = {
        "momentum": ("momentum",),
        "nesterov": ("momentum",),
        "rmsprop": ("beta2",),
        "adam": ("beta1", "beta2"),
    }
    return Run(kind, rate, **dict(zip(names.get(kind, ()), own, strict=False)))


def _start(text: str, surface: Surface) -> tuple[float, float]:
    values = [_number(one) for one in text.split(",")]
    if len(values) != 2 or values[0] is None or values[1] is None:
        return surface.start
    x, y = (
        min(max(value, low), high)
        for value, low, high in zip((values[0], values[1]), surface.low, surface.high, strict=True)
    )
    return x, y


def _number(text: str) -> float | None:
    try:
        value = float(text[:24])
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _whole(text: str | None, low: int, high: int, otherwise: int) -> int:
    if not text or not text.isdecimal() or len(text) > 6:
        return otherwise
    return int(text) if low <= int(text) <= high else otherwise
