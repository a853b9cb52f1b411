"""Kernels that outweigh their maps stay channels first, the rest is channels last; numbers stay."""

import copy

import pytest
import torch
from torch import nn
from torchvision.models import resnet18

from explainer.training.layout import channels_last, fed_channels_first

IMAGE = torch.Size([3, 64, 64])


def network() -> nn.Module:
    torch.manual_seed(0)
    return resnet18(num_classes=10)


def names(model: nn.Module, layers) -> list[str]:
    of = {layer: name for name, layer in model.named_modules()}
    return [of[layer] for layer in layers]


def test_only_wide_kernels_over_small_maps_stay_channels_first():
    model = network()
    layers = channels_last(model, IMAGE, 32)
    # layer3 computes 256 maps of 4 x 4, layer4 512 of 2 x 2; kernels of 1 x 1 have but one arrangement.
    assert names(model, layers) == [
        "layer3.0.conv2", "layer3.1.conv1", "layer3.1.conv2",
        "layer4.0.conv1", "layer4.0.conv2", "layer4.1.conv1", "layer4.1.conv2",
    ]  # fmt: skip
    for name, layer in model.named_modules():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size != (1, 1):
            first = layer.weight.is_contiguous()
            assert first is (layer in layers), name
            assert first is not layer.weight.is_contiguous(memory_format=torch.channels_last), name
    # The larger the batch, the larger the maps.
    assert channels_last(network(), IMAGE, 4096) == ()


def test_looking_leaves_the_network_and_the_generator_alone():
    model = network()
    state = torch.get_rng_state()
    model.layer2.eval()
    before = copy.deepcopy(model.state_dict())
    channels_last(model, IMAGE, 32)
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert [model.training, model.layer1.training, model.layer2.training] == [True, True, False]
    assert not any(layer._forward_hooks or layer._forward_pre_hooks for layer in model.modules())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_step_comes_to_the_same_gradients():
    plain = network().eval()  # statistics of a few numbers each would magnify the rounding
    arranged = copy.deepcopy(plain)
    layers = channels_last(arranged, IMAGE, 8)
    assert layers
    images, labels = torch.rand(8, *IMAGE), torch.arange(8)
    nn.functional.cross_entropy(plain(images), labels).backward()
    with fed_channels_first(layers):
        given = images.contiguous(memory_format=torch.channels_last)
        nn.functional.cross_entropy(arranged(given), labels).backward()
    assert not any(layer._forward_pre_hooks for layer in arranged.modules())
    for (name, one), other in zip(plain.named_parameters(), arranged.parameters(), strict=True):
        assert float((one.grad - other.grad).norm() / one.grad.norm()) < 1e-4, name


def test_what_enters_is_arranged_only_within():
    seen = []
    layer = nn.Conv2d(4, 4, 3)
    layer.register_forward_hook(lambda _, given, made: seen.append(given[0].is_contiguous()))
    images = torch.rand(2, 4, 8, 8).contiguous(memory_format=torch.channels_last)
    with pytest.raises(RuntimeError, match="channels"), fed_channels_first([layer]):
        layer(images) + layer(images[:, :3])
    layer(images)
    assert seen == [True, False]
