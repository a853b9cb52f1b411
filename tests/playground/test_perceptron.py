"""The perceptron: the rule worked by hand, gates, Novikoff's bound, and why XOR has no line."""

import itertools
import random

import pytest
import torch

from explainer.playground.exercises.perceptron import EXERCISES
from explainer.playground.perceptron import (
    CORNERS,
    DATA,
    GATES,
    Point,
    Weights,
    bound,
    data,
    learn,
    look,
    obstacle,
    output,
    total,
)


def test_one_look_by_hand():
    # z = 1*1 - 1*0 + 0.5 = 1.5, answer 1, target 0: the point is taken away.
    found = look(Weights(1, -1, 0.5), [Point(1, 0, 0)], 0, rate=0.5)
    assert (found.total, found.output, found.error) == (1.5, 1, -1)
    assert found.change == Weights(-0.5, 0, -0.5)
    assert found.after == Weights(0.5, -1, 0)


def test_zero_is_answered_with_zero():
    assert output(Weights(), 3, 4) == 0
    assert output(Weights(1, 1, -1.5), 1, 1) == 1
    assert total(Weights(2, 3, 4), 5, 6) == 32


@pytest.mark.parametrize("gate", ["and", "or", "nand"])
@pytest.mark.parametrize("order", ["turn", "shuffled"])
@pytest.mark.parametrize("rate", [0.125, 1.0, 2.0])
def test_gates_are_learnt(gate, order, rate):
    run = learn(data(gate), Weights(1, -1, 0.5), rate=rate, order=order, seed=3)
    assert run.converged
    after = run.looks[-1].after
    assert tuple(output(after, *corner) for corner in CORNERS) == GATES[gate]
    assert not any(one.error for one in run.looks[-4:])


def test_a_run_is_the_rule_over_and_over():
    w = torch.zeros(3, dtype=torch.float64)
    run = learn(data("and"))
    for number, one in enumerate(run.looks):
        point = data("and")[number % 4]
        x = torch.tensor([point.x1, point.x2, 1.0], dtype=torch.float64)
        w = w + (point.target - (w @ x > 0).double()) * x
        assert [one.after.w1, one.after.w2, one.after.b] == w.tolist()


def test_xor_goes_round_for_ever():
    run = learn(data("xor"))
    assert not run.converged
    first, second = run.cycle
    assert run.looks[first - 1].after == run.looks[second - 1].after
    numbers, place = obstacle(data("xor"))
    assert numbers == (0, 1, 2, 3)
    assert place == pytest.approx((0.5, 0.5))
    assert bound(data("xor")) is None


def test_xor_shuffled_never_converges_either():
    run = learn(data("xor"), order="shuffled", seed=1, longest=200)
    assert not run.converged
    assert run.cycle is None
    assert len(run.looks) == 200


def test_exactly_two_tables_have_no_line():
    without = [
        answers
        for answers in itertools.product((0, 1), repeat=4)
        if obstacle([Point(*corner, one) for corner, one in zip(CORNERS, answers, strict=True)])
    ]
    assert without == [(0, 1, 1, 0), (1, 0, 0, 1)]


@pytest.mark.parametrize("name", ["and", "or", "nand", "apart"])
def test_novikoffs_bound_holds_and_the_margin_is_the_best(name):
    points = data(name)
    limit = bound(points)
    for seed, rate in itertools.product(range(4), (0.5, 2.0)):
        assert learn(points, rate=rate, order="shuffled", seed=seed, longest=2000).mistakes <= limit
    signed = torch.tensor([[p.x1, p.x2, 1.0] for p in points]) * torch.tensor(
        [[2.0 * p.target - 1] for p in points]
    )
    directions = torch.nn.functional.normalize(
        torch.randn(200_000, 3, generator=torch.Generator().manual_seed(0)), dim=1
    )
    best = (directions @ signed.T).amin(1).max()  # by brute force: from below
    exact = signed.norm(dim=1).max() / limit**0.5
    assert best <= exact + 1e-5
    assert best == pytest.approx(float(exact), rel=0.03)


def test_an_obstacle_is_between_both_classes_and_there_is_none_where_a_line_is_found():
    generator = random.Random(5)
    for _ in range(40):
        points = [
            Point(generator.randint(-2, 2) / 2, generator.randint(-2, 2) / 2, generator.randint(0, 1))
            for _ in range(7)
        ]
        found = obstacle(points)
        run = learn(points, longest=4000)
        assert run.converged == (found is None)
        if found is None:
            continue
        numbers, place = found
        for target in (0, 1):
            corners = [points[i] for i in numbers if points[i].target == target]
            assert min(p.x1 for p in corners) - 1e-9 <= place[0] <= max(p.x1 for p in corners) + 1e-9
            assert min(p.x2 for p in corners) - 1e-9 <= place[1] <= max(p.x2 for p in corners) + 1e-9


def test_a_point_with_both_answers_has_no_line():
    numbers, place = obstacle([Point(1, 1, 0), Point(0, 0, 1), Point(1, 1, 1)])
    assert numbers == (0, 2)
    assert place == pytest.approx((1, 1))


def test_nothing_to_learn():
    assert learn([]).looks == ()
    assert bound([]) is None
    assert obstacle([]) is None
    assert learn([Point(0, 0, 0)]).converged


def test_clouds_are_the_same_for_a_seed():
    assert data("apart", 1) == data("apart", 1) != data("apart", 2)
    assert all(obstacle(data(name)) is None for name in DATA if name not in ("xor", "mixed"))


@pytest.mark.parametrize("seed", range(6))
def test_exercises_have_the_answers_they_say(seed):
    for maker in EXERCISES.values():
        exercise = maker(random.Random(seed))
        assert exercise.question.format(**exercise.fields)
        assert exercise.why.format(**exercise.fields)
        assert exercise.accepts(exercise.answer if exercise.choices else " ".join(map(str, exercise.answer)))
