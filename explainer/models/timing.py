"""How long a forward pass takes on this machine: one picture, one thread, in a process of its own.

A process of its own, because the server's threads work for its readers meanwhile and PyTorch's number of
threads is one for all of them; and because the memory of large networks goes back when it ends.
``python -m explainer.models.timing resnet18 vgg16`` prints a line of JSON for each network.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from statistics import quantiles
from threading import Thread

from explainer.errors import ReaderError

WARM_UP = 2
"""Passes that are not counted: the first ones reserve memory and choose kernels."""
PASSES = 7
"""At least so many are counted, ..."""
SECONDS = 1.0
"""... and more of fast networks, until this time is over, ..."""
MOST = 60
"""... but not more than these."""
HEARTBEAT = 0.25
"""Seconds."""


@dataclass(frozen=True)
class Timing:
    """Forward passes of one network."""

    key: str
    seconds: tuple[float, ...]
    """Of each pass, in order."""

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile, in seconds."""
        low, middle, high = quantiles(self.seconds, n=4, method="inclusive")
        return low, middle, high


def machine() -> str:
    """Return the name of the processor, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def timed(keys: Sequence[str]) -> Generator[Timing | None, None, None]:
    """Yield the timing of each network as soon as it has been measured; closing the iterator ends the work.

    While a network is being measured, ``None`` comes every ``HEARTBEAT`` seconds: a moment to give up.

    Raises:
        ReaderError: the process ended before all were measured.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, *keys],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        text=True,
    )
    lines: Queue[str] = Queue()
    reading = Thread(target=_read, args=(process, lines), daemon=True)
    reading.start()
    try:
        for _ in keys:
            while (line := _next(lines)) is None:
                yield None
            if not line:
                raise ReaderError(
                    "The times could not be measured: the process that measures has ended early."
                )
            row = json.loads(line)
            yield Timing(row["key"], tuple(row["seconds"]))
    finally:
        process.kill()
        process.wait()
        reading.join()


def _read(process: subprocess.Popen[str], lines: Queue[str]) -> None:
    """Hand on what a process prints; an empty text when it has ended."""
    assert process.stdout is not None
    with process.stdout as printed:
        for line in printed:
            lines.put(line)
    lines.put("")


def _next(lines: Queue[str]) -> str | None:
    try:
        return lines.get(timeout=HEARTBEAT)
    except Empty:
        return None


def time_passes(key: str) -> Timing:
    """Time forward passes of a network of the catalogue in this process, batch 1, with random weights.

    How long a pass takes does not depend on what the weights are. They are really filled, not left as
    untouched zeros, which the system would keep in a single page of memory: the large linear layers are
    limited by how fast their weights can be read.
    """
    import torch

    from explainer.models.architectures import entry_size
    from explainer.models.building import blank
    from explainer.models.published import construct

    draw = torch.Generator().manual_seed(0)
    with blank():
        model = construct(key).eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.uniform_(-1, 1, generator=draw).mul_((3 / max(1, parameter[0].numel())) ** 0.5)
    first = next(module for module in model.modules() if isinstance(module, torch.nn.Conv2d))
    images = torch.rand(1, first.in_channels, *entry_size(key), generator=draw)
    seconds: list[float] = []
    with torch.inference_mode():
        for _ in range(WARM_UP):
            model(images)
        while len(seconds) < PASSES or (sum(seconds) < SECONDS and len(seconds) < MOST):
            begun = time.perf_counter()
            model(images)
            seconds.append(time.perf_counter() - begun)
    return Timing(key, tuple(seconds))


def main(keys: Sequence[str]) -> None:
    """Print the timing of each network as one line of JSON."""
    import torch

    torch.set_num_threads(1)
    for key in keys:
        timing = time_passes(key)
        print(json.dumps({"key": timing.key, "seconds": timing.seconds}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
