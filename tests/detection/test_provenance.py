"""Where a box came from: against plain autograd by hand and against the pixels that do move a cell."""

import pytest
import torch
from torch.nn import functional as F

from explainer.detection import provenance
from explainer.detection.provenance import Cell
from explainer.detection.yolox import YOLOX, Size, cells
from explainer.errors import ReaderError
from explainer.tracing import trace

SIDE, CLASSES = 96, 3
TINY = Size(0.33, 0.125, True, SIDE)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(3)
    network = YOLOX(TINY, CLASSES)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval().double()  # so that nothing is lost in the last digits of small gradients


@pytest.fixture(scope="module")
def image():
    return torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(5)).double() * 255


@pytest.fixture(scope="module")
def recorded(model, image):
    return trace(model, image)


def by_hand(model, image, cell, label, layer):
    """Score, the layer's output and its gradient, with hooks and a plain backward pass."""
    held = {}
    module = model.get_submodule(layer)
    handle = module.register_forward_hook(lambda _, __, out: held.setdefault("out", out))
    try:
        raw = model(image)[0, provenance.index_of(cell, SIDE)]
    finally:
        handle.remove()
    score = raw[4].sigmoid() * raw[5 + label].sigmoid()
    (gradient,) = torch.autograd.grad(score, held["out"])
    return score.item(), held["out"].detach()[0], gradient[0]


def test_cells_are_numbered_as_the_networks_output():
    places, strides = cells(SIDE, SIDE)
    for index in range(len(places)):
        cell = provenance.cell_at(index, SIDE)
        assert (cell.column, cell.row, cell.stride) == (*places[index].tolist(), strides[index].item())
        assert provenance.index_of(cell, SIDE) == index
    for outside in (-1, len(places)):
        with pytest.raises(ReaderError):
            provenance.cell_at(outside, SIDE)


@pytest.mark.parametrize("cell", [Cell(0, 7, 2), Cell(1, 0, 5), Cell(2, 2, 1)])
def test_grad_cam_of_a_cell_is_the_one_computed_by_hand(model, image, recorded, cell):
    for layer in provenance.layers_before(cell):
        score, activation, gradient = by_hand(model, image, cell, 2, layer)
        assert gradient.abs().sum() > 0, layer
        weights = gradient.mean((1, 2))
        expected = (weights[:, None, None] * activation).sum(0).clamp_min(0)
        found = provenance.cell_cam(recorded, cell, 2, layer)
        assert found.value == pytest.approx(score, rel=1e-9)
        torch.testing.assert_close(found.map, expected, rtol=1e-8, atol=1e-14)
        sharp = provenance.cell_cam(recorded, cell, 2, layer, method="hirescam")
        torch.testing.assert_close(
            sharp.map, (gradient * activation).sum(0).clamp_min(0), rtol=1e-8, atol=1e-14
        )


def test_layers_that_a_grid_does_not_read_are_not_offered(recorded):
    cell = Cell(0, 3, 3)
    assert "backbone.C3_n4" not in provenance.layers_before(cell)
    assert provenance.cell_cam(recorded, cell, 0, "backbone.C3_n4").map.abs().sum() == 0
    for grid in range(3):
        assert provenance.usual_layer(Cell(grid, 0, 0)) in provenance.layers_before(Cell(grid, 0, 0))


@pytest.mark.parametrize("target", list(provenance.TARGETS))
def test_the_effective_field_is_the_gradient(model, image, recorded, target):
    cell, label = Cell(1, 3, 2), 1
    leaf = image.clone().requires_grad_()
    raw = model(leaf)[0, provenance.index_of(cell, SIDE)]
    value = {
        "score": raw[4].sigmoid() * raw[5 + label].sigmoid(), "objectness": raw[4], "class": raw[5 + label],
    }[target]  # fmt: skip
    (gradient,) = torch.autograd.grad(value, leaf)
    found = provenance.effective_field_of(recorded, cell, label, target)
    torch.testing.assert_close(found, gradient[0].abs().sum(0), rtol=1e-8, atol=1e-16)


def test_the_field_is_what_can_move_the_score(model, image):
    """With positive weights, idle normalisation and averages for maxima no paths cancel: a gradient mask."""
    import copy

    side = 832  # large enough that a cell in the middle does not see all
    positive = copy.deepcopy(model)
    with torch.no_grad():
        for module in positive.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.reset_running_stats()
            for name, value in module.named_parameters(recurse=False):
                if value.ndim < 2:
                    value.fill_(1.0 if name == "weight" else 0.0)
                else:
                    value.fill_(1.0 / value[0].numel())
            if isinstance(module, torch.nn.MaxPool2d):
                module.forward = lambda x, k=module.kernel_size: F.avg_pool2d(x, k, 1, k // 2)
    leaf = torch.ones(1, 3, side, side, dtype=torch.double, requires_grad=True)
    raw = positive(leaf)[0]
    for cell in (Cell(0, 50, 52), Cell(1, 0, 30), Cell(2, 13, 12)):
        row = raw[provenance.index_of(cell, side)]
        (gradient,) = torch.autograd.grad(row[4].sigmoid() * row[6].sigmoid(), leaf, retain_graph=True)
        moved = gradient[0].sum(0) > 0
        rows, columns = moved.any(1).nonzero(), moved.any(0).nonzero()
        hull = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        with torch.no_grad():
            found = provenance.field_of(trace(model, torch.zeros(1, 3, side, side).double()), cell)
        assert found.inside == hull
        left, top, right, bottom = found.field
        assert left <= hull[0]
        assert min(right - left, bottom - top) >= 700  # what the padding hides counts, too


def test_nothing_is_left_in_the_shared_model(model, image, recorded):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    cell = Cell(2, 1, 1)
    provenance.cell_cam(recorded, cell, 0, provenance.usual_layer(cell))
    provenance.effective_field_of(recorded, cell, 0)
    provenance.field_of(recorded, cell)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert not model.training


@pytest.mark.parametrize(
    "call",
    [
        lambda t: provenance.cell_cam(t, Cell(0, 99, 0), 0, "backbone.C3_p3"),
        lambda t: provenance.cell_cam(t, Cell(0, 0, 0), CLASSES, "backbone.C3_p3"),
        lambda t: provenance.cell_cam(t, Cell(0, 0, 0), 0, "no.such.layer"),
        lambda t: provenance.cell_cam(t, Cell(0, 0, 0), 0, "backbone.C3_p3", "weather"),
        lambda t: provenance.cell_cam(t, Cell(0, 0, 0), 0, "backbone.C3_p3", method="scorecam"),
        lambda t: provenance.effective_field_of(t, Cell(0, -1, 0), 0),
        lambda t: provenance.field_of(t, Cell(0, 0, 99)),
    ],
)
def test_what_there_is_not_is_said(recorded, call):
    with pytest.raises(ReaderError):
        call(recorded)
