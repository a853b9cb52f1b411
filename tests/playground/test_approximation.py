"""Sums of units that follow curves: against least squares and networks written out."""

import numpy as np
import pytest
import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.playground import approximation
from explainer.playground.approximation import (
    TARGETS,
    UNITS,
    depth,
    hand_drawn,
    least_squares,
    places,
    read,
    target,
    train,
    write,
    zigzag,
)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("kind", TARGETS)
def test_the_fit_is_what_its_parameters_say(kind, units):
    curve = target(kind)
    fit = least_squares(curve, units, 12)
    _, function = UNITS[units]
    x = places().double()
    parts = fit.v.double() * function(fit.w.double() * x[:, None] + fit.b.double())
    assert torch.allclose(parts.T.float(), fit.parts, atol=2e-4 * float(fit.parts.abs().max()))
    assert fit.error == pytest.approx(float((fit.total - curve).square().mean().sqrt()), abs=1e-6)
    assert fit.largest == pytest.approx(float((fit.total - curve).abs().max()), abs=1e-6)


def test_relus_are_solved_for_as_numpy_does():
    curve = target("wave")
    x = places().double().numpy()
    knots = -1 + 2 / 16 * np.arange(16)
    system = np.concatenate([np.maximum(0, x[:, None] - knots), np.ones((len(x), 1))], 1)
    solution, *_ = np.linalg.lstsq(system, curve.double().numpy(), rcond=None)
    residual = system @ solution - curve.numpy()
    fit = least_squares(curve, "relu", 16)
    assert fit.error == pytest.approx(np.sqrt((residual**2).mean()), rel=1e-5)
    assert fit.c == pytest.approx(solution[-1], rel=1e-5)


@pytest.mark.parametrize(("units", "order"), [("relu", 2), ("step", 1)])
def test_errors_fall_with_the_width_as_the_lesson_says(units, order):
    some, more = (least_squares(target("wave"), units, width).error for width in (16, 32))
    assert np.log2(some / more) == pytest.approx(order, abs=0.15)


def test_the_numbers_of_the_lesson():
    errors = [least_squares(target("wave"), "relu", width).error for width in (16, 32)]
    assert errors == pytest.approx([0.014, 0.0035], rel=0.05)
    steps = [least_squares(target("wave"), "step", width).error for width in (16, 32)]
    assert steps == pytest.approx([0.12, 0.06], rel=0.05)


def test_a_polynomial_is_not_enough():
    curve = target("wave")
    errors = [least_squares(curve, "square", width).error for width in (4, 32, 128)]
    assert max(errors) - min(errors) < 1e-3
    assert min(errors) > 0.4
    x = places().double()
    parabola = torch.stack([x**2, x, torch.ones_like(x)], 1)
    best = parabola @ torch.linalg.lstsq(parabola, curve.double()[:, None]).solution
    assert errors[2] == pytest.approx(float((best[:, 0] - curve).square().mean().sqrt()), rel=1e-3)


def test_the_jump_keeps_its_largest_difference():
    few, many = (least_squares(target("jump"), "relu", width) for width in (16, 128))
    assert many.error < 0.6 * few.error
    assert many.largest > 0.25


@pytest.mark.parametrize("layers", range(1, 7))
def test_depth_folds_the_interval(layers):
    found = depth(layers)
    u = (places() + 1) / 2
    for _ in range(layers):
        u = 1 - (2 * u - 1).abs()
    assert torch.allclose(found.curve, u, atol=1e-5)
    assert least_squares(found.curve, "relu", found.needed).error < 1e-6
    assert (found.units, found.needed) == (2 * layers, 2**layers)
    if layers > 2:
        assert found.shallow.error > 0.25


def test_the_zigzag_is_a_network_of_two_units_a_layer():
    x = torch.rand(50) * 2 - 1
    first, second = nn.Linear(1, 2), nn.Linear(2, 1)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0], [2.0]]))
        first.bias.copy_(torch.tensor([1.0, 0.0]))
        second.weight.copy_(torch.tensor([[1.0, -1.0]]))
        second.bias.zero_()
        assert torch.allclose(second(torch.relu(first(x[:, None])))[:, 0], zigzag(1)(x), atol=1e-6)


def test_training_learns_where_units_stand_and_leaves_chance_alone():
    state = torch.get_rng_state()
    reports = []
    fit = train(target("corner"), "relu", 8, steps=400, progress=lambda done, total: reports.append(done))
    assert fit.error < least_squares(target("corner"), "relu", 4).error
    assert reports[-1] == 400
    assert torch.equal(torch.get_rng_state(), state)
    again = train(target("corner"), "relu", 8, steps=400)
    assert torch.equal(fit.w, again.w)
    with pytest.raises(ReaderError, match="gradient"):
        train(target("wave"), "step", 4)


def test_drawn_curves_survive_the_link():
    values = [0.1 * (k % 12) - 0.5 for k in range(approximation.KNOTS)]
    text = write(values)
    found = read(text)
    assert found is not None
    assert np.allclose(found, values, atol=0.013)
    assert write(found) == text
    assert torch.allclose(hand_drawn(values)[::8], torch.tensor(values), atol=1e-6)
    for nonsense in ("", "12", "x" * 66, "１" * 66):
        assert read(nonsense) is None
    with pytest.raises(ReaderError):
        hand_drawn([0.0])
    with pytest.raises(ReaderError):
        target("nothing")
