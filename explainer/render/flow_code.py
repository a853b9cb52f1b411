"""The PyTorch code of the experiments with gradients, batch norm and dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.playground.gradient_flow import Setting


def gradient_code(setting: Setting, steps: int) -> str:
    """Return a script that measures gradient norms by layer, by this project and by PyTorch alone."""
    return f"""from torch.nn import functional as F

from explainer.playground.crops import batch
from explainer.playground.gradient_flow import BATCH, Network, Setting, build, layers, train

setting = {setting!r}
for run in train(setting, steps={steps}):
    first, last = run.norms[-1][0], run.norms[-1][-2]
    print(run.network, "loss", run.losses[-1], "first : last convolution", first / last)

# The first measurement of one network, spelled out:
model = build(Network(depth=56, residual=False), setting)
images, labels = batch(BATCH, setting.seed)
F.cross_entropy(model(images), labels).backward()
print([layer.weight.grad.norm().item() for layer in layers(model)])
"""


def norm_code(channel: int, size: int, momentum: float, number: int) -> str:
    """Return a script that follows the statistics of batch norm, by hand and by ``nn.BatchNorm2d``."""
    return f"""import torch

from explainer.models import load_model
from explainer.playground.crops import batch

model = load_model("resnet20").model
norm = torch.nn.BatchNorm2d(16, momentum={momentum!r})
norm.load_state_dict({{**norm.state_dict(), "weight": model.bn1.weight, "bias": model.bn1.bias}})
mean, variance = 0.0, 1.0
with torch.no_grad():
    for number in range({number}):
        x = model.conv1(batch({size}, 0, number)[0])  # [N, 16, 32, 32]
        norm.train()
        y = norm(x)  # uses the batch's statistics, updates the running ones
        own = x[:, {channel}]
        mean = (1 - {momentum!r}) * mean + {momentum!r} * own.mean().item()
        variance = (1 - {momentum!r}) * variance + {momentum!r} * own.var(correction=1).item()
print(mean, norm.running_mean[{channel}].item())
print(variance, norm.running_var[{channel}].item())
print("train", y[0, {channel}, 16, 16].item(), "eval", norm.eval()(x)[0, {channel}, 16, 16].item())
"""


def dropout_code(p: float, seed: int, channels: bool) -> str:
    """Return a script that draws the same mask as the page and applies it by hand."""
    layer = "Dropout2d" if channels else "Dropout"
    return f"""import torch

from explainer.playground.dropping import dropped, masks, usual_maps

x = usual_maps()  # [6, 8, 8]
torch.manual_seed({seed})
dropout = torch.nn.{layer}(p={p!r})
y = dropout(x[None])[0]
mask = masks(tuple(x.shape), {p!r}, 1, seed={seed}, channels={channels!r})[0]
print(y.equal(dropped(x, mask, {p!r})))  # True: x * mask / (1 - p)
print(dropout.eval()(x[None])[0].equal(x))  # True: evaluation changes nothing
"""
