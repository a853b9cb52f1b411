"""Receptive fields against the published table of google-research/receptive_field.

A. Araujo, W. Norris and J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019,
list size / effective stride / effective padding of the TF-Slim networks at the end of their convolutions. The
networks are built here as TF-Slim defines them; where torchvision's differ, so do the numbers, and both are
stated.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.tracing import receptive_field, receptive_fields, trace


def published(model: nn.Module, size: int) -> tuple[float, float, float]:
    """Size, stride and padding at the model's output, which must be exact and alike in both directions."""
    recorded = trace(model.eval(), torch.zeros(1, 3, size, size))
    assert recorded.output is recorded.nodes[-1]
    field = receptive_field(recorded, recorded.output)
    assert field.status == "exact"
    assert field.reason == ""
    for pair in (field.size, field.stride, field.padding):
        assert pair[0] == pair[1]
    return field.size[0], field.stride[0], field.padding[0]


def test_vgg16_to_pool5() -> None:
    layers: list[nn.Module] = []
    for repeats in (2, 2, 3, 3, 3):
        layers += [nn.Conv2d(3, 3, 3, padding=1) for _ in range(repeats)]
        layers += [nn.MaxPool2d(2)]
    assert published(nn.Sequential(*layers), 224) == (212, 32, 90)


def test_alexnet_v2_to_pool5() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 2, 11, stride=4),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(2, 2, 5, padding=2),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(2, 2, 3, padding=1),
        nn.Conv2d(2, 2, 3, padding=1),
        nn.Conv2d(2, 2, 3, padding=1),
        nn.MaxPool2d(3, 2),
    )
    assert published(model, 224) == (195, 32, 64)


class Bottleneck(nn.Module):
    """A unit of TF-Slim's ResNet v1: 1x1, 3x3 (with the stride), 1x1, beside a shortcut."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 2, 1)
        self.middle = nn.Conv2d(2, 2, 3, stride=stride, padding=1)
        self.last = nn.Conv2d(2, 2, 1)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        shortcut = F.max_pool2d(x, 1, self.stride) if self.stride > 1 else x
        return F.relu(shortcut + self.last(F.relu(self.middle(F.relu(self.first(x))))))


class SlimResNet50(nn.Module):
    """TF-Slim's resnet_v1_50: the last unit of a block has the stride, not the first as in torchvision."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 2, 7, stride=2, padding=3)
        units = []
        for repeats, stride in ((3, 2), (4, 2), (6, 2), (3, 1)):
            units += [Bottleneck(1) for _ in range(repeats - 1)] + [Bottleneck(stride)]
        self.units = nn.Sequential(*units)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(self.stem(x), (0, 1, 0, 1))  # "SAME" on an even size: all padding behind
        return self.units(F.max_pool2d(x, 3, 2))


def test_resnet_v1_50() -> None:
    assert published(SlimResNet50(), 224) == (483, 32, 239)


def unset(make: Callable[..., nn.Module], **options: object) -> nn.Module:
    """A network whose weights are whatever was in memory: only shapes count, and drawing takes seconds."""
    with torch.device("meta"):
        model = make(weights=None, **options)
    return model.to_empty(device="cpu").eval()


def test_resnet50_of_torchvision_has_its_stride_in_the_first_3x3_of_a_block() -> None:
    """11 after the stem, and twice the stride so far for each 3x3: 3·8, 8 + 3·16, 16 + 5·32, 32 + 2·64."""
    from torchvision.models import resnet50

    recorded = trace(unset(resnet50), torch.zeros(1, 3, 64, 64))
    field = receptive_field(recorded, recorded["layer4.2.relu:3"])
    assert (field.size, field.stride, field.padding) == ((427, 427), (32, 32), (213, 213))


@pytest.mark.slow
def test_inception_v3_to_mixed_7c() -> None:
    from torchvision.models import inception_v3

    model = unset(inception_v3, init_weights=False, aux_logits=False)
    recorded = trace(model, torch.zeros(1, 3, 299, 299))
    field = receptive_field(recorded, recorded["Mixed_7c.cat:3"])
    assert field.status == "exact"
    assert (field.size, field.stride, field.padding) == ((1311, 1311), (32, 32), (618, 618))


def test_every_node_of_resnet50_takes_milliseconds() -> None:
    """Twenty times the measured time, so that a busy machine does not fail: see benchmarks/receptive.py."""
    from time import process_time

    from torchvision.models import resnet50

    recorded = trace(unset(resnet50), torch.zeros(1, 3, 64, 64))
    start = process_time()
    found = receptive_fields(recorded)
    assert process_time() - start < 0.1
    assert list(found) == list(recorded.nodes)
    assert receptive_fields(recorded) is found
