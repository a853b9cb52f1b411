"""A run's state on disk: written beside and renamed, so that a killed process leaves the one before it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import get_native_id
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

LAST = "last.pt"


def written(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` make a file, and put it in its place when it is whole and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Of this thread alone: two readers may bring the same data set along at once.
    part = path.with_name(f"{path.name}.{get_native_id()}.part")
    try:
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def save_state(folder: Path, state: dict[str, Any]) -> None:
    """Write everything that a run needs to go on."""
    written(folder / LAST, lambda path: torch.save(state, path))


def saved_state(folder: Path) -> dict[str, Any] | None:
    """Return what ``save_state`` wrote; ``None`` before the first time."""
    path = folder / LAST
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def save_weights(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write weights as safetensors."""
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    written(path, lambda part: save_file(plain, part, metadata))


def save_text(path: Path, text: str) -> None:
    """Write a text."""
    written(path, lambda part: part.write_text(text, encoding="utf-8"))
