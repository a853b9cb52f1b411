"""The building blocks of convolutional networks, each as a small module that reads like its paper.

Every block maps [N, C, H, W] to a map of the same or half the height and width. What the papers put around
a block (stems, heads, the number of repetitions) is not here.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(channels_in: int, channels: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """Return a convolution that keeps the size at stride 1; batch norm behind it makes a bias needless."""
    return nn.Conv2d(channels_in, channels, kernel, stride, padding=kernel // 2, groups=groups, bias=False)


class Shortcut(nn.Sequential):
    """A 1x1 convolution where the identity has the wrong shape (He et al., 2016, section 3.3, option B)."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        if stride != 1 or channels_in != channels:
            self.add_module("conv", conv(channels_in, channels, 1, stride))
            self.add_module("bn", nn.BatchNorm2d(channels))


class PlainBlock(nn.Module):
    """Two 3x3 convolutions, one after the other, as in VGG (Simonyan & Zisserman, 2015) with batch norm."""

    def __init__(self, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = conv(channels, channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = conv(channels, channels, 3)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Compute H(x)."""
        x = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(x)))


class ResidualBlock(nn.Module):
    """relu(x + F(x)) with two 3x3 convolutions in F (He et al., 2016, figure 2)."""

    def __init__(self, channels: int, stride: int = 1, skip: bool = True) -> None:
        super().__init__()
        self.conv1 = conv(channels, channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = conv(channels, channels, 3)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = Shortcut(channels, channels, stride) if skip else None

    def forward(self, x: Tensor) -> Tensor:
        """Add the input to what the convolutions make of it."""
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.shortcut is not None:
            y = self.shortcut(x) + y
        return F.relu(y)


class Bottleneck(nn.Module):
    """relu(x + F(x)) where F works on C / r channels: 1x1, 3x3, 1x1 (He et al., 2016, figure 5; r = 4)."""

    def __init__(self, channels: int, reduction: int = 4, stride: int = 1, skip: bool = True) -> None:
        super().__init__()
        narrow = max(1, channels // reduction)
        self.reduce = conv(channels, narrow, 1)
        self.bn1 = nn.BatchNorm2d(narrow)
        self.conv = conv(narrow, narrow, 3, stride)
        self.bn2 = nn.BatchNorm2d(narrow)
        self.restore = conv(narrow, channels, 1)
        self.bn3 = nn.BatchNorm2d(channels)
        self.shortcut = Shortcut(channels, channels, stride) if skip else None

    def forward(self, x: Tensor) -> Tensor:
        """Reduce, convolve, restore, add."""
        y = F.relu(self.bn1(self.reduce(x)))
        y = F.relu(self.bn2(self.conv(y)))
        y = self.bn3(self.restore(y))
        if self.shortcut is not None:
            y = self.shortcut(x) + y
        return F.relu(y)


class Inception(nn.Module):
    """Four branches side by side, joined along the channels (Szegedy et al., 2015, figure 2b).

    The shares of the branches are those of module 3a (table 1): of 256 channels 64, 128, 32 and 32 come from
    1x1, 3x3, 5x5 and pooling, the 1x1 convolutions before 3x3 and 5x5 give 96 and 16.
    """

    def __init__(self, channels: int, stride: int = 1) -> None:
        super().__init__()
        quarter, half, eighth = channels // 4, channels // 2, channels // 8
        self.conv1 = nn.Conv2d(channels, quarter, 1, stride)
        self.reduce3 = nn.Conv2d(channels, channels * 96 // 256, 1)
        self.conv3 = nn.Conv2d(channels * 96 // 256, half, 3, stride, padding=1)
        self.reduce5 = nn.Conv2d(channels, max(1, channels * 16 // 256), 1)
        self.conv5 = nn.Conv2d(max(1, channels * 16 // 256), eighth, 5, stride, padding=2)
        self.pool = nn.MaxPool2d(3, stride, padding=1)
        self.project = nn.Conv2d(channels, eighth, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Look at several sizes at once."""
        ones = F.relu(self.conv1(x))
        threes = F.relu(self.conv3(F.relu(self.reduce3(x))))
        fives = F.relu(self.conv5(F.relu(self.reduce5(x))))
        pooled = F.relu(self.project(self.pool(x)))
        return torch.cat([ones, threes, fives, pooled], dim=1)


class Fire(nn.Module):
    """Squeeze by 1x1, expand by 1x1 and 3x3 side by side (Iandola et al., 2016, SqueezeNet, section 3.2)."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        narrow = max(1, channels // reduction)
        self.squeeze = nn.Conv2d(channels, narrow, 1)
        self.expand1 = nn.Conv2d(narrow, channels // 2, 1)
        self.expand3 = nn.Conv2d(narrow, channels // 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Squeeze, expand twice, join."""
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1(x)), F.relu(self.expand3(x))], dim=1)


class DenseBlock(nn.Module):
    """Each layer reads all maps before it and adds ``growth`` new ones (Huang et al., 2017, figure 1).

    A layer is batch norm, ReLU, 3x3 convolution (section 3, composite function).
    """

    LAYERS = 3

    def __init__(self, channels: int, growth: int = 8) -> None:
        super().__init__()
        for number in range(1, self.LAYERS + 1):
            known = channels + (number - 1) * growth
            layer = OrderedDict(bn=nn.BatchNorm2d(known), relu=nn.ReLU(), conv=conv(known, growth, 3))
            self.add_module(f"layer{number}", nn.Sequential(layer))

    def forward(self, x: Tensor) -> Tensor:
        """Join what is known with what each layer adds."""
        for layer in self.children():
            x = torch.cat([x, layer(x)], dim=1)
        return x


class DepthwiseSeparable(nn.Module):
    """A 3x3 kernel for each channel by itself, then 1x1 over the channels (Howard et al., 2017, figure 3)."""

    def __init__(self, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = conv(channels, channels, 3, stride, groups=channels)
        self.bn1 = nn.BatchNorm2d(channels)
        self.pointwise = conv(channels, channels, 1)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Filter, then combine."""
        x = F.relu(self.bn1(self.depthwise(x)))
        return F.relu(self.bn2(self.pointwise(x)))


class InvertedResidual(nn.Module):
    """Wide inside, narrow at the ends, no activation at the end (Sandler et al., 2018, table 1; t = 6)."""

    def __init__(self, channels: int, expansion: int = 6, stride: int = 1, skip: bool = True) -> None:
        super().__init__()
        wide = channels * expansion
        self.expand = conv(channels, wide, 1)
        self.bn1 = nn.BatchNorm2d(wide)
        self.depthwise = conv(wide, wide, 3, stride, groups=wide)
        self.bn2 = nn.BatchNorm2d(wide)
        self.project = conv(wide, channels, 1)
        self.bn3 = nn.BatchNorm2d(channels)
        self.skip = skip and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        """Expand, filter, project; add where the shapes agree."""
        y = F.relu6(self.bn1(self.expand(x)))
        y = F.relu6(self.bn2(self.depthwise(y)))
        y = self.bn3(self.project(y))
        return x + y if self.skip else y


class SqueezeExcitation(nn.Module):
    """One number from 0 to 1 for each channel, made of the means of all (Hu et al., 2018, section 3)."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        narrow = max(1, channels // reduction)
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, narrow, 1)
        self.fc2 = nn.Conv2d(narrow, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Weight the channels."""
        gate = F.relu(self.fc1(self.squeeze(x)))
        gate = torch.sigmoid(self.fc2(gate))
        return x * gate


class SEResidual(nn.Module):
    """A residual block whose F(x) goes through squeeze-and-excitation (Hu et al., 2018, figure 3)."""

    def __init__(self, channels: int, reduction: int = 16, stride: int = 1, skip: bool = True) -> None:
        super().__init__()
        self.conv1 = conv(channels, channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = conv(channels, channels, 3)
        self.bn2 = nn.BatchNorm2d(channels)
        self.se = SqueezeExcitation(channels, reduction)
        self.shortcut = Shortcut(channels, channels, stride) if skip else None

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, weight the channels, add."""
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.se(self.bn2(self.conv2(y)))
        if self.shortcut is not None:
            y = self.shortcut(x) + y
        return F.relu(y)


class ConvNeXtBlock(nn.Module):
    """7x7 for each channel, then a small dense network at every pixel (Liu et al., 2022, figure 4).

    The paper multiplies the branch by a learned number for each channel that begins at 1e-6 (layer scale);
    here it begins at 1, so that there is something to see before training.
    """

    def __init__(self, channels: int, expansion: int = 4, kernel: int = 7, skip: bool = True) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.expand = nn.Linear(channels, expansion * channels)
        self.project = nn.Linear(expansion * channels, channels)
        self.scale = nn.Parameter(torch.ones(channels))
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        """Filter, normalise each pixel's channels, expand, project, add."""
        y = self.depthwise(x).permute(0, 2, 3, 1)  # channels last: the dense layers work on each pixel
        y = self.project(F.gelu(self.expand(self.norm(y))))
        y = (self.scale * y).permute(0, 3, 1, 2)
        return x + y if self.skip else y
