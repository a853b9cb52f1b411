"""Exercises of the overview and of the shapes: answers against an independent computation."""

import random
import re

import pytest
from torch import nn

from explainer.models.architectures import ARCHITECTURES
from explainer.playground.exercises import shapes as shapes_exercises
from explainer.playground.exercises import table as table_exercises

TITLES = {one.title: one for one in ARCHITECTURES}
SEEDS = range(12)


def made(module, name, seed):
    return module.EXERCISES[name](random.Random(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_work_against_weights(seed):
    exercise = made(table_exercises, "work_against_weights", seed)
    gmacs = {title: TITLES[title].published[0].gmacs for title in exercise.choices}  # torchvision's own count
    assert exercise.answer == max(gmacs, key=gmacs.get)


def test_often_the_network_with_fewer_parameters_works_more():
    found = [made(table_exercises, "work_against_weights", seed) for seed in range(40)]
    assert sum(one.answer == one.fields["light"] for one in found) > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_linear_share(seed):
    exercise = made(table_exercises, "linear_share", seed)
    known = {"LeNet-5": 17.8, "AlexNet": 96.0, "VGG-16": 89.4, "ResNet-50": 8.0, "MobileNet v2": 36.5}
    assert exercise.answer == pytest.approx(known[exercise.fields["title"]], abs=0.1)
    assert exercise.accepts(str(round(exercise.answer)))


@pytest.mark.parametrize("seed", SEEDS)
def test_beaten(seed):
    exercise = made(table_exercises, "beaten", seed)
    told = {title: TITLES[title].published[0] for title in exercise.choices}
    loser = told.pop(exercise.answer)
    assert any(one.gmacs <= loser.gmacs and one.top1 >= loser.top1 for one in told.values())
    one, other = told.values()
    assert (one.gmacs - other.gmacs) * (one.top1 - other.top1) > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_lenet_sides(seed):
    exercise = made(shapes_exercises, "lenet_sides", seed)
    side = exercise.fields["side"]
    assert exercise.answer == (side - 4, (side - 4) // 2, (side - 4) // 2 - 4, ((side - 4) // 2 - 4) // 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_parameters(seed):
    exercise = made(shapes_exercises, "parameters", seed)
    code = re.search("`(.*)`", exercise.question.format(**exercise.fields))[1]
    layer = eval(code, {"nn": nn})
    assert exercise.answer == sum(parameter.numel() for parameter in layer.parameters())


@pytest.mark.parametrize("seed", SEEDS)
def test_first_linear(seed):
    exercise = made(shapes_exercises, "first_linear", seed)
    channels, side, features = (exercise.fields[name] for name in ("channels", "side", "features"))
    assert exercise.answer == features * (channels * side * side + 1)
