"""Parameters, FLOPs and bytes against independent counters."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from tracing.zoo import zoo

from explainer.tracing import Cost, cost, module_costs, trace

NETWORKS = ["alexnet", "resnet50", "densenet121", "mobilenet_v3_large", "shufflenet_v2_x1_0", "convnext_tiny"]


def oracle(model: nn.Module, *inputs: torch.Tensor) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*inputs)
    return counter.get_total_flops()


def total(model: nn.Module, *inputs: torch.Tensor) -> Cost:
    recorded = trace(model, *inputs)
    return sum(cost(recorded).values(), Cost())


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_torchvision_networks(name: str) -> None:
    import torchvision

    model = getattr(torchvision.models, name)(weights=None).eval()
    image = torch.randn(1, 3, 64, 64)
    counted = total(model, image)
    assert counted.flops == oracle(model, image)
    assert counted.parameters == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.slow
def test_timm_transformer() -> None:
    timm = pytest.importorskip("timm")
    model = timm.create_model("vit_tiny_patch16_224", pretrained=False).eval()
    image = torch.randn(1, 3, 224, 224)
    counted = total(model, image)
    linear_only = sum(
        2 * 197 * module.in_features * module.out_features
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name != "head"
    )
    patches = 2 * 196 * 192 * 3 * 16 * 16
    attention = 12 * 2 * 2 * 3 * 197 * 197 * 64
    assert counted.flops == linear_only + patches + attention + 2 * 192 * 1000
    assert counted.parameters == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("name", ["convolutions", "one_dimension", "volume", "reused", "several"])
def test_zoo(name: str) -> None:
    model, inputs = zoo()[name]
    counted = total(model, *inputs)
    assert counted.flops == oracle(model, *inputs)
    assert counted.parameters == sum(parameter.numel() for parameter in model.parameters())


def test_by_hand() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(8 * 36, 10))
    recorded = trace(model, torch.randn(2, 3, 8, 8))
    costs = cost(recorded)
    assert costs[recorded["0"]] == Cost(8 * 27 + 8, 2 * 2 * 8 * 36 * 27, 2 * 8 * 36 * 4)
    assert costs[recorded["1"]] == Cost(0, 0, 2 * 8 * 36 * 4)
    assert costs[recorded["3"]] == Cost(10 * 289, 2 * 2 * 288 * 10, 2 * 10 * 4)
    totals = module_costs(recorded)
    assert totals[recorded.root] == sum(costs.values(), Cost())
    assert totals[recorded["3"].call] == costs[recorded["3"]]


def test_a_reused_module_owns_its_parameters_once() -> None:
    model, inputs = zoo()["reused"]
    recorded = trace(model, *inputs)
    costs = cost(recorded)
    assert costs[recorded["0"]].parameters == 84
    assert costs[recorded["0:2"]].parameters == 0
    assert costs[recorded["0:2"]].flops == costs[recorded["0"]].flops
