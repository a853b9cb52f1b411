"""Scores of many inputs at once, and their gradients, on a model that is only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.progress import Progress

_AT_ONCE = 1 << 20
"""Numbers of input in one forward pass: 6 pictures of 224 pixels, 85 of 64. More is no faster on a CPU."""


def logits(model: nn.Module, images: Tensor) -> Tensor:
    """Return the class scores [N, classes] of images [N, C, H, W], in the caller's gradient mode.

    The model gets a copy, so that one that writes into its input changes nothing here.

    Raises:
        ReaderError: the model gives no such table of scores (a detector, a backbone).
    """
    scores = model(images.clone())
    if not isinstance(scores, Tensor) or scores.ndim != 2:
        raise ReaderError("This network gives no class scores, so there is no answer to explain.")
    return scores


def class_gradients(model: nn.Module, images: Tensor, class_index: int) -> tuple[Tensor, Tensor]:
    """Return the gradient [N, C, H, W] of each image's score of a class, and the scores [N].

    Images of a batch do not see each other in evaluation mode, so one backward pass serves them all.
    Nothing is added to any ``.grad``.
    """
    with torch.inference_mode(False), torch.enable_grad():
        leaf = images.detach().clone().requires_grad_()
        scores = logits(model, leaf)[:, class_index]
        (gradients,) = torch.autograd.grad(scores.sum(), leaf)
    return gradients, scores.detach()


def in_batches(
    count: int, images: Tensor, progress: Progress | None = None, *, batch: int | None = None
) -> Iterator[range]:
    """Yield ranges that cover ``count`` inputs of the size of ``images``, telling ``progress`` after each."""
    size = batch or max(1, _AT_ONCE // max(1, images[0].numel()))
    if progress is not None:
        progress(0, count)
    for start in range(0, count, size):
        part = range(start, min(start + size, count))
        yield part
        if progress is not None:
            progress(part.stop, count)


def many_logits(
    model: nn.Module,
    count: int,
    make: Callable[[Sequence[int]], Tensor],
    images: Tensor,
    progress: Progress | None = None,
) -> Tensor:
    """Return the scores [count, classes] of inputs that are made batch by batch, without gradients.

    Args:
        model: gives [N, classes].
        count: how many inputs there are.
        make: gives the inputs of these numbers as [n, C, H, W].
        images: one input, for its size.
        progress: told the inputs done.
    """
    with torch.no_grad():
        parts: Iterable[Tensor] = [logits(model, make(part)) for part in in_batches(count, images, progress)]
        return torch.cat(list(parts))
