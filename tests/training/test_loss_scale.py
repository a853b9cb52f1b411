"""The loss scale, against PyTorch's own; and the gradients that it saves, against rounding every one."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from explainer.errors import Cancelled
from explainer.models.networks import build
from explainer.training.chance import generator_for
from explainer.training.loss_scale import gradients, magnitudes, scale_course
from explainer.training.recipe import Augmentation


def test_the_scale_goes_as_that_of_pytorch():
    finite = [True] * 5 + [False, False] + [True] * 7 + [False] + [True] * 3
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=64.0, growth_interval=3)
    for sound, mine in zip(finite, scale_course(finite, start=64.0, interval=3), strict=True):
        before = weight.item()
        assert mine.scale == scaler.get_scale()
        optimizer.zero_grad()
        scaler.scale((weight * (1.0 if sound else float("inf"))).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        assert mine.skipped == (weight.item() == before) == (not sound)
    assert [one.scale for one in scale_course([True] * 3)] == [2.0**16] * 3


def test_values_vanish_and_overflow_as_they_do_in_float16():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(20_000, generator=generator) * 2.0 ** torch.randint(
        -140, 40, (20_000,), generator=generator
    )
    edges = torch.tensor([2.0**-25, 2.0**-24, 65504.0, 65519.99, 65520.0, 1e-45, 3.4e38, 0.0, -0.0])
    values = torch.cat([values, edges, -edges, edges * 2.0**-9, torch.tensor([torch.inf, torch.nan])])
    found = magnitudes(values)
    sound = values[values.isfinite()]
    assert found.count == len(sound)
    assert found.zero == pytest.approx((sound == 0).double().mean().item())
    assert sum(found.shares.values()) == pytest.approx(1 - found.zero)
    for power in (-3, 0, 9, 16, 24, 60):
        small = (sound.double() * 2.0**power).float().half()  # the scale itself rounds nothing in double
        gone = ((small == 0) & (sound != 0)).double().mean().item()
        assert found.vanished(power) == pytest.approx(gone, abs=1e-12), power
        assert found.overflowed(power) == pytest.approx(small.isinf().double().mean().item()), power


def test_powers_are_those_of_the_values():
    found = magnitudes(torch.tensor([1.0, 1.5, -3.0, 0.25, 0.0]))
    assert found.shares == {-2: 0.2, -1: 0.0, 0: 0.4, 1: 0.2}
    assert (found + found).shares == found.shares
    assert (found + found).count == 10
    assert magnitudes(torch.zeros(3)).shares == {}


def test_they_are_the_gradients_of_a_real_step(halves, recipe, tmp_path):
    recipe = replace(
        recipe, optimizer="sgd", learning_rate=0.05, weight_decay=0.0, augmentation=Augmentation(), clip=0.1,
        precision="bfloat16",
    )  # fmt: skip
    found = gradients(recipe, halves, tmp_path, warm=0)

    torch.manual_seed(recipe.seed)
    model = build("lenet5", 2)
    order = torch.randperm(64, generator=generator_for(recipe.seed, "order", 0))[: recipe.batch_size]
    values, outputs = halves.train.images[order].float() / 255, []
    for layer in model:
        values = layer(values)
        values.retain_grad()
        outputs.append(values)
    F.cross_entropy(values, halves.train.labels[order]).backward()
    weights = torch.cat([one.grad.flatten() for one in model.parameters()])
    flowing = torch.cat([one.grad.flatten() for one in outputs])
    for mine, theirs in ((found.weights, weights), (found.outputs, flowing)):
        assert mine.count == theirs.numel()
        for power in (0, 8):
            expected = ((theirs * 2.0**power).half() == 0).double().mean().item()
            assert mine.vanished(power) + mine.zero == pytest.approx(expected, abs=1e-3)
    assert not list(tmp_path.iterdir())


def test_gradients_shrink_as_a_network_learns_and_the_scale_saves_them(halves, recipe, tmp_path):
    early, late = (gradients(recipe, halves, tmp_path, warm=warm).outputs for warm in (0, 10))
    assert early.vanished(0) < 0.01
    assert late.vanished(0) > 0.1
    assert late.vanished(16) < 0.001
    assert late.overflowed(16) == 0


def test_it_can_be_given_up(halves, recipe, tmp_path):
    def give_up(done, total):
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        gradients(recipe, halves, tmp_path, give_up)
