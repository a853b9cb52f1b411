"""Frames of a run's course and of a recipe's plan, against the log's own numbers and PyTorch's freezing."""

import math

import numpy as np
import pytest
import torch

from explainer.render.plan_frame import plan_frame
from explainer.render.run_frame import MOST_POINTS, Course, confusion_frame, course_frame
from explainer.training.outline import outline
from explainer.training.recipe import Recipe
from explainer.training.stages import freeze, learning

RECIPE = Recipe(
    name="a", network="resnet20", dataset="starter", epochs=10, batch_size=50, optimizer="sgd",
    learning_rate=0.4, weight_decay=0.0, frozen_stages=-1, unfreeze_every=2, rate_decay=0.5,
)  # fmt: skip


def step(number, norms=(1.0, 2.0)):
    return {
        "kind": "step", "step": number, "epoch": number / 10, "loss": 1 / number, "rate": 0.1,
        "images_per_second": 100.0, "norms": list(norms),
    }  # fmt: skip


def test_a_course_has_the_numbers_of_the_log():
    lines = [
        {"kind": "epoch", "epoch": 0, "validation": {"loss": 2.3, "accuracy": 0.1}},
        step(1, (1.0, 0.0)),
        step(2, (3.0, 4.0)),
        {"kind": "epoch", "epoch": 1, "train": {"loss": 1.5, "accuracy": 0.5}},
    ]
    frame = course_frame([Course("a", lines, 5, ("conv", "head")), Course("b", [], 7)])
    first, second = frame["runs"]
    np.testing.assert_allclose(first["steps"]["at"], [0.1, 0.2])
    np.testing.assert_allclose(first["steps"]["loss"], [1.0, 0.5])
    np.testing.assert_array_equal(first["epochs"]["at"], [0, 1])
    np.testing.assert_array_equal(np.isnan(first["epochs"]["train_loss"]), [True, False])
    np.testing.assert_allclose(first["epochs"]["validation_accuracy"][0], 0.1)
    # Stage by stage: all steps of the first stage, then all of the second.
    np.testing.assert_array_equal(frame["gradients"]["norms"], [1, 3, 0, 4])
    assert frame["gradients"]["stages"] == ["conv", "head"]
    assert first["colour"] != second["colour"]
    assert len(second["steps"]["at"]) == 0


def test_a_long_course_is_thinned_and_keeps_its_newest_step():
    lines = [step(number) for number in range(1, 4 * MOST_POINTS)]
    frame = course_frame([Course("a", lines, 5)])
    at = frame["runs"][0]["steps"]["at"]
    assert MOST_POINTS / 2 < len(at) <= MOST_POINTS
    assert at[-1] == pytest.approx(lines[-1]["epoch"])
    assert np.allclose(np.diff(at), np.diff(at)[0], atol=1e-3)
    assert frame["gradients"]["stages"] == ["0", "1"]


def test_a_confusion_matrix_keeps_rows_and_columns():
    frame = confusion_frame([[5, 1], [0, 4]], ["cat", "dog"])
    assert frame["counts"].tolist() == [5, 1, 0, 4]
    assert frame["classes"] == ["cat", "dog"]


def test_a_plan_says_what_pytorch_will_freeze():
    model, stages = outline("resnet20", 10)
    frame = plan_frame(RECIPE, stages, model, images=500)
    rates = frame["rates"].reshape(len(stages), -1)
    learns = torch.nn.Module.parameters(model)
    assert sum(stage["parameters"] for stage in frame["stages"]) == sum(one.numel() for one in learns)
    for place, at in enumerate(frame["at"]):
        epoch = math.ceil(at - 1e-9) - 1  # the step that ends at 1.0 belongs to epoch 0
        freeze(model, stages, learning(RECIPE, stages, epoch))
        owned = dict(model.named_parameters())
        wanted = [all(owned[name].requires_grad for name in stage.parameters) for stage in stages]
        assert (rates[:, place] > 0).tolist() == wanted
    # Each stage learns at half the rate of the one behind it, and the head at the recipe's.
    last = rates[:, -1]
    np.testing.assert_allclose(last[1:], 2 * last[:-1], rtol=1e-5)
    np.testing.assert_allclose(rates[-1], frame["rate"], rtol=1e-6)
    assert frame["rate"].max() == pytest.approx(0.4)
