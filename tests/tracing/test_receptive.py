"""Receptive fields of little networks, unit by unit, against the pixels that move each unit."""

from __future__ import annotations

import math
from contextlib import nullcontext

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tracing.gradient_masks import averages_for_maxima, check_unit, positive
from tracing.zoo import Forward, zoo

from explainer.errors import ReaderError
from explainer.tracing import (
    average_effective_receptive_field,
    effective_receptive_field,
    extent,
    receptive_field,
    receptive_fields,
    replay_from,
    trace,
)


def compare(model: nn.Module, *inputs: Tensor, bound: bool = False) -> dict[str, str]:
    """Check every unit of every node; each node's status."""
    generator = torch.Generator().manual_seed(0)
    recorded = trace(model, *inputs)
    tables = receptive_fields(recorded)
    assert list(tables) == list(recorded.nodes)
    nodes = [node for node in recorded.nodes if node.dtype.is_floating_point]
    leaf = recorded.input.output.clone().requires_grad_()
    values = replay_from(recorded, {recorded.input: leaf}, nodes)
    for node in nodes:
        table = tables[node]
        _, height, width = extent(node)
        assert table.rows.shape == (height, 2)
        assert table.columns.shape == (width, 2)
        if table.status == "undefined":
            assert table.reason
            assert table.box(0, 0) is None
        elif values[node].requires_grad:
            for y in range(height):
                for x in range(width):
                    check_unit(table, values[node], y, x, leaf, generator, bound=bound)
    return {node.name: table.status for node, table in tables.items()}


def _tokens(m: Forward, x: Tensor) -> Tensor:
    x = m.conv(x)
    n, c, h, w = x.shape
    x = x.flatten(2).transpose(1, 2)
    x = m.mix(x)
    return m.last(x.transpose(1, 2).reshape(n, c, h, w))


def _windows(m: Forward, x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    x = torch.roll(x, (-1, -2), (2, 3)).permute(0, 2, 3, 1)
    x = x.view(n, h // 2, 2, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 8, c)
    x = m.mix(x.transpose(1, 2)).transpose(1, 2)
    x = x.view(n, h // 2, w // 4, 2, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
    return x.permute(0, 3, 1, 2)


def _branches(m: Forward, x: Tensor) -> Tensor:
    near, far = m.near(x), m.far(x)
    both = torch.cat((near, far), 1)
    first, second = both.chunk(2, 1)
    return m.grouped(both) + first * 2 + torch.stack((second, near), 2).mean(2)


def _cuts(m: Forward, x: Tensor) -> Tensor:
    focus = torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)
    crop = m.conv(focus)[:, :, 1:, :-1]
    turned = m.conv2(F.pad(crop, (1, 0, 0, 1))).flip(3)
    joined = torch.cat((turned, turned.narrow(2, 0, 2)), dim=2)
    return joined[:, 1:, None, 2:, 0].expand(-1, -1, 3, -1)


def _columns(m: Forward, x: Tensor) -> Tensor:
    """A convolution written as a product with columns of windows."""
    columns = F.unfold(m.conv(x), (3, 2), padding=(1, 0), stride=(2, 1), dilation=(1, 2))
    return m.mix(columns.transpose(1, 2)).transpose(1, 2).reshape(x.shape[0], 3, 4, 6)


def _einsum(m: Forward, x: Tensor) -> Tensor:
    x = torch.einsum("nchw,hk->nckw", x, m.mixed.weight)
    return x.index_select(3, m.order)


def _c(inputs: int, outputs: int, kernel: int = 3, **options: object) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, **options)  # type: ignore[arg-type]


EXACT: dict[str, tuple[nn.Module, tuple[int, int]]] = {
    "strides and dilation": (
        nn.Sequential(_c(3, 2, 5, stride=2, padding=2), _c(2, 2, 3, dilation=2, padding=1), nn.MaxPool2d(2)),
        (17, 14),
    ),
    "pooling over the edge": (
        nn.Sequential(nn.MaxPool2d(3, 2, ceil_mode=True), nn.AvgPool2d(3, 2, 1), _c(3, 2, padding=1)),
        (15, 12),
    ),
    "rows left over": (nn.Sequential(_c(3, 2, stride=3), _c(2, 2, padding=1), _c(2, 2, padding=1)), (17, 15)),
    "transposed": (
        nn.Sequential(
            _c(3, 2, stride=2),
            nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1),
            nn.ConvTranspose2d(3, 2, 2, stride=3, dilation=2),
            _c(2, 2, padding=1),
        ),
        (9, 8),
    ),
    "nearest": (nn.Sequential(_c(3, 2, stride=2), nn.Upsample(scale_factor=2), _c(2, 2, padding=1)), (11, 9)),
    "bilinear": (
        nn.Sequential(
            _c(3, 2, stride=2),
            nn.Upsample(scale_factor=1.7, mode="bilinear"),
            nn.Upsample((9, 5), mode="bilinear", align_corners=True),
            nn.Upsample((4, 7), mode="area"),
        ),
        (11, 12),
    ),
    "adaptive": (nn.Sequential(_c(3, 2), nn.AdaptiveAvgPool2d((3, 4)), _c(2, 2, 2)), (12, 11)),
    "shuffled pixels": (
        nn.Sequential(_c(3, 8, stride=2), nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(2)),
        (9, 10),
    ),
    "paddings": (
        nn.Sequential(
            nn.ReflectionPad2d((1, 2, 0, 1)),
            _c(3, 2),
            nn.ReplicationPad2d(2),
            nn.ZeroPad2d((-1, 3, 1, -2)),
            _c(2, 2),
        ),
        (9, 8),
    ),
    "circular": (_c(3, 2, padding=1, padding_mode="circular"), (6, 5)),
    "tokens": (
        Forward(_tokens, conv=_c(3, 2, 2, stride=2), mix=nn.Linear(2, 2), last=_c(2, 2, padding=1)),
        (9, 8),
    ),
    "windows": (Forward(_windows, mix=nn.Linear(8, 8)), (4, 8)),
    "branches": (
        Forward(
            _branches, near=_c(3, 2, 1), far=_c(3, 2, 5, padding=2), grouped=_c(4, 2, padding=1, groups=2)
        ),
        (7, 9),
    ),
    "cuts": (Forward(_cuts, conv=_c(12, 3), conv2=_c(3, 2)), (12, 14)),
    "columns": (Forward(_columns, conv=_c(3, 2, 2), mix=nn.Linear(12, 3)), (8, 9)),
    "einsum": (Forward(_einsum, mixed=nn.Linear(2, 5)), (5, 6)),
    "fully connected": (nn.Sequential(_c(3, 2), nn.Flatten(), nn.Linear(40, 3)), (6, 7)),
}


@pytest.mark.parametrize("name", list(EXACT))
def test_every_unit_sees_what_moves_it(name: str) -> None:
    model, size = EXACT[name]
    model.order = torch.tensor([3, 0])
    generator = torch.Generator().manual_seed(1)
    with averages_for_maxima():
        found = compare(
            positive(model), torch.rand(1, 3, *size, generator=generator, dtype=torch.float64) + 0.1
        )
    assert set(found.values()) == {"exact"}


UNEVEN = {"constants", "copying", "one_dimension", "several"}
"""Networks that multiply by zero, overwrite, or let a maximum choose: not all of the field moves them."""


@pytest.mark.parametrize("name", sorted(set(zoo()) - {"random", "recurrent", "writes_buffer"}))
def test_every_kind_of_the_zoo_has_an_answer(name: str) -> None:
    model, inputs = zoo()[name]
    with averages_for_maxima() if name != "several" else nullcontext():
        compare(positive(model), *(value[:1].double().abs() + 0.1 for value in inputs), bound=name in UNEVEN)


def test_what_cannot_be_told_is_said() -> None:
    found = {}
    for name in ("several", "constants", "random", "recurrent"):
        model, inputs = zoo()[name]
        recorded = trace(model, *inputs)
        found |= {f"{name} {node.name}": table for node, table in receptive_fields(recorded).items()}
    for name, status, words in (
        ("several max:2", "undefined", "whole numbers"),
        ("several max_unpool2d", "undefined", "chosen by the values"),
        ("several max_pool2d_with_indices", "exact", ""),
        ("several mul", "exact", ""),
        ("constants zeros_like", "undefined", "does not depend"),
        ("random rand_like", "undefined", "does not depend"),
        ("recurrent lstm", "bound", "lstm reads is not known"),
    ):
        table = found[name]
        assert table.status == status, name
        assert words in table.reason, name
        assert (table.box(0, 0) is None) == (status == "undefined"), name


def test_what_is_too_large_to_list_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explainer.tracing.receptive.reach.LARGEST", 100)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Unflatten(1, (8, 36)))
    recorded = trace(model, torch.zeros(1, 3, 8, 8))
    field = receptive_field(recorded, recorded["1"])
    assert (field.status, field.seen) == ("bound", (0, 0, 8, 8))
    assert "so many numbers" in field.reason
    assert receptive_field(recorded, recorded["0"]).status == "exact"


def test_a_gate_widens_the_field_to_the_image_and_leaves_the_local_one() -> None:
    model, (image,) = zoo()["squeeze_excite"]
    recorded = trace(model, image)
    field = receptive_field(recorded, recorded["mul"], 4, 5)
    assert field.status == "bound"
    assert "pooling over the whole map" in field.reason
    assert field.seen == (0, 0, 8, 8)
    assert field.local == (3, 4, 6, 7)
    gate = receptive_field(recorded, recorded["sigmoid"])
    assert gate.local is None
    assert gate.stride == (0, 0)
    before = receptive_field(recorded, recorded["conv"], 0, 0)
    assert (before.box, before.seen) == ((-1, -1, 2, 2), (0, 0, 2, 2))


def test_the_middle_unit_is_the_default_and_others_are_refused() -> None:
    recorded = trace(nn.Conv2d(3, 2, 3, stride=2), torch.zeros(1, 3, 11, 7))
    assert receptive_field(recorded, recorded.nodes[-1]) == receptive_field(
        recorded, recorded.nodes[-1], 2, 1
    )
    with pytest.raises(ReaderError, match="5 × 3 units: there is none at 5, 0"):
        receptive_field(recorded, recorded.nodes[-1], 5, 0)


def test_uneven_steps_have_a_mean_stride() -> None:
    model = nn.Sequential(nn.Conv2d(1, 1, 3, stride=4), nn.Upsample(scale_factor=2), nn.Conv2d(1, 1, 3))
    recorded = trace(model, torch.zeros(1, 1, 23, 23))
    field = receptive_field(recorded, recorded.nodes[-1])
    assert field.stride == (2, 2)
    assert field.box == (8, 8, 15, 15)  # units 4, 5, 6 of the enlarged map: 2, 2, 3 of the small one


# --- the effective field ---------------------------------------------------------------------------------


def test_the_effective_field_is_the_gradient() -> None:
    model, _ = zoo()["residual"]
    image = torch.randn(1, 3, 8, 9, generator=torch.Generator().manual_seed(3))
    recorded = trace(model, image)
    y, x = (recorded.output.output[0, 1, 1:-1, 1:-1] > 0).nonzero()[0].tolist()
    y, x = y + 1, x + 1
    found = effective_receptive_field(recorded, recorded["relu"], 1, y, x)
    leaf = image.clone().requires_grad_()
    (expected,) = torch.autograd.grad(model(leaf)[0, 1, y, x], leaf)
    torch.testing.assert_close(found, expected[0].abs().sum(0))
    assert not found.requires_grad
    assert all(parameter.grad is None for parameter in model.parameters())
    rows, columns = found.nonzero().T.tolist()
    hull = (min(rows), min(columns), max(rows) + 1, max(columns) + 1)
    assert hull == receptive_field(recorded, recorded["relu"], y, x).box


def test_of_the_image_itself_it_is_one_pixel() -> None:
    recorded = trace(nn.Identity(), torch.rand(1, 3, 4, 5))
    found = effective_receptive_field(recorded, recorded.input, 2, 1, 3)
    assert found[1, 3] == 1
    assert found.sum() == 1


def test_without_a_gradient_there_is_no_effective_field() -> None:
    model = Forward(lambda _, x: (x > 0).float() * torch.ones(1, 3, 1, 1))
    recorded = trace(model, torch.rand(1, 3, 4, 5))
    with pytest.raises(ReaderError, match="No gradient leads"):
        effective_receptive_field(recorded, recorded["gt"], 0, 0, 0)
    with pytest.raises(ReaderError, match="has no channel 3"):
        effective_receptive_field(recorded, recorded.input, 3, 0, 0)


def test_the_average_counts_every_photo_alike() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3)).eval()
    images = [torch.randn(1, 3, 9, 9, generator=torch.Generator().manual_seed(seed)) for seed in range(3)]
    seen = []
    found = average_effective_receptive_field(
        model, "2", images, 1, 2, 2, progress=lambda done, total: seen.append((done, total))
    )
    single = [effective_receptive_field(t := trace(model, image), t["2"], 1, 2, 2) for image in images]
    expected = sum(heat / heat.sum() for heat in single) / 3
    torch.testing.assert_close(found, expected)
    assert math.isclose(float(found.sum()), 1, rel_tol=1e-5)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_units_that_never_move_have_an_empty_average() -> None:
    model = nn.Sequential(nn.Conv2d(3, 1, 1), nn.ReLU())
    with torch.no_grad():
        model[0].bias.fill_(-100)
    assert average_effective_receptive_field(model, "1", [torch.rand(1, 3, 4, 4)], 0, 0, 0).sum() == 0
    with pytest.raises(ReaderError, match="no photo"):
        average_effective_receptive_field(model, "1", [], 0, 0, 0)
