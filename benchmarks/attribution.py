"""Class activation maps against a plain forward pass, pytorch-grad-cam and captum (CPU time, one thread)."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.measure import Result, cpu_rounds, milliseconds, ratio
from explainer.attribution import cam, grad_cam
from explainer.tracing import trace


@dataclass(frozen=True)
class Case:
    network: str
    layer: str
    place: str
    bar: float
    """Grad-CAM from nothing, at most so many plain forward passes."""
    rounds: int


CASES = (
    Case("resnet50", "layer4", "last", 1.12, 11),
    Case("resnet50", "layer2", "middle", 1.70, 11),
    Case("mobilenet_v3_small", "features.12", "last", 1.30, 40),
)
PEER_BAR = 0.40
CAPTUM_BAR = 1.05
TRACE_BAR = 0.10
SCORE_CASES = (("squeezenet1_1", "features.12"), ("mobilenet_v3_small", "features.12"))
SCORE_BAR = 1 / 3
CLASS = 3


def build(name: str) -> tuple[nn.Module, nn.Module, Tensor]:
    """Make a network with random weights twice: frozen as the app has it, and as peers get it."""
    import torchvision

    theirs = getattr(torchvision.models, name)(weights=None).eval()
    return copy.deepcopy(theirs).requires_grad_(False), theirs, torch.rand(1, 3, 224, 224)


def run() -> Iterator[Result]:
    """Measure with one thread; yields one result after the other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for case in CASES:
            yield from _grad_cam(case)
        for name, layer in SCORE_CASES:
            yield _score_cam(name, layer)
    finally:
        torch.set_num_threads(threads)


def _plain(model: nn.Module, image: Tensor) -> None:
    with torch.no_grad():
        model(image)


def _peer(kind: str, model: nn.Module, layer: str, image: Tensor) -> Callable[[], object]:
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    warnings.simplefilter("ignore")
    tool = getattr(pytorch_grad_cam, kind)(model, [model.get_submodule(layer)])
    return lambda: tool(image, [ClassifierOutputTarget(CLASS)])


def _grad_cam(case: Case) -> Iterator[Result]:
    from captum.attr import LayerGradCam

    ours, theirs, image = build(case.network)
    captum = LayerGradCam(theirs, theirs.get_submodule(case.layer))
    recorded = trace(ours, image)
    inside = [node for node in recorded.nodes if f"{node.module}.".startswith(f"{case.layer}.")]
    seconds = cpu_rounds(
        {
            "plain": lambda: _plain(ours, image),
            "ours": lambda: grad_cam(ours, image, case.layer, CLASS),
            "from a trace": lambda: cam(recorded, inside[-1], recorded.nodes[-1], CLASS),
            "captum": lambda: captum.attribute(image, target=CLASS, relu_attributions=True),
            "peer": _peer("GradCAM", theirs, case.layer, image),
        },
        case.rounds,
        3,
    )
    where = f"{case.network}, {case.place} layer"
    for name, baseline, bar, words in (
        ("ours", "plain", case.bar, "Grad-CAM {} / plain forward"),
        ("ours", "peer", PEER_BAR, "Grad-CAM {} / pytorch-grad-cam"),
        ("ours", "captum", CAPTUM_BAR, "Grad-CAM {} / captum"),
        ("from a trace", "plain", TRACE_BAR, "Grad-CAM {}, traced before / forward"),
    ):
        if name == "from a trace" and case.place != "last":
            continue
        detail = f"{milliseconds(seconds[name])} against {milliseconds(seconds[baseline])} CPU"
        yield Result(words.format(where), ratio(seconds, name, baseline), bar, detail)


def _trained(name: str) -> tuple[nn.Module, nn.Module, Tensor] | None:
    """Load the network with its published weights, and a photo, where outside data are at hand."""
    place = Path(os.environ.get("CONVSCOPE_DATA", "")) / "weights" / f"{name}_fp16.pth"
    if not place.is_file():
        return None
    from explainer.models import load_model
    from explainer.samples import sample

    state = torch.load(place, weights_only=True)
    ours, theirs, _ = build(name)
    for model in (ours, theirs):
        model.load_state_dict({key: value.float() for key, value in state.items()})
    return ours, theirs, load_model(name, "none").preprocessing.apply(sample("coffee").load())


def _score_cam(name: str, layer: str) -> Result:
    import pytorch_grad_cam.score_cam

    pytorch_grad_cam.score_cam.tqdm.tqdm = lambda work: work  # its progress bar is not what is compared
    ours, theirs, image = _trained(name) or build(name)
    seconds = cpu_rounds(
        {
            "ours": lambda: grad_cam(ours, image, layer, CLASS, "scorecam"),
            "peer": _peer("ScoreCAM", theirs.requires_grad_(False), layer, image),
        },
        3,
        1,
    )
    detail = f"{milliseconds(seconds['ours'])} against {milliseconds(seconds['peer'])} CPU"
    weights = "trained" if _trained(name) else "random weights"
    return Result(
        f"Score-CAM {name}, {weights} / pytorch-grad-cam", ratio(seconds, "ours", "peer"), SCORE_BAR, detail
    )
