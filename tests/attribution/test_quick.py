"""The quick way through a network gives the scores of the ordinary one, or is not taken."""

import pytest
import torch
import torchvision
from torch import nn

from explainer.attribution.quick import Quick
from explainer.models import load_model
from explainer.tracing import trace


def networks(name):
    torch.manual_seed(0)
    if name == "resnet20":
        return load_model("resnet20").model, 32
    network = getattr(torchvision.models, name)(num_classes=10).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return network, 64


@pytest.mark.parametrize(
    "name", ["resnet20", "squeezenet1_1", "mobilenet_v3_small", "vgg11_bn", "shufflenet_v2_x0_5"]
)
def test_scores_are_the_models(name):
    network, side = networks(name)
    pictures = torch.randn(6, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        quick = Quick(trace(network, pictures[:1]), 7)
        taken = len(quick.answers)
        first, second = quick(pictures[:3]), quick(pictures[3:])
        # Batch by batch: kernels for other numbers of pictures may add up in another order.
        expected = torch.cat((network(pictures[:3]), network(pictures[3:])))[:, 7]
    assert taken
    assert len(quick.answers) == taken, "it was not as good as the ordinary way"
    assert torch.equal(first, expected[:3])
    assert torch.allclose(second, expected[3:], rtol=1e-4, atol=1e-4 * float(expected.abs().max()))
    assert not any(module._forward_hooks for module in network.modules())


class Normalised(nn.Module):
    """Its last layer's rows do not stand alone: each score depends on all of them."""

    def __init__(self):
        super().__init__()
        self.conv, self.act = nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        return self.head(self.act(self.conv(x)).mean((2, 3))).log_softmax(1)


class Twice(nn.Module):
    """A layer that runs twice, and another that two read."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.last = nn.Conv2d(3, 5, 1)

    def forward(self, x):
        x = self.conv(self.conv(x))
        x = x + self.norm(x)
        return self.last(x).amax((2, 3))


@pytest.mark.parametrize("network", [Normalised(), Twice()], ids=["normalised", "twice"])
def test_what_cannot_be_shortened_is_not(network):
    network.eval()
    pictures = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        quick = Quick(trace(network, pictures[:1]), 2)
        expected = network(pictures)[:, 2]
        for _ in range(2):
            assert torch.allclose(quick(pictures), expected, atol=1e-5)


def test_a_shortcut_that_proves_wrong_is_dropped():
    network = Normalised().eval()
    pictures = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        quick = Quick(trace(network, pictures[:1]), 2)
        quick.answers[id(network.act)] = lambda x: x + 1
        expected = network(pictures)[:, 2]
        assert torch.equal(quick(pictures), expected)
        assert not quick.answers
        quick = Quick(trace(network, pictures[:1]), 2)
        quick.answers[id(network.head)] = lambda x: x[:, :3] @ torch.ones(7)  # raises
        assert torch.equal(quick(pictures), expected)
