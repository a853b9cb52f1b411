"""Receptive fields of thirty architectures against gradients: which pixels move a unit at all."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import Tensor, nn
from tracing.gradient_masks import averages_for_maxima, check_unit, positive

from explainer.tracing import FieldTable, Node, Trace, extent, receptive_fields, replay_from, trace

TORCHVISION = """alexnet vgg11 vgg16_bn squeezenet1_0 squeezenet1_1 googlenet inception_v3 resnet18 resnet50
    resnext50_32x4d wide_resnet50_2 densenet121 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large
    shufflenet_v2_x1_0 mnasnet1_0 efficientnet_b0 regnet_y_400mf convnext_tiny""".split()
TIMM = """repvgg_a0 ghostnet_100 hrnet_w18_small mobilenetv4_conv_small cspresnet50 efficientvit_b0
    resnetv2_50 darknet53 dla34 res2net50_26w_4s""".split()
ATTENTION = {"swin_t": (64, 96), "vit_tiny_patch16_224": (224, 224)}
EVEN = dict.fromkeys(("hrnet_w18_small", "dla34"), (64, 96))
QUICK = {"squeezenet1_1", "resnet18", "shufflenet_v2_x1_0"}
SIZE = (79, 93)
"""Odd and unequal: strides leave rows over at the edge, which no unit may be said to see."""


def faint(height: int, width: int) -> Tensor:
    """An image so dark that no ReLU6 and no hard sigmoid reaches its upper end."""
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64) + 0.5) / 1000


def build(name: str) -> nn.Module:
    if hasattr(pytest.importorskip("torchvision").models, name):
        from torchvision import models

        options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model = getattr(models, name)(weights=None, **options)
        if name in ("alexnet", "vgg11", "vgg16_bn"):  # a hundred million weights that say nothing here
            model.classifier = nn.Linear(model.classifier[-7 if "vgg" in name else 1].in_features, 3)
        return model
    timm = pytest.importorskip("timm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return timm.create_model(name, pretrained=False)


def chosen(recorded: Trace, tables: dict[Node, FieldTable]) -> list[Node]:
    """The deepest node whose corner sees part of the image, one half as deep, the last map, the output."""
    maps = [
        node
        for node in recorded.nodes[1:]
        if node.dtype.is_floating_point and tables[node].status != "undefined"
    ]
    height, width = recorded.input.shape[-2:]
    partial = [
        node
        for node in maps
        if (seen := tables[node].box(0, 0, "seen")) and (seen[2] < height or seen[3] < width)
    ]
    spatial = [node for node in maps if min(extent(node)[1:]) > 1]
    found = [partial[-1], partial[len(partial) // 2], spatial[-1], recorded.nodes[-1]]
    return [node for node in dict.fromkeys(found) if node in maps]


def check(model: nn.Module, image: Tensor) -> list[tuple[str, str]]:
    """Compare fields and gradients; the kinds and the statuses of the nodes that were compared."""
    generator = torch.Generator().manual_seed(0)
    recorded = trace(model, image)
    tables = dict(receptive_fields(recorded))
    nodes = chosen(recorded, tables)
    leaf = recorded.input.output.clone().requires_grad_()
    values = replay_from(recorded, {recorded.input: leaf}, nodes)
    for node in nodes:
        _, height, width = extent(node)
        for y, x in {(0, 0), (height // 2, width // 2), (height - 1, width - 1)}:
            check_unit(tables[node], values[node], y, x, leaf, generator)
    return [(node.kind, tables[node].status) for node in nodes]


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in TORCHVISION + TIMM],
)
def test_the_hull_of_the_gradient_is_the_field(name: str) -> None:
    # branches of some only meet again on multiples of 32
    with averages_for_maxima():
        compared = check(positive(build(name)), faint(*EVEN.get(name, SIZE)))
    assert any(status == "exact" for _, status in compared)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(ATTENTION))
def test_with_attention_the_field_is_a_bound(name: str) -> None:
    image = torch.rand(
        1, 3, *ATTENTION[name], generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    compared = check(positive(build(name)), image)
    assert compared[-1][1] == "bound"
