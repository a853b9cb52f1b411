"""Gradients through plain and residual networks: norms are autograd's, and what the lesson says holds."""

import math

import pytest
import torch
from torch.nn import functional as F

from explainer.errors import Cancelled
from explainer.playground.crops import CLASSES, batch
from explainer.playground.gradient_flow import (
    BATCH,
    CifarNet,
    Network,
    Setting,
    build,
    gradient_norms,
    layers,
    train,
)

SHALLOW = (Network(8, False), Network(8, True))


@pytest.mark.parametrize("depth", [20, 56])
@pytest.mark.parametrize("residual", [False, True])
def test_the_networks_have_as_many_layers_as_they_say(depth, residual):
    model = build(Network(depth, residual), Setting())
    assert len(layers(model)) == depth
    assert [layer.weight.shape[0] for layer in layers(model)[:: (depth - 2) // 3]][:3] == [8, 8, 16]
    with pytest.raises(ValueError, match="6 n"):
        CifarNet(21, residual)


def test_a_residual_network_has_the_plain_ones_weights():
    plain, residual = (build(network, Setting(seed=3)) for network in SHALLOW)
    for one, other in zip(plain.parameters(), residual.parameters(), strict=True):
        assert one.equal(other)
    x = batch(2, 0)[0]
    assert not plain(x).equal(residual(x))


@pytest.mark.parametrize("normed", [False, True])
def test_norms_are_autograds(normed):
    model = build(SHALLOW[1], Setting(normed))
    images, labels = batch(4, 1)
    F.cross_entropy(model(images), labels).backward()
    weights = [layer.weight for layer in layers(model)]
    gradients = torch.autograd.grad(F.cross_entropy(model(images), labels), weights)
    expected = [g.double().square().sum().sqrt().item() for g in gradients]
    assert gradient_norms(model) == pytest.approx(expected, rel=1e-5)


def test_training_is_sgd_with_momentum_on_fresh_batches():
    setting = Setting(rate=0.02, seed=5)
    (run,) = train(setting, 2, networks=SHALLOW[1:])
    model = build(SHALLOW[1], setting)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    expected = []
    for step in range(3):
        images, labels = batch(BATCH, 5, step)
        loss = F.cross_entropy(model(images), labels)
        expected.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert run.losses == pytest.approx(expected)
    assert len(run.norms) == 3
    assert len(run.norms[0]) == 8


def test_the_same_setting_gives_the_same_numbers_and_no_global_generator_moves():
    state = torch.get_rng_state()
    assert train(Setting(seed=2), 1, networks=SHALLOW) == train(Setting(seed=2), 1, networks=SHALLOW)
    assert torch.get_rng_state().equal(state)
    assert train(Setting(seed=2), 0, networks=SHALLOW) != train(Setting(seed=4), 0, networks=SHALLOW)


def test_every_network_begins_by_guessing():
    for run in train(Setting(), 0, networks=SHALLOW):
        assert run.losses[0] == pytest.approx(math.log(len(CLASSES)), abs=0.1)


def spread(network, **setting):
    (run,) = train(Setting(**setting), 0, networks=[network])
    return run.norms[0]


@pytest.mark.slow
def test_plain_gradients_grow_with_batch_norm_and_vanish_without():
    """What the lesson says of 56 layers, before training."""
    plain, residual = Network(56, False), Network(56, True)
    normed, shortcut = spread(plain), spread(residual)
    assert 1e3 < normed[0] / normed[-2] < 1e5
    assert 0.1 < shortcut[0] / shortcut[-2] < 10
    assert spread(plain, batch_norm=False, initialisation="glorot")[0] < 1e-8
    assert spread(residual, batch_norm=False, initialisation="glorot")[0] > 1e-3


def test_without_batch_norm_the_deep_residual_network_begins_with_a_huge_loss():
    (run,) = train(Setting(batch_norm=False), 0, networks=[Network(56, True)])
    assert run.losses[0] > 10


def test_a_run_that_diverges_ends_there():
    (run,) = train(Setting(batch_norm=False, rate=1e6), 6, networks=SHALLOW[:1])
    assert run.diverged
    assert len(run.losses) < 7


def test_progress_counts_and_can_end_it():
    told = []
    train(Setting(), 2, lambda done, total, runs: told.append((done, total, len(runs))), SHALLOW)
    assert told == [(done, 6, 2) for done in range(7)]

    def stop(done, total, runs):
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(Setting(), 2, stop, SHALLOW)


def test_crops_are_labelled_pieces_of_the_photographs():
    images, labels = batch(16, 7, 2)
    again, others = batch(16, 7, 2)[0], batch(16, 7, 3)[0]
    assert images.shape == (16, 3, 32, 32)
    assert images.equal(again)
    assert not images.equal(others)
    assert set(labels.tolist()) <= set(range(len(CLASSES)))
    assert images.min() >= (0 - 0.45) / 0.25 - 1e-5
    assert images.max() <= (1 - 0.45) / 0.25 + 1e-5
