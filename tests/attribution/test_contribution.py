"""Channel contributions against an independent computation by autograd through the model."""

import pytest
import torch
import torchvision

from explainer.attribution import channel_contributions
from explainer.tracing import trace


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return torchvision.models.resnet18(num_classes=7).eval()


@pytest.mark.parametrize("name", ["conv1", "layer1.1.conv2", "layer4.1.relu:2", "avgpool"])
def test_they_are_gradient_times_activation(network, name):
    images = torch.randn(1, 3, 64, 64)
    recorded = trace(network, images)
    found = channel_contributions(recorded, recorded[name], recorded.nodes[-1], 3)

    kept = {}
    module = network.get_submodule(name.removesuffix(":2"))
    calls = []

    def hook(_module, _args, output):
        calls.append(output)
        kept[len(calls)] = output.clone().requires_grad_() if output.is_leaf else output
        if name.endswith(":2") and len(calls) < 2:
            return None
        kept["leaf"] = output.detach().clone().requires_grad_()
        return kept["leaf"].clone()

    handle = module.register_forward_hook(hook)
    try:
        score = network(images)[0, 3]
    finally:
        handle.remove()
    (gradient,) = torch.autograd.grad(score, kept["leaf"])
    expected = (gradient * kept["leaf"].detach())[0].flatten(1).sum(1)
    assert torch.allclose(found, expected, atol=1e-5, rtol=1e-4)


def test_the_contributions_of_the_last_features_add_up_to_the_logit(network):
    recorded = trace(network, torch.randn(1, 3, 64, 64))
    logits = recorded.nodes[-1]
    shares = channel_contributions(recorded, recorded["avgpool"], logits, 2)
    total = float(shares.sum() + network.fc.bias[2])
    assert total == pytest.approx(float(logits.output[0, 2]), rel=1e-4)


def test_the_model_is_left_alone(network):
    recorded = trace(network, torch.randn(1, 3, 64, 64))
    channel_contributions(recorded, recorded["layer2.0.conv1"], recorded.nodes[-1], 0)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_channels_are_found_where_the_network_keeps_them_last():
    class ChannelsLast(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.mix = torch.nn.Linear(3, 5)
            self.head = torch.nn.Linear(5, 2)

        def forward(self, x):
            return self.head(self.mix(x.permute(0, 2, 3, 1)).mean((1, 2)))

    network = ChannelsLast().eval()
    recorded = trace(network, torch.randn(1, 3, 8, 6))
    found = channel_contributions(recorded, recorded["mix"], recorded.nodes[-1], 1)
    expected = recorded["mix"].output[0].mean((0, 1)) * network.head.weight[1]
    assert torch.allclose(found, expected, atol=1e-6)
