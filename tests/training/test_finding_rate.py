"""The learning-rate range test: the curve, what follows from it, and that nothing else changes."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from explainer.errors import Cancelled, ReaderError
from explainer.training import fit
from explainer.training.finding_rate import Rates, find_rate, smooth
from explainer.training.recipe import Augmentation


def curve(losses, low=-6.0, high=1.0):
    rates = np.logspace(low, high, len(losses)).tolist()
    return Rates(tuple(rates), tuple(losses), smooth(rates, losses), False)


@pytest.fixture(scope="module")
def plain(recipe):
    """Gradient descent: Nesterov's, with next to no momentum."""
    return replace(
        recipe, optimizer="sgd", momentum=1e-9, average=0.0, augmentation=Augmentation(), device="cpu",
        label_smoothing=0.2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(halves, plain, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    state = torch.get_rng_state()
    rates = find_rate(plain, halves, folder)
    assert torch.equal(torch.get_rng_state(), state)
    assert not list(folder.iterdir())
    return rates


def test_the_loss_falls_and_then_rises(found):
    assert found.diverged
    assert found.rates[-1] < 10.0
    low = found.lowest
    assert 0 < low < len(found.rates) - 1
    assert found.smoothed[0] == pytest.approx(math.log(2), abs=0.05)  # it knows nothing of two classes yet
    assert found.smoothed[low] < 0.5 * found.smoothed[0] < found.smoothed[-1]
    assert found.steepest < found.rates[low]
    assert found.tenth == pytest.approx(found.rates[low] / 10)


@pytest.mark.parametrize("rule", ["steepest", "tenth"])
def test_the_rates_it_finds_train_better_than_others(found, halves, plain, rule, tmp_path):
    rate = getattr(found, rule)

    def loss_with(factor):
        settings = {"epochs": 1, "schedule": "constant", "warmup": 0.0, "learning_rate": factor * rate}
        try:
            model = fit(replace(plain, **settings), halves, tmp_path / f"{factor}")
        except ReaderError:  # it diverged
            return math.inf
        from explainer.training.measuring import measure

        return measure(model, halves.train, plain).loss

    middle = loss_with(1)
    assert middle < loss_with(0.01)
    assert middle < loss_with(100)


def test_steps_are_those_of_a_plain_loop(halves, plain, tmp_path):
    rates = [0.01, 0.1, 1.0]
    recipe = replace(plain, weight_decay=0.0, label_smoothing=0.0)
    found = find_rate(recipe, halves, tmp_path, lowest=0.01, highest=1.0, steps=3)

    from torch.nn import functional as F

    from explainer.models.networks import build
    from explainer.training.chance import generator_for

    torch.manual_seed(plain.seed)
    model = build("lenet5", 2).train()
    order = torch.randperm(64, generator=generator_for(plain.seed, "order", 0)).split(plain.batch_size)
    losses = []
    for rate, chosen in zip(rates, order, strict=False):
        loss = F.cross_entropy(model(halves.train.images[chosen].float() / 255), halves.train.labels[chosen])
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for one in model.parameters():
                one -= rate * one.grad
        losses.append(loss.item())
    assert found.rates == pytest.approx(rates)
    assert found.losses == pytest.approx(losses, rel=1e-4)


def test_a_quadratic_diverges_where_theory_says(halves, plain, tmp_path, monkeypatch):
    """Gradient descent on curvature times x squared, halved, grows from a rate of two by the curvature on."""

    class Weight(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(1, 1, bias=False)
            nn.init.constant_(self.layer.weight, 1.0)

        def forward(self, images):
            return self.layer(images.new_ones(len(images), 1))

    curvature = 8.0
    monkeypatch.setattr("explainer.training.learner.new_network", lambda *given: Weight())
    monkeypatch.setattr(
        "explainer.training.learner.loss_of",
        lambda logits, *given: 0.5 * curvature * logits.square().mean(),
    )
    found = find_rate(replace(plain, weight_decay=0.0), halves, tmp_path)
    assert found.diverged
    assert found.losses[0] == pytest.approx(0.5 * curvature)
    for rate, before, after in zip(found.rates, found.losses, found.losses[1:], strict=False):
        factor = (1 - rate * curvature) ** 2
        assert after == pytest.approx(factor * before, rel=1e-3), rate
    assert found.losses[-1] > found.losses[0] > found.losses[-4]
    assert found.tenth < found.rates[found.lowest] == pytest.approx(2 / curvature, rel=0.2)


def test_the_same_recipe_gives_the_same_curve(halves, recipe, tmp_path):
    settings = {"network": "lenet5", "dropout": 0.3, "frozen_stages": 1, "rate_decay": 0.5}
    recipe = replace(recipe, **settings, device="cpu")
    first = find_rate(recipe, halves, tmp_path, steps=12)
    torch.rand(7)
    assert find_rate(recipe, halves, tmp_path, steps=12) == first
    other = replace(recipe, learning_rate=77.0, schedule="step")
    assert find_rate(other, halves, tmp_path, steps=12) == first


def test_a_run_of_this_name_is_not_touched(halves, plain, tmp_path):
    folder = tmp_path / plain.name
    fit(replace(plain, epochs=1), halves, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    fresh = find_rate(plain, halves, tmp_path / "elsewhere", steps=5)
    assert find_rate(plain, halves, tmp_path, steps=5) == fresh
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_suggestions_of_curves_drawn_by_hand():
    places = np.linspace(-6, 1, 141)
    falling = 1 / (1 + np.exp(4 * (places + 3)))  # fastest at 1e-3
    rising = np.where(places > -1, (places + 1) * 3, 0)
    both = curve((falling + rising).tolist())
    assert both.steepest == pytest.approx(1e-3, rel=0.15)
    assert 0.03 < both.rates[both.lowest] < 0.1  # the rise begins at 0.1; smoothing sees it somewhat before
    assert both.tenth == pytest.approx(both.rates[both.lowest] / 10)
    only_up = curve((1 + places + 6).tolist())
    assert (only_up.steepest, only_up.tenth) == (None, None)
    broken = curve([*(falling[:100]).tolist(), math.inf, math.nan])
    assert broken.steepest is not None
    assert all(math.isfinite(one) for one in broken.smoothed[:100])


def test_smoothing_keeps_a_line_and_lags_to_neither_side():
    rates = np.logspace(-3, 0, 61).tolist()
    line = np.arange(61.0)
    assert smooth(rates, line.tolist())[20:40] == pytest.approx(line[20:40])
    step = smooth(rates, [1.0] * 30 + [0.5] + [0.0] * 30)
    assert step[30] == pytest.approx(0.5)
    assert [*step[:30], *step[31:]] == pytest.approx([1 - one for one in [*step[:30], *step[31:]][::-1]])


def test_it_can_be_given_up_and_refuses_what_is_no_range(halves, plain, tmp_path):
    told = []

    def give_up(done, total):
        told.append((done, total))
        if done == 3:
            raise Cancelled

    state = torch.get_rng_state()
    with pytest.raises(Cancelled):
        find_rate(plain, halves, tmp_path, give_up)
    assert told == [(1, 140), (2, 140), (3, 140)]
    assert torch.equal(torch.get_rng_state(), state)
    for lowest, highest, steps in ((0.0, 1.0, 9), (1.0, 0.1, 9), (1e-3, 1.0, 2), (1e-3, math.inf, 9)):
        with pytest.raises(ReaderError, match="must rise"):
            find_rate(plain, halves, tmp_path, lowest=lowest, highest=highest, steps=steps)
