"""The arithmetic of 2,000 numbers, drawn at random over whole architectures."""

from __future__ import annotations

import random

import pytest
import torch
from torch import nn

from explainer.tracing import Trace, trace
from explainer.tracing.arithmetic import EXPLAINED, explain, extent, maps

TORCHVISION = {
    "alexnet": 127,
    "vgg16_bn": 64,
    "squeezenet1_1": 96,
    "googlenet": 96,
    "inception_v3": 139,
    "resnet18": 96,
    "resnet50": 96,
    "resnext50_32x4d": 96,
    "densenet121": 96,
    "mobilenet_v2": 96,
    "mobilenet_v3_large": 96,
    "shufflenet_v2_x1_0": 96,
    "mnasnet1_0": 96,
    "efficientnet_b0": 96,
    "regnet_y_400mf": 96,
    "convnext_tiny": 96,
    "wide_resnet50_2": 64,
}
TIMM = {
    "repvgg_a0": 96,
    "ghostnet_100": 96,
    "hrnet_w18_small": 96,
    "mobilenetv4_conv_small": 96,
    "cspresnet50": 96,
    "efficientvit_b0": 96,
    "resnetv2_50": 96,
    "darknet53": 96,
    "vit_tiny_patch16_224": 224,
    "swin_tiny_patch4_window7_224": 224,
}
"""Architecture to the size of its images: small, and large enough for every stage."""

POSITIONS = 75
"""For each architecture; 27 times this is more than 2,000."""

NOT_TAKEN_APART = {"scaled_dot_product_attention"}
"""Kinds in these networks that are shown only."""


def architecture(name: str) -> nn.Module:
    """Return an untrained network whose normalisations do something."""
    torch.manual_seed(0)
    if name in TORCHVISION:
        models = pytest.importorskip("torchvision").models
        # their own initialisation draws from a truncated normal distribution for a minute
        options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model = getattr(models, name)(weights=None, **options)
        if options:
            model.transform_input = True
    else:
        model = pytest.importorskip("timm").create_model(name, pretrained=False)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                for tensor in (module.running_mean, module.bias):
                    tensor.copy_(torch.randn_like(tensor) * 0.1)
                for tensor in (module.running_var, module.weight):
                    tensor.copy_(torch.rand_like(tensor) + 0.5)
    return model.eval()


def recorded(name: str) -> Trace:
    size = (TORCHVISION | TIMM)[name]
    with torch.no_grad():
        return trace(architecture(name), torch.randn(1, 3, size, size + 16 * (name in TORCHVISION)))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TORCHVISION, *TIMM])
def test_random_numbers_of_real_architectures_add_up(name):
    nodes = recorded(name).nodes
    draw = random.Random(name)
    unknown = set()
    for _ in range(POSITIONS):
        node = draw.choice(nodes)
        channel, y, x = (draw.randrange(size) for size in extent(node))
        found = explain(node, channel, y, x)
        assert found.value == maps(node)[channel, y, x].item()
        if found.form == "unknown":
            unknown.add(node.kind)
        else:
            assert found.agrees, (node, channel, y, x, found.error, found.tolerance, found.expression)
            assert found.tolerance <= 1e-2 * max(1.0, abs(found.value)), (node, found.tolerance)
    assert unknown <= NOT_TAKEN_APART


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "convnext_tiny", "vit_tiny_patch16_224"])
def test_every_operation_is_known_or_named_as_unknown(name):
    kinds = {node.kind for node in recorded(name).nodes} - {"input"}
    assert kinds - set(EXPLAINED) <= NOT_TAKEN_APART
