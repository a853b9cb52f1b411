"""Awkward little networks: everything a tracer can stumble over, one idea each."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Forward(nn.Module):
    """A module around a function of (module, *inputs)."""

    def __init__(self, function: Callable[..., object], **parts: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs: Tensor) -> object:
        return self.function(self, *inputs)


def _residual(m: Forward, x: Tensor) -> Tensor:
    out = m.bn(m.conv(x))
    out += x
    return m.relu(out)


def _in_place_chain(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x)
    x += 1
    x *= 2
    x.sub_(0.5).div_(3)
    x.clamp_(min=-1).relu_()
    x = F.leaky_relu(x, 0.1, True)
    torch.sigmoid_(x)
    return F.hardswish(x, inplace=True)


def _write_through_view(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x)
    half = x[:, :2]
    half += 1  # changes x too
    x[:, 2] = 0
    x[:, 3].mul_(2)
    return m.last(x)


def _view_and_whole(m: Forward, x: Tensor) -> tuple[Tensor, Tensor]:
    x = m.conv(x)
    flat = x.view(x.shape[0], -1)
    top, bottom = x.chunk(2, dim=1)
    F.relu(x, inplace=True)  # changes flat, top and bottom
    return flat.sum(1), top * bottom


def _transposed_write(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x)
    turned = x.permute(0, 3, 2, 1)[:, 1:, ::2]
    turned.mul_(-1)
    again = x + 1
    x.t_() if x.dim() == 2 else x.add_(again)
    return turned.contiguous() + turned


def _overwritten_input(m: Forward, x: Tensor) -> Tensor:
    x.relu_()
    view = x[:, :1]
    view.add_(1)
    return m.conv(x)


def _squeeze_excite(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x)
    return x * torch.sigmoid(m.gate(x.mean((2, 3), keepdim=True)))


def _dictionary(m: Forward, x: Tensor) -> dict[str, object]:
    x = m.conv(x)
    return {"features": x, "both": (x.mean(), [x.amax(dim=(2, 3))])}


def _two_inputs(m: Forward, x: Tensor, y: Tensor) -> Tensor:
    return torch.cat([m.conv(x), F.interpolate(y, scale_factor=2, mode="bilinear")], dim=1)


def _no_parameters(m: Forward, x: Tensor) -> Tensor:
    a, b, c = x[0]  # iterating over a tensor
    return torch.stack((a, b * 2, -c)).unsqueeze(0) ** 2


def _constants(m: Forward, x: Tensor) -> Tensor:
    grid = torch.arange(x.shape[-1], dtype=x.dtype) / x.shape[-1]
    mask = x.new_ones(x.shape[-2:]).tril() + torch.zeros_like(x)
    return (x * grid + m.scale) * mask + torch.tensor(0.5) + m.listed[0] + (1 - x) / 2 + 2 / (x.abs() + 1)


def _same_object(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x)
    same = m.drop(x).contiguous()
    same.relu_()  # is x as well
    return x + same


def _several(m: Forward, x: Tensor) -> Tensor:
    first, second, third = torch.split(m.conv(x), [1, 2, 1], dim=1)
    values, places = second.max(dim=1, keepdim=True)
    pooled, where = F.max_pool2d(third, 2, return_indices=True)
    return first + values * places + F.max_unpool2d(pooled, where, 2)


def _attention(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x).flatten(2).transpose(1, 2)
    out, _ = m.heads(x, x, x)
    joined = F.scaled_dot_product_attention(x, x, out)
    return torch.einsum("nlc,ndc->nld", joined, x).softmax(-1) @ x


def _loop(m: Forward, x: Tensor) -> Tensor:
    for _ in range(3):
        x = m.conv(x)
        if x.mean().item() > -100 and x.shape[1] == 3:
            x = m.relu(x)
    return x


def _random(m: Forward, x: Tensor) -> Tensor:
    x = F.dropout(m.conv(x), 0.5, training=True)
    x = x + torch.rand_like(x)
    x += torch.randn(1)
    return F.dropout(x, 0.3, training=True, inplace=True)


def _copying(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x)
    y = torch.empty_like(x)
    y.copy_(x)
    y.fill_(2.0)
    torch.add(x, y, out=y)
    y[y > 2] = 1
    y.masked_fill_(y < 0, -1)
    y.index_add_(1, torch.tensor([0, 1]), x[:, :2])
    return y


def _writes_buffer(m: Forward, x: Tensor) -> Tensor:
    m.count.add_(1)
    m.scale.mul_(2)
    return x * m.scale + m.count


class Counting(Forward):
    """Keeps state in buffers, also in eval mode."""

    count: Tensor
    scale: Tensor

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)
        self.register_buffer("count", torch.zeros(()))
        self.register_buffer("scale", torch.ones(1, 3, 1, 1))


def _conv(outputs: int = 4, **options: object) -> nn.Conv2d:
    return nn.Conv2d(3, outputs, 3, padding=1, **options)  # type: ignore[arg-type]


def zoo() -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
    """Every network with inputs for it, in eval mode, from a fixed seed."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return _zoo()


def _zoo() -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
    image = torch.randn(2, 3, 8, 8)
    oblong = torch.randn(1, 3, 9, 14)
    relu = nn.ReLU(inplace=True)
    constants = Forward(_constants)
    constants.scale = torch.ones(3, 1, 1).mul_(2)  # a plain attribute, written in place before
    constants.listed = [torch.ones(1)]
    shared = _conv(3)
    weighted = nn.utils.parametrizations.weight_norm(_conv(4))
    found: dict[str, tuple[nn.Module, tuple[Tensor, ...]]] = {
        "residual": (
            Forward(_residual, conv=_conv(3), bn=nn.BatchNorm2d(3), relu=nn.ReLU(inplace=True)),
            (image,),
        ),
        "in_place_chain": (Forward(_in_place_chain, conv=_conv()), (image,)),
        "write_through_view": (
            Forward(_write_through_view, conv=_conv(), last=nn.Conv2d(4, 2, 1)),
            (image,),
        ),
        "view_and_whole": (Forward(_view_and_whole, conv=_conv()), (image,)),
        "transposed_write": (Forward(_transposed_write, conv=_conv()), (image,)),
        "overwritten_input": (Forward(_overwritten_input, conv=_conv()), (image,)),
        "squeeze_excite": (Forward(_squeeze_excite, conv=_conv(), gate=nn.Conv2d(4, 4, 1)), (image,)),
        "dictionary": (Forward(_dictionary, conv=_conv()), (image,)),
        "two_inputs": (Forward(_two_inputs, conv=_conv()), (image, torch.randn(2, 3, 4, 4))),
        "no_parameters": (Forward(_no_parameters), (image[:1],)),
        "constants": (constants, (image,)),
        "same_object": (Forward(_same_object, conv=_conv(), drop=nn.Dropout()), (image,)),
        "several": (Forward(_several, conv=_conv()), (image,)),
        "attention": (
            Forward(_attention, conv=_conv(), heads=nn.MultiheadAttention(4, 2, batch_first=True)),
            (image,),
        ),
        "loop": (Forward(_loop, conv=_conv(3), relu=relu), (image,)),
        "random": (Forward(_random, conv=_conv()), (image,)),
        "copying": (Forward(_copying, conv=_conv()), (image,)),
        "writes_buffer": (Counting(_writes_buffer), (image,)),
        "reused": (
            nn.Sequential(shared, relu, shared, relu, nn.Flatten(), nn.Dropout(inplace=True)),
            (image,),
        ),
        "convolutions": (
            nn.Sequential(
                _conv(6, dilation=2, padding_mode="reflect"),
                nn.Conv2d(6, 6, 3, groups=6, padding="same", bias=False),
                nn.Conv2d(6, 4, (1, 3), stride=(1, 2), padding=(0, 1), groups=2),
                nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
                nn.Conv2d(6, 2, (2, 4), padding="same"),
            ),
            (oblong,),
        ),
        "one_dimension": (
            nn.Sequential(nn.Conv1d(3, 4, 3), nn.BatchNorm1d(4), nn.ReLU6(True), nn.MaxPool1d(2)),
            (torch.randn(2, 3, 16),),
        ),
        "volume": (nn.Sequential(nn.Conv3d(1, 2, 3), nn.AvgPool3d(2)), (torch.randn(1, 1, 8, 8, 8),)),
        "norms": (
            nn.Sequential(
                _conv(4), nn.GroupNorm(2, 4), nn.InstanceNorm2d(4), nn.LayerNorm([4, 8, 8]), nn.PReLU(4)
            ),
            (image,),
        ),
        "activations": (
            nn.Sequential(
                *(kind(inplace=True) for kind in (nn.ELU, nn.CELU, nn.SELU, nn.SiLU, nn.Mish, nn.Hardswish)),
                nn.GELU(),
                nn.Hardsigmoid(True),
                nn.Softplus(),
                nn.Threshold(0.7, 0.1, True),
                nn.Softmax(dim=1),
            ),
            (image,),
        ),
        "weight_norm": (nn.Sequential(weighted, relu), (image,)),
        "channels_last": (
            nn.Sequential(_conv(4), nn.ReLU(True)).to(memory_format=torch.channels_last),  # type: ignore[call-overload]
            (image.to(memory_format=torch.channels_last),),
        ),
        "recurrent": (nn.LSTM(8, 4, batch_first=True), (torch.randn(2, 5, 8),)),
        "nothing": (nn.Identity(), (image,)),
    }
    for model, _ in found.values():
        model.eval()
    return found
