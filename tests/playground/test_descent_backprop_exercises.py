"""Exercises on gradient descent and backpropagation: answers by hand, texts that fill in."""

import random

import pytest

from explainer.playground.exercises import backprop as backprop_exercises
from explainer.playground.exercises import descent as descent_exercises
from explainer.playground.exercises import make

MODULES = [descent_exercises, backprop_exercises]


@pytest.mark.parametrize("seed", range(1, 13))
def test_answers_by_hand(seed):
    made = make(descent_exercises.EXERCISES, seed)
    f = made["one_step"].fields
    assert made["one_step"].answer == pytest.approx(f["x"] * (1 - 2 * f["rate"] * f["a"]))
    f = made["largest_rate"].fields
    assert made["largest_rate"].answer == pytest.approx(1 / max(float(f["a"]), float(f["b"])))
    f = made["with_momentum"].fields
    first = f["x"] - 0.1 * 2 * f["a"] * f["x"]
    velocity = f["mu"] * 2 * f["a"] * f["x"] + 2 * f["a"] * first
    assert made["with_momentum"].answer == pytest.approx(first - 0.1 * velocity, abs=1e-6)
    f = made["what_happens"].fields
    factor = 1 - 2 * f["a"] * f["rate"]
    place = 2 if factor < -1 else 1 if factor < 0 else 0
    assert made["what_happens"].answer == made["what_happens"].choices[place]
    made = make(backprop_exercises.EXERCISES, seed)
    f = made["slope"].fields
    assert made["slope"].answer == 2 * f["a"] * f["x"]
    f = made["weight"].fields
    assert made["weight"].answer == 2 * (f["w"] * f["x"] + f["b"] - f["t"]) * f["x"] != 0
    f = made["adds_up"].fields
    assert made["adds_up"].answer == 2 * f["x"] * f["y"]
    f = made["through_relu"].fields
    assert made["through_relu"].answer == (5 * f["x"] if f["w"] > 0 else 0)


@pytest.mark.parametrize("module", MODULES)
def test_texts_fill_in_and_their_own_answer_is_accepted(module):
    for seed in range(1, 6):
        for exercise in make(module.EXERCISES, seed).values():
            assert "{" not in exercise.question.format(**exercise.fields).replace("{ReLU}", "")
            exercise.why.format(**exercise.fields)
            assert exercise.accepts(str(exercise.answer))


def test_other_seeds_ask_other_things():
    for module in MODULES:
        for maker in module.EXERCISES.values():
            asked = {str(maker(random.Random(seed)).fields) for seed in range(12)}
            assert len(asked) > 3
