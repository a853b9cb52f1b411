"""The same weights, run faster: batch normalisation folded away, or through onnxruntime.

Both work on private copies; what comes out is compared with the network itself before it is used.
"""

from __future__ import annotations

import copy
import io
import math
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from explainer.detection.yolox import YOLOX, BaseConv
from explainer.errors import ReaderError
from explainer.tracing.memory import keep_freed_memory

Engine = Literal["torch", "onnxruntime"]
Run = Callable[[Tensor], Tensor]
"""From float [1, 3, side, side], of either memory format, to float [1, cells, 5 + classes]."""

TOLERANCE = 1e-3
"""Largest difference from the network itself, as a share of its largest number (at least of 1)."""
_TRIED_ON = 96
"""Side of the canvas for the comparison, in pixels."""
_exporting = threading.Lock()


@dataclass(frozen=True, eq=False)
class Faster:
    """What runs a network."""

    run: Run
    engine: Engine | Literal[""]
    """Empty for the network as it is."""
    trouble: ReaderError | None = None
    """Why it is not the engine that was wanted."""


def fused(model: YOLOX) -> YOLOX:
    """Return a copy without batch normalisation: each is a scale and a shift, and goes into its convolution.

    Colours lie next to each other in memory (channels last), and activations overwrite what they are given.
    Not for tracing: use the model itself there.
    """
    keep_freed_memory()  # getting it from the system again took a quarter of a call
    quick = copy.deepcopy(model).eval().requires_grad_(False)
    for part in quick.modules():
        if isinstance(part, BaseConv):
            part.conv = fuse_conv_bn_eval(part.conv, part.bn)
            part.bn = nn.Identity()  # type: ignore[assignment]
            part.act.inplace = True
    return quick.to(memory_format=torch.channels_last)


def exported(model: YOLOX) -> bytes:
    """Return the network as an ONNX program for pictures of any multiple of 32: ``images`` to ``raw``.

    Written by PyTorch's exporter by tracing, which takes half a second where the newer one takes twelve.
    """
    file: Any = io.BytesIO()
    with _exporting, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            fused(model).to(memory_format=torch.contiguous_format),
            (torch.zeros(1, 3, _TRIED_ON, _TRIED_ON),),
            file,
            input_names=["images"],
            output_names=["raw"],
            dynamic_axes={"images": {2: "height", 3: "width"}, "raw": {1: "cells"}},
            opset_version=17,
            dynamo=False,
        )
    return file.getvalue()


def through_onnxruntime(program: bytes, threads: int = 1) -> Run:
    """Return what runs an exported network with so many threads; any number of callers may share it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(program, options, providers=["CPUExecutionProvider"])

    def run(canvas: Tensor) -> Tensor:
        (raw,) = session.run(["raw"], {"images": canvas.contiguous().numpy()})
        return torch.from_numpy(raw)

    return run


def faster(model: YOLOX, engine: Engine, threads: int = 1) -> Faster:
    """Return what computes ``model`` with less work, compared with it first.

    Args:
        model: in evaluation mode; it is not changed.
        engine: ``"torch"`` (fused), or ``"onnxruntime"``, in whose place the former comes if need be.
        threads: of onnxruntime; PyTorch's are set elsewhere.
    """
    if engine == "torch":
        quick = fused(model)
        trouble = difference_in_words(quick, model)
        return Faster(quick, "torch") if trouble is None else Faster(model, "", trouble)
    try:
        run = through_onnxruntime(exported(model), threads)
        trouble = difference_in_words(run, model)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from running: PyTorch does the same
        reason = f"{type(error).__name__}: {error}"
        trouble = ReaderError(
            "The network runs in PyTorch: onnxruntime could not take it over ({reason}).", reason=reason
        )
    if trouble is None:
        return Faster(run, "onnxruntime")
    return replace(faster(model, "torch"), trouble=trouble)


def difference_in_words(run: Run, model: YOLOX) -> ReaderError | None:
    """Return what to say if ``run`` does not give the numbers of ``model`` on a canvas of noise."""
    noise = torch.Generator().manual_seed(0)
    canvas = torch.randint(0, 256, (1, 3, _TRIED_ON, _TRIED_ON), generator=noise).float()
    with torch.inference_mode():
        expected, found = model(canvas), run(canvas)
    alike = expected.shape == found.shape
    difference = float((expected - found).abs().max()) if alike else math.inf
    if difference <= TOLERANCE * max(1.0, float(expected.abs().max())):
        return None
    return ReaderError(
        "The network runs in PyTorch: the faster version gave other numbers (by up to {difference}).",
        difference=f"{difference:.2g}",
    )
