"""Losses against their formulas, worked out number by number."""

import dataclasses
import math

import pytest
import torch

from explainer.models.networks import build
from explainer.training import fit
from explainer.training.learner import _teacher
from explainer.training.losses import attacked, loss_of


def softened(logits, heat):
    powers = [math.exp(one / heat) for one in logits]
    return [power / sum(powers) for power in powers]


def test_a_teacher_is_learned_from_by_hintons_formula(recipe):
    recipe = dataclasses.replace(recipe, teacher_share=0.7, temperature=4.0)
    ours, theirs = [[1.0, -0.5], [0.2, 0.4]], [[3.0, -2.0], [-1.0, 2.0]]
    taught = plain = 0.0
    for mine, yours, label in zip(ours, theirs, (0, 1), strict=True):
        p, q = softened(yours, 4.0), softened(mine, 4.0)
        taught += sum(a * math.log(a / b) for a, b in zip(p, q, strict=True)) / 2
        plain -= math.log(softened(mine, 1.0)[label]) / 2
    found = loss_of(torch.tensor(ours), torch.tensor([0, 1]), recipe, torch.tensor(theirs))
    assert float(found) == pytest.approx(0.3 * plain + 0.7 * 16 * taught, rel=1e-5)


def test_a_teacher_sees_images_as_it_was_taught_and_is_learned_from(halves, recipe, tmp_path):
    data = dataclasses.replace(halves, classes=tuple("0123456789"))
    taught = dataclasses.replace(recipe, teacher="lenet5", teacher_share=1.0, epochs=1)
    teacher = _teacher(taught, 10, torch.device("cpu"))
    images = data.test.images.float() / 255

    def away(folder, settings):
        model = fit(settings, data, tmp_path / folder)
        with torch.no_grad():
            return float((model(images).softmax(1) - teacher(images).softmax(1)).abs().mean())

    untaught = dataclasses.replace(taught, teacher="", learning_rate=0.0)
    assert away("taught", dataclasses.replace(taught, epochs=4)) < away("untaught", untaught)


def test_an_attack_stays_small_and_raises_the_loss(halves, recipe):
    recipe = dataclasses.replace(recipe, adversarial=0.05)
    torch.manual_seed(0)
    model = build("lenet5", 2)
    images, labels = halves.train.images.float() / 255, halves.train.labels
    found = attacked(images, labels, model, recipe, torch.Generator().manual_seed(0))
    assert float((found - images).abs().max()) <= 0.05 + 1e-6
    assert 0 <= float(found.min()) <= float(found.max()) <= 1
    assert float(loss_of(model(found), labels, recipe)) > float(loss_of(model(images), labels, recipe))
    assert all(parameter.grad is None for parameter in model.parameters())
