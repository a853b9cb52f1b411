"""Tracing everything against a plain forward pass (CPU time); its peak memory against plain hooks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.measure import Result, cpu_rounds, milliseconds, ratio
from explainer.tracing import trace

BARS = {
    "resnet50": 1.10,
    "vgg16": 1.10,
    "densenet121": 1.15,
    "mobilenet_v3_large": 1.25,
    "efficientnet_b0": 1.25,
    "tiny_vgg": 1.5,
}
ROUNDS = {"vgg16": 9, "resnet50": 15, "densenet121": 15, "tiny_vgg": 200}
MEMORY_BAR = 1.15


def build(name: str) -> tuple[nn.Module, Tensor]:
    """Make a network with random weights, and an image for it."""
    if name == "tiny_vgg":
        from explainer.models.networks import TinyVGG

        return TinyVGG().eval(), torch.rand(1, 3, 64, 64)
    import torchvision

    return getattr(torchvision.models, name)(weights=None).eval(), torch.rand(1, 3, 224, 224)


def run() -> Iterator[Result]:
    """Measure with one thread; yields one result after the other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name, bar in BARS.items():
            yield _time(name, bar)
    finally:
        torch.set_num_threads(threads)
    for name in BARS:
        if name != "tiny_vgg":  # a few hundred kB, which a process's resident pages do not resolve
            yield _memory(name)


def _time(name: str, bar: float) -> Result:
    model, image = build(name)

    def plain() -> None:
        with torch.no_grad():
            model(image)

    seconds = cpu_rounds({"plain": plain, "trace": lambda: trace(model, image)}, ROUNDS.get(name, 30), 4)
    detail = f"{milliseconds(seconds['trace'])} against {milliseconds(seconds['plain'])} CPU"
    return Result(f"tracing {name} / plain forward", ratio(seconds, "trace", "plain"), bar, detail)


# --- memory: each contender in a process of its own ---------------------------------------------------------


def _memory(name: str) -> Result:
    ours, hooks = (_peak_in_child(name, method) for method in ("trace", "hooks"))
    detail = f"{ours / 2**20:.0f} MB against {hooks / 2**20:.0f} MB over the model"
    return Result(f"peak memory of tracing {name} / hooks", ours / hooks, MEMORY_BAR, detail)


def _peak_in_child(name: str, method: str) -> int:
    command = [sys.executable, "-m", "benchmarks.tracing", name, method]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def peak(name: str, method: str) -> int:
    """Bytes of memory pages that one pass needs at its peak, beyond what the process had before it."""
    torch.set_num_threads(1)
    model, image = build(name)
    small = image[..., :32, :32]
    if name != "vgg16":
        _pass(model, small, method)  # import and initialise everything that is not part of the pass
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest mark so far
    kept = _pass(model, image, method)
    highest = _resident("VmHWM")
    del kept
    return highest - before


def _pass(model: nn.Module, image: Tensor, method: str) -> object:
    if method == "trace":
        return trace(model, image)
    kept: list[object] = []
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # type: ignore[assignment]
    handles = [
        module.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
        for module in model.modules()
    ]
    with torch.no_grad():
        model(image)
    for handle in handles:
        handle.remove()
    return kept


def _resident(field: str) -> int:
    """``VmRSS`` (resident now) or ``VmHWM`` (its highest mark) of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024


if __name__ == "__main__":
    print(peak(*sys.argv[1:3]))
