"""The network after each epoch, small enough to keep: the film that a reader can scrub through.

Weights, not pictures: filters, feature maps, Grad-CAM and answers of any image follow from them at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from explainer.training.checkpoint import save_weights

BUDGET = 1 << 30
"""Bytes of all epochs together."""


@dataclass(frozen=True)
class History:
    """Weights by epoch, kernels in float16. Where they are too many, every other epoch gives way."""

    folder: Path
    budget: int = BUDGET

    def epochs(self) -> tuple[int, ...]:
        """Return the epochs that can be looked at, in their order; 0 is before training."""
        return tuple(sorted(int(path.stem) for path in self.folder.glob("*.safetensors")))

    def add(self, epoch: int, weights: Mapping[str, Tensor]) -> None:
        """Keep the weights of an epoch."""
        # Statistics of batch normalisation may be too large for float16.
        small = {
            name: value.half() if value.dtype == torch.float32 and value.ndim > 1 else value
            for name, value in weights.items()
        }
        save_weights(self.path(epoch), small)
        self._thin(epoch)

    def weights(self, epoch: int) -> dict[str, Tensor]:
        """Return the weights of one of ``epochs()``, float32."""
        return {
            name: value.float() if value.dtype == torch.float16 else value
            for name, value in load_file(self.path(epoch)).items()
        }

    def written(self, epoch: int) -> int:
        """Return when the weights of an epoch were written, in nanoseconds; 0 where they are not kept."""
        try:
            return self.path(epoch).stat().st_mtime_ns
        except OSError:
            return 0

    def forget(self, beyond: int) -> None:
        """Drop the epochs after one."""
        for epoch in self.epochs():
            if epoch > beyond:
                self.path(epoch).unlink()

    def path(self, epoch: int) -> Path:
        """Return the file with the weights of an epoch, whether or not it is kept."""
        return self.folder / f"{epoch:05}.safetensors"

    def _thin(self, newest: int) -> None:
        stride = 1
        while sum(self.path(epoch).stat().st_size for epoch in self.epochs()) > self.budget:
            stride *= 2
            kept = {epoch for epoch in self.epochs() if epoch % stride == 0} | {newest}
            if kept == {0, newest} or len(kept) == 1:
                break
            for epoch in set(self.epochs()) - kept:
                self.path(epoch).unlink()
