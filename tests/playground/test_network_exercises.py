"""Exercises on networks, approximation and moved digits: answers worked out another way."""

import random
import re
from itertools import pairwise

import pytest

from explainer.playground.exercises import approximation as approximation_exercises
from explainer.playground.exercises import make
from explainer.playground.exercises import mlp as mlp_exercises
from explainer.playground.exercises import shifted as shifted_exercises

MODULES = (mlp_exercises, approximation_exercises, shifted_exercises)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("seed", [1, 2])
def test_answers_come_from_the_seed_and_are_accepted(module, seed):
    found, again = make(module.EXERCISES, seed), make(module.EXERCISES, seed)
    assert found == again
    for one in found.values():
        answer = " ".join(map(str, one.answer)) if isinstance(one.answer, tuple) else str(one.answer)
        assert one.accepts(answer)
        one.question.format(**one.fields)
        one.why.format(**one.fields)


@pytest.mark.parametrize("seed", range(5))
def test_numbers_worked_by_hand(seed):
    one = mlp_exercises.count_parameters(random.Random(seed))
    sizes = [2, *map(int, one.fields["hidden"].split(", ")), 1]
    assert one.answer == sum((a + 1) * b for a, b in pairwise(sizes))
    one = mlp_exercises.one_unit(random.Random(seed))
    weights, inputs = (list(map(int, one.fields[name].split(", "))) for name in ("weights", "inputs"))
    assert one.answer == max(0, sum(w * x for w, x in zip(weights, inputs, strict=True)) + one.fields["bias"])
    assert mlp_exercises.xor_by_a_line(random.Random(seed)).answer == 3
    assert mlp_exercises.linear_layers(random.Random(seed)).answer == "No, never"

    one = approximation_exercises.pieces(random.Random(seed))
    assert one.answer == one.fields["count"] + 1
    one = approximation_exercises.folded(random.Random(seed))
    assert one.answer == 2 ** one.fields["layers"]
    one = approximation_exercises.steps_for_a_ramp(random.Random(seed))
    assert 1 / (2 * (one.answer + 1)) <= one.fields["error"] + 1e-9 < 1 / (2 * one.answer) + 1e-6
    assert re.match("square", approximation_exercises.which_unit_fails(random.Random(seed)).answer)

    one = shifted_exercises.dense_against_conv(random.Random(seed))
    assert one.answer == one.fields["count"] * (one.fields["count"] + 1)
    one = shifted_exercises.where_the_peak_goes(random.Random(seed))
    fields = one.fields
    assert one.answer == (fields["row"] + fields["down"], fields["column"] + fields["right"])
    one = shifted_exercises.with_stride(random.Random(seed))
    assert one.answer == one.fields["pixels"] // one.fields["stride"]
    assert shifted_exercises.behind_global_pooling(random.Random(seed)).answer == "It stays exactly as it is"


def test_curves_are_read_as_their_numbers_say():
    for seed in range(6):
        one = mlp_exercises.reading_curves(random.Random(seed))
        loss, held = float(one.fields["loss"]), float(one.fields["held"])
        kind = str(one.answer).split(":")[0]
        assert (loss > 0.5) == (kind == "It underfits")
        if kind == "It overfits":
            assert held > 2.9 * loss
