"""What is slow the first time in a process is done while the reader reads."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from threading import Thread


@cache
def warm_up() -> None:
    """Load, in the background and once, what the first step of any optimiser would load.

    PyTorch imports its compiler (about a second) at the first ``torch.optim`` step, and at the first ReLU of
    a tensor without numbers. The teaching pages come to one or the other with the first click.
    """
    Thread(target=import_module, args=("torch._dynamo",), name="warm-up", daemon=True).start()
