"""The live worker on 640 × 480 frames, 15 a second, with the bundled YOLOX: rates, and a delay that stays."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch

from benchmarks.measure import Result
from explainer.detection import load_detector
from explainer.live.modes import Detection
from explainer.live.worker import LiveWorker, Seen
from explainer.samples import sample

RATE, SECONDS = 15, 20
WIDTH, HEIGHT = 640, 480
WARM_UP = 3.0
"""Seconds in which the first run makes what is needed."""
LEAST_FRAMES, LEAST_RESULTS = 12.0, 10.0
"""A second."""
MOST_DELAY = 0.4
MOST_GROWTH = 1.3
"""Median delay of the last quarter over that of the first."""
MOST_WAIT = 0.008
"""Seconds that a frame may be held up by drawing, in nine cases of ten."""


def film() -> list[np.ndarray]:
    """Return frames of a photograph that moves, as a camera gives them."""
    photo = np.asarray(sample("astronaut").load().resize((WIDTH, WIDTH)))
    steps = [round(40 + 40 * np.sin(2 * np.pi * number / 60)) for number in range(60)]
    return [np.ascontiguousarray(photo[step : step + HEIGHT]) for step in steps]


def run() -> Iterator[Result]:
    """Offer frames at the camera's pace, whatever the worker does; yield rates and delays."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    detector = load_detector("faces_yolox_nano")
    sides_known = tuple(range(224, detector.side + 1, 32))
    worker = LiveWorker(Detection(detector, sides=sides_known, engine="onnxruntime"))
    try:
        shown, waits, delays, sides = _stream(worker, film())
        if (error := worker.figures().error) is not None:
            raise error
    finally:
        worker.close()
        torch.set_num_threads(threads)
    found = len(delays)
    delays.sort()
    late = np.array([delay for _, delay in delays])
    quarter = max(1, found // 4)
    growth = float(np.median(late[-quarter:]) / np.median(late[:quarter]))
    frames, results = shown / SECONDS, found / SECONDS
    median, worst = float(np.median(late)), float(np.quantile(late, 0.95))
    held = float(np.quantile(waits, 0.9))
    last = f"input {sides[-1]} px at the end"
    yield Result(
        f"frames: {LEAST_FRAMES:.0f} a second / shown", LEAST_FRAMES / frames, 1.0, f"{frames:.1f} a second"
    )
    yield Result(
        f"results: {LEAST_RESULTS:.0f} a second / found",
        LEAST_RESULTS / results,
        1.0,
        f"{results:.1f} a second, {last}",
    )
    yield Result(
        f"delay / {1e3 * MOST_DELAY:.0f} ms",
        worst / MOST_DELAY,
        1.0,
        f"{1e3 * median:.0f} ms, 95 of 100 below {1e3 * worst:.0f} ms",
    )
    yield Result("delay at the end / at the start", growth, MOST_GROWTH, f"over {SECONDS} s")
    yield Result(
        f"a frame is held up / {1e3 * MOST_WAIT:.0f} ms",
        held / MOST_WAIT,
        1.0,
        f"90 of 100 below {1e3 * held:.1f} ms",
    )


def _stream(
    worker: LiveWorker, frames: list[np.ndarray]
) -> tuple[int, list[float], list[tuple[float, float]], list[int | None]]:
    """Return frames shown, seconds for which each was held up, moments and delays of results, input sizes."""
    waits: list[float] = []
    delays: list[tuple[float, float]] = []
    sides: list[int | None] = []
    before: Seen | None = None
    shown = 0
    begun = time.monotonic() + WARM_UP
    number = round(-WARM_UP * RATE)
    while (now := time.monotonic()) < begun + SECONDS:
        due = begun + number / RATE
        if now < due:
            time.sleep(due - now)
        number = max(number + 1, int((time.monotonic() - begun) * RATE))  # a camera does not wait either
        arrived = time.monotonic()
        worker.show(frames[number % len(frames)], arrived)
        left = time.monotonic()
        seen = worker.latest()
        if left < begun:
            continue
        shown += 1
        waits.append(left - arrived)
        if seen is not None and seen is not before:
            before = seen
            delays.append((left, left - seen.at))
            sides.append(seen.side)
    return shown, waits, delays, sides
