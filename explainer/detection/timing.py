"""How long a detector takes for a photo on this machine: one thread, in a process of its own.

A process of its own, because PyTorch's number of threads is one for all of a server's readers.
``python -m explainer.detection.timing photo.npy key weights side [...]`` prints a line of JSON for each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from explainer.detection.detections import Picture
from explainer.errors import ReaderError

WARM_UP = 1
PASSES = 5
HEARTBEAT = 0.25
"""Seconds between two looks at the process."""


def timed(
    picture: Picture, detectors: Sequence[tuple[str, str, int]], beat: Callable[[], None] = lambda: None
) -> tuple[float, ...]:
    """Return the median seconds of ``detect`` on one photo for each detector, with all that belongs to it.

    Args:
        picture: uint8 [H, W, 3].
        detectors: key, weights (``"default"``, ``"none"`` or a path) and side of the input of each; 0 for the
            usual side.
        beat: called now and then; what it raises ends the work.

    Raises:
        ReaderError: the process ended early.
    """
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.npy"
        np.save(photo, picture)
        arguments = [str(part) for one in detectors for part in one]
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(photo), *arguments],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
            env=os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            text=True,
        )
        try:
            while process.poll() is None:
                beat()
                time.sleep(HEARTBEAT)
            printed = process.stdout.read().splitlines() if process.stdout else []
        finally:
            process.kill()
            process.communicate()
    if len(printed) != len(detectors):
        raise ReaderError("The times could not be measured: the process that measures has ended early.")
    return tuple(median(json.loads(line)) for line in printed)


def time_detector(key: str, weights: str, side: int, picture: Picture) -> list[float]:
    """Return the seconds of ``PASSES`` runs in this process."""
    import cv2
    import torch

    from explainer.detection import load_detector

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    detector = load_detector(key, weights, side=side)
    seconds = []
    for _ in range(WARM_UP + PASSES):
        begun = time.perf_counter()
        detector.detect([picture])
        seconds.append(time.perf_counter() - begun)
    return seconds[WARM_UP:]


def main(photo: str, *detectors: str) -> None:
    """Print the seconds of each detector as one line of JSON."""
    picture = np.load(photo, allow_pickle=False)
    for key, weights, side in zip(detectors[::3], detectors[1::3], detectors[2::3], strict=True):
        print(json.dumps(time_detector(key, weights, int(side), picture)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
