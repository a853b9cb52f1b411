"""Which pixels move a unit at all: an independent way to its receptive field.

In a copy of a network whose weights are all positive and whose normalisations do nothing, no two paths can
cancel and no ReLU is off, so a pixel has a gradient exactly if it is in the field. Maximum pooling, which
would let a single path through, becomes average pooling over the same windows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.tracing import FieldTable, Node
from explainer.tracing.arithmetic.layout import channels_last
from explainer.tracing.leaves import LEAVES


def positive(model: nn.Module) -> nn.Module:
    """Make every weight positive (each output a weighted mean, so that values stay near 1), norms idle."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.reset_running_stats()
            for name, value in module.named_parameters(recurse=False):
                if value.ndim < 2:
                    value.fill_(1.0 if name == "weight" else 0.0)
                    continue
                value.uniform_(0.5, 1.5, generator=generator)
                value /= value.flatten(1).sum(1).reshape(-1, *(1,) * (value.ndim - 1))
    return model.eval().double()


@contextmanager
def averages_for_maxima() -> Iterator[None]:
    """Let maximum pooling average over its window."""

    def average(
        x: Tensor,
        kernel_size: int,
        stride: int | None = None,
        padding: int = 0,
        dilation: int = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor:
        assert dilation in (1, (1, 1))
        assert not return_indices
        return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(F, "max_pool2d", average)
        patch.setattr(nn.MaxPool2d, "forward", lambda m, x: average(
            x, m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode
        ))  # fmt: skip
        patch.delitem(LEAVES, nn.MaxPool2d)
        yield


def mask_of(value: Tensor, node: Node, y: int, x: int, leaf: Tensor, generator: torch.Generator) -> Tensor:
    """bool [H, W]: pixels that move any channel of one unit."""
    shape = node.shape
    if len(shape) < 3:
        unit = value[0] if shape else value
    elif channels_last(node):
        unit = value[0, x] if len(shape) == 3 else value[0, y, x]
    else:
        unit = value[0, ..., x] if len(shape) == 3 else value[0, ..., y, x]
    if not value.requires_grad:
        return torch.zeros(leaf.shape[-2:], dtype=torch.bool)
    mixed = (unit * torch.rand(unit.shape, generator=generator, dtype=unit.dtype)).sum()
    (gradient,) = torch.autograd.grad(mixed, leaf, retain_graph=True)
    moved = gradient[0] != 0
    return moved.any(0)[None] if moved.ndim < 3 else moved.reshape(-1, *moved.shape[-2:]).any(0)


def check_unit(
    table: FieldTable,
    value: Tensor,
    y: int,
    x: int,
    leaf: Tensor,
    generator: torch.Generator,
    *,
    bound: bool = False,
) -> None:
    """Compare one unit's boxes with the pixels that move it; ``bound``: these need not be all."""
    bound = bound or table.status == "bound"
    where = f"{table.node} at {y}, {x}"
    mask = mask_of(value, table.node, y, x, leaf, generator)
    seen, field = table.box(y, x, "seen"), table.box(y, x)
    if not mask.any():  # a gap of a transposed convolution, or a token that only fills a window up
        assert bound or seen is None, where
        return
    assert seen is not None, where
    assert field is not None, where
    rows, columns = mask.any(1).nonzero(), mask.any(0).nonzero()
    hull = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    if table.status == "exact":
        assert table.box(y, x, "local") == field, where
    if not bound:
        assert seen == hull, where
    else:
        assert all(a <= b for a, b in zip(seen[:2], hull[:2], strict=True)), where
        assert all(a >= b for a, b in zip(seen[2:], hull[2:], strict=True)), where
