"""The small networks this project trains itself, as plain modules that a reader can follow line by line."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class TinyVGG(nn.Sequential):
    """The network of CNN Explainer (Wang et al., 2020): 19,920 parameters for ten classes.

    Input [N, 3, 64, 64] in 0..1; four valid 3x3 convolutions of ten channels, two 2x2 max pools, one dense
    layer; output logits [N, classes]. The layers carry that page's names.
    """

    def __init__(self, classes: int = 10, width: int = 10) -> None:
        super().__init__(
            OrderedDict(
                conv_1_1=nn.Conv2d(3, width, 3),  # [N, 10, 62, 62]
                relu_1_1=nn.ReLU(),
                conv_1_2=nn.Conv2d(width, width, 3),  # [N, 10, 60, 60]
                relu_1_2=nn.ReLU(),
                max_pool_1=nn.MaxPool2d(2),  # [N, 10, 30, 30]
                conv_2_1=nn.Conv2d(width, width, 3),  # [N, 10, 28, 28]
                relu_2_1=nn.ReLU(),
                conv_2_2=nn.Conv2d(width, width, 3),  # [N, 10, 26, 26]
                relu_2_2=nn.ReLU(),
                max_pool_2=nn.MaxPool2d(2),  # [N, 10, 13, 13]
                flatten=nn.Flatten(),  # [N, 1690]
                output=nn.Linear(width * 13 * 13, classes),
            )
        )


class LeNet5(nn.Sequential):
    """LeNet-5 (LeCun et al., 1998, Gradient-based learning applied to document recognition).

    Input [N, 1, 32, 32], a light digit on black in 0..1; output logits [N, classes]. As in the paper: tanh
    units and subsampling by averages. The 1998 partial connection table of C3 and the Gaussian output units
    are replaced by what is used today, full connections and a linear layer.
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__(
            OrderedDict(
                c1=nn.Conv2d(1, 6, 5),  # [N, 6, 28, 28]
                tanh1=nn.Tanh(),
                s2=nn.AvgPool2d(2),  # [N, 6, 14, 14]
                c3=nn.Conv2d(6, 16, 5),  # [N, 16, 10, 10]
                tanh3=nn.Tanh(),
                s4=nn.AvgPool2d(2),  # [N, 16, 5, 5]
                c5=nn.Conv2d(16, 120, 5),  # [N, 120, 1, 1]
                tanh5=nn.Tanh(),
                flatten=nn.Flatten(),
                f6=nn.Linear(120, 84),
                tanh6=nn.Tanh(),
                output=nn.Linear(84, classes),
            )
        )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and the identity shortcut without parameters (option A of the paper)."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.stride = stride
        self.extra = channels - channels_in

    def forward(self, x: Tensor) -> Tensor:
        """Map [N, C_in, H, W] to [N, C, H / stride, W / stride]."""
        shortcut = x
        if self.stride > 1 or self.extra:
            half = self.extra // 2
            shortcut = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, self.extra - half))
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + shortcut)


class ResNet20(nn.Module):
    """ResNet-20 for CIFAR-10 (He et al., 2016, Deep residual learning for image recognition, section 4.2).

    Input [N, 3, 32, 32], normalised; three stages of three residual blocks with 16, 32 and 64 channels;
    output logits [N, classes].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self._stage(16, 16, stride=1)  # [N, 16, 32, 32]
        self.layer2 = self._stage(16, 32, stride=2)  # [N, 32, 16, 16]
        self.layer3 = self._stage(32, 64, stride=2)  # [N, 64, 8, 8]
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    @staticmethod
    def _stage(channels_in: int, channels: int, stride: int) -> nn.Sequential:
        return nn.Sequential(
            ResidualBlock(channels_in, channels, stride),
            ResidualBlock(channels, channels, 1),
            ResidualBlock(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map images [N, 3, 32, 32] to logits [N, classes]."""
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(torch.flatten(self.avgpool(x), 1))


NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    "tiny_vgg": TinyVGG,
    "lenet5": LeNet5,
    "resnet20": ResNet20,
}


def build(name: str, classes: int = 10) -> nn.Module:
    """Return a new, untrained network; ``KeyError`` if the project has none of this name."""
    return NETWORKS[name](classes)
