"""Paths equal those of torch.optim in an ordinary training loop; rates above the limit make them diverge."""

import math

import numpy as np
import pytest
import torch

from explainer.errors import ReaderError
from explainer.playground.descent import (
    FARTHEST,
    KINDS,
    Run,
    batches,
    descend,
    eigenvalues,
    hessians,
    largest_rate,
)
from explainer.playground.descent_link import preset_run
from explainer.playground.surfaces import (
    POINTS,
    Surface,
    line_data,
    line_minimum,
    loss_of,
    own_surface,
    surfaces,
)


def line(p, batch=slice(None)):
    x, y = line_data()
    return torch.nn.functional.mse_loss(p[0] * x[batch] + p[1], y[batch])


WRITTEN = {
    "bowl": lambda p: p.square().sum(),
    "valley": lambda p: 0.1 * p[0] ** 2 + 2 * p[1] ** 2,
    "rosenbrock": lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2,
    "saddle": lambda p: p[0] ** 2 - p[1] ** 2 + p[1] ** 4 / 4,
    "himmelblau": lambda p: (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2,
    "beale": lambda p: sum((c - p[0] + p[0] * p[1] ** n) ** 2 for c, n in ((1.5, 1), (2.25, 2), (2.625, 3))),
    "line": line,
}
"""The surfaces once more, in PyTorch alone."""


def optimiser(run: Run, p):
    """Return PyTorch's optimiser, made here once more."""
    lr, betas = run.rate, (run.beta1, run.beta2)
    return {
        "sgd": lambda: torch.optim.SGD([p], lr=lr),
        "momentum": lambda: torch.optim.SGD([p], lr=lr, momentum=run.momentum),
        "nesterov": lambda: torch.optim.SGD([p], lr=lr, momentum=run.momentum, nesterov=True),
        "rmsprop": lambda: torch.optim.RMSprop([p], lr=lr, alpha=run.beta2),
        "adam": lambda: torch.optim.Adam([p], lr=lr, betas=betas),
    }[run.kind]()


def trained(loss, start, run, steps, order=None):
    """Return the points of an ordinary training loop."""
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    made = optimiser(run, p)
    points = [p.tolist()]
    for step in range(steps):
        made.zero_grad()
        (loss(p) if order is None else loss(p, order[step])).backward()
        made.step()
        points.append(p.tolist())
    return torch.tensor(points, dtype=torch.float64)


@pytest.mark.parametrize("key", surfaces())
def test_paths_equal_an_ordinary_training_loop(key):
    surface = surfaces()[key]
    runs = [preset_run(surface, kind) for kind in KINDS]
    for run, path in zip(runs, descend(surface, surface.start, runs, 40), strict=True):
        torch.testing.assert_close(path.points, trained(WRITTEN[key], surface.start, run, 40), msg=run.kind)
        expected = torch.stack([WRITTEN[key](p) for p in path.points])
        torch.testing.assert_close(path.losses, expected, rtol=1e-10, atol=1e-12)
        assert not path.diverged


def test_mini_batches_walk_like_a_training_loop_over_them():
    surface, order = surfaces()["line"], batches(4, 25, seed=7)
    run = Run("adam", 0.1)
    path = descend(surface, surface.start, [run], 25, order)[0]
    torch.testing.assert_close(path.points, trained(line, surface.start, run, 25, order))


def test_an_epoch_sees_every_point_once_and_its_mean_gradient_is_the_whole_one():
    order = batches(8, 10, seed=1)
    assert sorted(order[:5].flatten().tolist()) == list(range(POINTS))
    assert sorted(order[5:].flatten().tolist()) == list(range(POINTS))
    assert not torch.equal(order[:5], order[5:])
    p = torch.tensor([0.3, -0.2], dtype=torch.float64, requires_grad=True)
    each = [torch.autograd.grad(line(p, batch), p)[0] for batch in order[:5]]
    torch.testing.assert_close(torch.stack(each).mean(0), torch.autograd.grad(line(p), p)[0])
    assert torch.equal(batches(8, 10, seed=1), order)


def test_steps_worked_by_hand():
    bowl = surfaces()["bowl"]
    sgd, momentum, nesterov, adam = descend(
        bowl,
        (2.0, -1.0),
        [Run("sgd", 0.1), Run("momentum", 0.1, 0.5), Run("nesterov", 0.1, 0.5), Run("adam", 0.1)],
        2,
    )
    # g = 2 x: 2 -> 2 - 0.1 * 4 = 1.6 -> 1.28
    assert sgd.points[:, 0].tolist() == pytest.approx([2, 1.6, 1.28])
    # v = 4, then 0.5 * 4 + 3.2 = 5.2: 1.6 -> 1.08
    assert momentum.points[:, 0].tolist() == pytest.approx([2, 1.6, 1.08])
    # first g + 0.5 v = 6: 1.4; then g = 2.8, v = 4.8, g + 0.5 v = 5.2: 0.88
    assert nesterov.points[:, 0].tolist() == pytest.approx([2, 1.4, 0.88])
    # the first step of Adam is the learning rate, against the sign of the gradient
    assert adam.points[1].tolist() == pytest.approx([1.9, -0.9], abs=1e-8)


def test_what_an_optimiser_keeps_is_its_own_state():
    valley = surfaces()["valley"]
    path = descend(valley, valley.start, [Run("adam", 0.1, beta1=0.8, beta2=0.99)], 3)[0]
    m = torch.zeros(2, dtype=torch.float64)
    for gradient, kept in zip(path.gradients, path.memory["exp_avg"], strict=True):
        m = 0.8 * m + 0.2 * gradient
        torch.testing.assert_close(kept, m)
    assert path.memory.keys() == {"exp_avg", "exp_avg_sq"}
    assert not descend(valley, valley.start, [Run("sgd", 0.1)], 3)[0].memory


@pytest.mark.parametrize("kind", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("mu", [0.3, 0.9])
def test_the_largest_rate_is_where_quadratic_surfaces_begin_to_diverge(kind, mu):
    valley = surfaces()["valley"]
    steepest = float(eigenvalues(hessians(valley, torch.zeros(1, 2, dtype=torch.float64)))[0, 0])
    assert steepest == pytest.approx(4.0)
    limit = largest_rate(Run(kind, 0.1, mu), steepest)
    below, above = descend(
        valley, (0.0, 1.0), [Run(kind, 0.97 * limit, mu), Run(kind, 1.03 * limit, mu)], 400
    )
    assert float(below.losses[-1]) < 1e-2
    assert above.diverged
    assert float(above.points[-1].abs().max()) > FARTHEST
    assert len(above.losses) < 401


def test_limits_on_paper():
    assert largest_rate(Run("sgd", 0.1), 4.0) == 0.5
    assert largest_rate(Run("momentum", 0.1, 0.9), 4.0) == pytest.approx(0.95)
    assert largest_rate(Run("nesterov", 0.1, 0.9), 4.0) == pytest.approx(0.95 / 2.8)
    assert largest_rate(Run("adam", 0.1), 4.0) is None
    assert largest_rate(Run("sgd", 0.1), -1.0) is None
    assert largest_rate(Run("sgd", 0.1), math.nan) is None


@pytest.mark.parametrize("key", surfaces())
def test_hessians_are_pytorchs(key):
    points = torch.tensor([[0.4, -0.7], [1.5, 0.2]], dtype=torch.float64)
    found = hessians(surfaces()[key], points)
    expected = torch.stack([torch.autograd.functional.hessian(WRITTEN[key], p) for p in points])
    torch.testing.assert_close(found, expected)


def test_hessians_of_flat_and_undefined_surfaces():
    points = torch.tensor([[1.0, 2.0], [-1.0, 0.5]], dtype=torch.float64)
    assert eigenvalues(hessians(own_surface("x + 2y"), points)).tolist() == [[0, 0], [0, 0]]
    assert eigenvalues(hessians(own_surface("x**2"), points)).tolist() == [[2, 0], [2, 0]]
    assert eigenvalues(hessians(own_surface("sqrt(x) * y"), points))[1].isnan().all()


@pytest.mark.parametrize("key", surfaces())
def test_known_minima_are_minima(key):
    surface: Surface = surfaces()[key]
    points = torch.tensor(surface.minima, dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(loss_of(surface)(points[:, 0], points[:, 1], None).sum(), points)
    assert float(slopes.abs().max()) < 1e-3
    assert (eigenvalues(hessians(surface, points))[:, 1] > 0).all()
    for (x, y), value in ((surface.start, surface.start), *((p, p) for p in surface.minima)):
        assert surface.low[0] <= x <= surface.high[0], value
        assert surface.low[1] <= y <= surface.high[1], value


def test_the_line_is_that_of_least_squares():
    x, y = (values.numpy() for values in line_data())
    assert line_minimum() == pytest.approx(tuple(np.polyfit(x, y, 1)))


def test_a_surface_has_two_variables():
    with pytest.raises(ReaderError, match="z is neither"):
        own_surface("x * z")
    assert not own_surface("x**2").has_data
