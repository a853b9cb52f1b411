"""YOLOX (Ge, Liu, Wang, Li and Sun, 2021, "YOLOX: Exceeding YOLO series in 2021", arXiv:2107.08430).

One stage, no anchors: every cell of three grids says where a box is, whether there is one, and of what. The
modules bear the names of the published checkpoints, which therefore load as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDES = (8, 16, 32)
"""Pixels of the input between neighbouring cells, for each grid."""


@dataclass(frozen=True)
class Size:
    """How a family's members differ."""

    depth: float
    """Times the number of bottlenecks."""
    width: float
    """Times the number of channels."""
    depthwise: bool
    """Whether 3×3 convolutions are split into depthwise and pointwise ones."""
    side: int
    """Of the square input that the published weights were trained for."""


SIZES = {
    "yolox_nano": Size(0.33, 0.25, True, 416),
    "yolox_tiny": Size(0.33, 0.375, False, 416),
    "yolox_s": Size(0.33, 0.5, False, 640),
}


class BaseConv(nn.Module):
    """Convolution, batch normalisation, SiLU."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False)
        # The published weights were trained with these; they are not stored in them.
        self.bn = nn.BatchNorm2d(out, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        """Return float [N, out, H / stride, W / stride]."""
        return self.act(self.bn(self.conv(x)))


class DWConv(nn.Module):
    """Depthwise separable convolution (Howard et al., 2017, section 3.1), normalised after both halves."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.dconv = BaseConv(channels, channels, kernel, stride, groups=channels)
        self.pconv = BaseConv(channels, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return float [N, out, H / stride, W / stride]."""
        return self.pconv(self.dconv(x))


def spatial(depthwise: bool) -> type[BaseConv] | type[DWConv]:
    """Return the kind of 3×3 convolution that a network uses."""
    return DWConv if depthwise else BaseConv


class Focus(nn.Module):
    """Four neighbouring pixels become four channels, so that the first convolution sees half the size."""

    def __init__(self, channels: int, out: int, kernel: int) -> None:
        super().__init__()
        self.conv = BaseConv(4 * channels, out, kernel)

    def forward(self, x: Tensor) -> Tensor:
        """Return float [N, out, H / 2, W / 2]."""
        top, bottom = x[..., ::2, :], x[..., 1::2, :]
        parts = (top[..., ::2], bottom[..., ::2], top[..., 1::2], bottom[..., 1::2])
        return self.conv(torch.cat(parts, 1))


class Bottleneck(nn.Module):
    """A 1×1 and a 3×3 convolution, added to their input where wanted."""

    def __init__(self, channels: int, shortcut: bool, depthwise: bool) -> None:
        super().__init__()
        self.conv1 = BaseConv(channels, channels, 1)
        self.conv2 = spatial(depthwise)(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return float of the same shape."""
        y = self.conv2(self.conv1(x))
        return x + y if self.shortcut else y


class CSPLayer(nn.Module):
    """Half of the channels goes through bottlenecks, half past them (Wang et al., 2020, CSPNet)."""

    def __init__(
        self, channels: int, out: int, count: int, *, shortcut: bool = True, depthwise: bool = False
    ) -> None:
        super().__init__()
        hidden = out // 2
        self.conv1 = BaseConv(channels, hidden, 1)
        self.conv2 = BaseConv(channels, hidden, 1)
        self.conv3 = BaseConv(2 * hidden, out, 1)
        self.m = nn.Sequential(*(Bottleneck(hidden, shortcut, depthwise) for _ in range(count)))

    def forward(self, x: Tensor) -> Tensor:
        """Return float [N, out, H, W]."""
        through, past = self.conv1(x), self.conv2(x)
        return self.conv3(torch.cat((self.m(through), past), 1))


class SPPBottleneck(nn.Module):
    """Maxima over windows of several sizes side by side (He et al., 2015, spatial pyramid pooling)."""

    def __init__(self, channels: int, out: int, kernels: Sequence[int] = (5, 9, 13)) -> None:
        super().__init__()
        hidden = channels // 2
        self.conv1 = BaseConv(channels, hidden, 1)
        self.m = nn.ModuleList(nn.MaxPool2d(k, 1, k // 2) for k in kernels)
        self.conv2 = BaseConv(hidden * (len(kernels) + 1), out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return float [N, out, H, W]."""
        x = self.conv1(x)
        return self.conv2(torch.cat([x] + [pool(x) for pool in self.m], 1))


class CSPDarknet(nn.Module):
    """The backbone: maps at strides 8, 16 and 32."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        base, count = int(size.width * 64), max(round(size.depth * 3), 1)
        deep, conv = size.depthwise, spatial(size.depthwise)
        self.stem = Focus(3, base, 3)
        self.dark2 = nn.Sequential(
            conv(base, 2 * base, 3, 2), CSPLayer(2 * base, 2 * base, count, depthwise=deep)
        )
        self.dark3 = nn.Sequential(
            conv(2 * base, 4 * base, 3, 2), CSPLayer(4 * base, 4 * base, 3 * count, depthwise=deep)
        )
        self.dark4 = nn.Sequential(
            conv(4 * base, 8 * base, 3, 2), CSPLayer(8 * base, 8 * base, 3 * count, depthwise=deep)
        )
        self.dark5 = nn.Sequential(
            conv(8 * base, 16 * base, 3, 2),
            SPPBottleneck(16 * base, 16 * base),
            CSPLayer(16 * base, 16 * base, count, shortcut=False, depthwise=deep),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return maps at strides 8, 16 and 32."""
        c3 = self.dark3(self.dark2(self.stem(x)))
        c4 = self.dark4(c3)
        return c3, c4, self.dark5(c4)


class PAFPN(nn.Module):
    """The neck: what the deep maps know goes up, then down again (Liu et al., 2018, PANet)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.backbone = CSPDarknet(size)
        small, middle, large = (int(c * size.width) for c in (256, 512, 1024))
        conv, count = spatial(size.depthwise), round(3 * size.depth)

        def csp(channels: int, out: int) -> CSPLayer:
            return CSPLayer(channels, out, count, shortcut=False, depthwise=size.depthwise)

        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")
        self.lateral_conv0 = BaseConv(large, middle, 1)
        self.C3_p4 = csp(2 * middle, middle)
        self.reduce_conv1 = BaseConv(middle, small, 1)
        self.C3_p3 = csp(2 * small, small)
        self.bu_conv2 = conv(small, small, 3, 2)
        self.C3_n3 = csp(2 * small, middle)
        self.bu_conv1 = conv(middle, middle, 3, 2)
        self.C3_n4 = csp(2 * middle, large)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return maps at strides 8, 16 and 32, each of which knows of the others."""
        c3, c4, c5 = self.backbone(x)
        top = self.lateral_conv0(c5)
        p4 = self.reduce_conv1(self.C3_p4(torch.cat((self.upsample(top), c4), 1)))
        n2 = self.C3_p3(torch.cat((self.upsample(p4), c3), 1))
        n3 = self.C3_n3(torch.cat((self.bu_conv2(n2), p4), 1))
        return n2, n3, self.C3_n4(torch.cat((self.bu_conv1(n3), top), 1))


class Head(nn.Module):
    """Decoupled: one branch says what there is, the other where, and whether at all."""

    def __init__(self, size: Size, classes: int) -> None:
        super().__init__()
        width, conv = int(256 * size.width), spatial(size.depthwise)
        inputs = [int(c * size.width) for c in (256, 512, 1024)]

        def branch() -> nn.Sequential:
            return nn.Sequential(conv(width, width, 3), conv(width, width, 3))

        self.stems = nn.ModuleList(BaseConv(c, width, 1) for c in inputs)
        self.cls_convs = nn.ModuleList(branch() for _ in inputs)
        self.reg_convs = nn.ModuleList(branch() for _ in inputs)
        self.cls_preds = nn.ModuleList(nn.Conv2d(width, classes, 1) for _ in inputs)
        self.reg_preds = nn.ModuleList(nn.Conv2d(width, 4, 1) for _ in inputs)
        self.obj_preds = nn.ModuleList(nn.Conv2d(width, 1, 1) for _ in inputs)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Return for each grid float [N, 5 + classes, H, W]: tx, ty, tw, th, objectness, classes; logits."""
        grids = []
        for i, x in enumerate(maps):
            x = self.stems[i](x)
            what, where = self.cls_convs[i](x), self.reg_convs[i](x)
            scores = self.cls_preds[i](what)
            grids.append(torch.cat((self.reg_preds[i](where), self.obj_preds[i](where), scores), 1))
        return grids


class YOLOX(nn.Module):
    """YOLOX (Ge et al., 2021): backbone, neck and decoupled head."""

    def __init__(self, size: Size, classes: int) -> None:
        super().__init__()
        self.backbone = PAFPN(size)
        self.head = Head(size, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return what every cell says.

        Args:
            images: float [N, 3, H, W], BGR in 0..255; H and W are multiples of 32.

        Returns:
            float [N, cells, 5 + classes], the finest grid first, row by row: tx, ty, tw, th, then logits of
            objectness and classes.
        """
        grids = self.head(self.backbone(images))
        return torch.cat([grid.flatten(2) for grid in grids], 2).transpose(1, 2)


def build_yolox(name: str, classes: int = 80) -> YOLOX:
    """Return a network with new weights; ``KeyError`` for a size that there is not."""
    return YOLOX(SIZES[name], classes)


def cells(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return column and row of every cell, float [cells, 2], and its stride, float [cells, 1]."""
    places, strides = [], []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        places.append(torch.stack((columns, rows), -1).reshape(-1, 2).float())
        strides.append(torch.full((len(places[-1]), 1), float(stride)))
    return torch.cat(places), torch.cat(strides)


def decode(raw: Tensor, places: Tensor, strides: Tensor) -> Tensor:
    """Return boxes in input pixels from what cells say (YOLOX, section 2.1).

    Centre = (t + cell) · stride, size = exp(t) · stride.

    Args:
        raw: float [..., cells, at least 4].
        places: float [cells, 2] and
        strides: float [cells, 1], as ``cells`` returns them.

    Returns:
        float [..., cells, 4]: left, top, right, bottom.
    """
    centre = (raw[..., :2] + places) * strides
    half = raw[..., 2:4].exp() * strides / 2
    return torch.cat((centre - half, centre + half), -1)


def letterbox(pixels: Tensor, side: tuple[int, int], fill: float = 114.0) -> tuple[Tensor, float]:
    """Return a picture scaled to fit, at the top left of a grey canvas, and the factor.

    Args:
        pixels: [3, h, w], any order of colours, 0..255.
        side: height and width of the canvas.
        fill: value of the rest.
    """
    _, height, width = pixels.shape
    factor = min(side[0] / height, side[1] / width)
    small = (int(height * factor), int(width * factor))
    scaled = F.interpolate(pixels[None].float(), small, mode="bilinear", align_corners=False)[0]
    canvas = torch.full((3, *side), fill)
    canvas[:, : small[0], : small[1]] = scaled
    return canvas, factor
