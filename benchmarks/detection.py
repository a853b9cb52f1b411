"""YOLOX-Nano against onnxruntime on the same weights, and a detector call against its network (CPU time).

Ultralytics' YOLO is AGPL and not installed here: its figure was measured once, on this kind of machine, as a
multiple of onnxruntime with YOLOX-Nano, and serves as the stated denominator.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks.measure import Result, cpu_rounds, milliseconds, ratio
from explainer.detection import load_detector
from explainer.detection.fast import exported, fused, through_onnxruntime
from explainer.detection.yolox_detector import YoloxDetector, fitted
from explainer.samples import sample

SIDE = 416
ROUNDS = 25
NETWORK_BAR = 1.9
ONNXRUNTIME_BAR = 1.1
CALL_BAR = 1.15
ULTRALYTICS = 3.0
"""``YOLO.predict`` of yolo11n at 416 in PyTorch, 50.4 ms of CPU time, over onnxruntime with YOLOX-Nano."""
FRAME_BAR, ONNXRUNTIME_FRAME_BAR = 0.80, 0.45


def run() -> Iterator[Result]:
    """Measure with one thread; yields one result after the other."""
    threads, vision = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield from _results()
    finally:
        torch.set_num_threads(threads)
        cv2.setNumThreads(vision)


def published() -> Path | None:
    """Return the ONNX file that others exported, where the outside data are."""
    place = Path(os.environ.get("CONVSCOPE_DATA", "")) / "weights" / "yolox_nano.onnx"
    return place if place.is_file() else None


def _results() -> Iterator[Result]:
    file = published()
    detector = load_detector("yolox_nano", file) if file else load_detector("faces_yolox_nano")
    assert isinstance(detector, YoloxDetector)
    model = detector._network
    frame = np.asarray(sample("astronaut").load().resize((640, 480)))
    canvas, _ = fitted(frame, SIDE)
    quick, ours = fused(model), through_onnxruntime(exported(model))
    reference = _session(file) if file else ours
    plain = canvas.contiguous()
    seconds = cpu_rounds(
        {
            "onnxruntime": lambda: reference(plain),
            "eager": _without_gradients(lambda: model(plain)),
            "ours": _without_gradients(lambda: quick(canvas)),
            "ours, onnxruntime": lambda: ours(canvas),
            "call": lambda: detector.faster("torch").detect([frame], side=SIDE),
            "call, onnxruntime": lambda: detector.faster("onnxruntime").detect([frame], side=SIDE),
        },
        ROUNDS,
        3,
    )
    name = f"YOLOX-Nano {SIDE}"
    whose = "the published file" if file else "our own export: set CONVSCOPE_DATA for the published file"
    for who, whom, bar, words in (
        ("ours", "onnxruntime", NETWORK_BAR, f"{name}, network alone / onnxruntime"),
        ("ours, onnxruntime", "onnxruntime", ONNXRUNTIME_BAR, f"{name}, exported here / onnxruntime"),
        ("call", "ours", CALL_BAR, f"{name}, detector call / network alone"),
        ("call, onnxruntime", "onnxruntime", CALL_BAR, f"{name}, the same through onnxruntime"),
    ):
        detail = f"{milliseconds(seconds[who])} against {milliseconds(seconds[whom])} CPU"
        if who == "ours":
            detail += f"; unfused, channels first {ratio(seconds, 'eager', 'onnxruntime'):.2f} x"
        if who == "ours, onnxruntime":
            detail += f"; against {whose}"
        yield Result(words, ratio(seconds, who, whom), bar, detail)
    for who, bar, engine in (
        ("call", FRAME_BAR, "PyTorch"),
        ("call, onnxruntime", ONNXRUNTIME_FRAME_BAR, "onnxruntime"),
    ):
        yield Result(
            f"{name}, frame to boxes, {engine} / yolo11n predict",
            ratio(seconds, who, "onnxruntime") / ULTRALYTICS,
            bar,
            f"{milliseconds(seconds[who])}; denominator {ULTRALYTICS} x onnxruntime, as recorded",
        )


def _session(file: Path) -> Callable[[torch.Tensor], object]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    return lambda canvas: session.run(None, {given.name: canvas.numpy()})


def _without_gradients(work: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        with torch.inference_mode():
            return work()

    return run
