"""A perceptron that learns by steps, against torch.nn and torch.optim written out."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.playground import points
from explainer.playground.learner import ACTIVATIONS, Learner, Rule, Shape, build, flat, put_back, right


def moons():
    found = points.make("moons", count=60, noise=0.1, held_out=0.3, seed=1)
    return (found.train, found.train_labels), (found.test, found.test_labels)


SHAPE = Shape(2, (4, 3), 1)


def learner(shape: Shape = SHAPE, **options) -> Learner:
    return Learner(shape, *moons(), **options)


@pytest.mark.parametrize(
    ("rule", "make"),
    [
        (Rule("sgd", 0.1, 8, 0.01), lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.01)),
        (Rule("momentum", 0.05, 8), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
        (Rule("adam", 0.02, 8, 0.1), lambda p: torch.optim.AdamW(p, 0.02, weight_decay=0.1)),
    ],
)
def test_steps_are_those_of_torch_optim(rule, make):
    mine = learner()
    network = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1))
    put_back(network, mine.stages[0].weights)
    (x, y), _ = moons()
    optimiser, chance = make(network.parameters()), torch.Generator().manual_seed(1)
    order = torch.empty(0, dtype=torch.int64)
    mine.run(13, rule)
    for _ in range(13):
        if not len(order):
            order = torch.randperm(len(y), generator=chance)
        chosen, order = order[:8], order[8:]
        optimiser.zero_grad()
        F.binary_cross_entropy_with_logits(network(x[chosen])[:, 0], y[chosen]).backward()
        optimiser.step()
    assert torch.allclose(flat(mine.network), flat(network), atol=1e-6)
    with torch.no_grad():
        logits = network(x)[:, 0]
    measured = mine.measure()
    assert measured.loss == pytest.approx(float(F.binary_cross_entropy_with_logits(logits, y)), abs=1e-6)
    assert measured.accuracy == pytest.approx(float(((logits > 0) == (y > 0)).float().mean()))


def test_the_same_seed_gives_the_same_network_however_the_steps_are_taken():
    state = torch.get_rng_state()
    once, often = learner(), learner()
    rule = Rule(rate=0.03)
    once.run(50, rule)
    for steps in (1, 7, 42):
        often.run(steps, rule)
    assert torch.equal(flat(once.network), flat(often.network))
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(flat(once.network), flat(learner(Shape(2, (4, 3), 1, seed=2)).network))
    once.restart()
    assert once.step == 0
    once.run(50, rule)
    assert torch.equal(flat(once.network), flat(often.network))


def test_history_is_thinned_and_true():
    one = learner(kept=20)
    one.run(100, Rule())
    steps = [stage.step for stage in one.stages]
    assert steps == list(range(0, 101, 8))
    again = learner()
    again.run(48, Rule())
    assert torch.equal(one.stages[6].weights, flat(again.network))


def test_time_ends_a_burst():
    one = learner()
    assert one.run(10_000, Rule(), seconds=0.0) == 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_networks_have_the_layers_they_say(activation):
    network = build(Shape(2, (5, 3), 1, activation))
    kinds = [type(one) for one in network]
    module = type(ACTIVATIONS[activation][1]())
    assert kinds == [nn.Linear, module, nn.Linear, module, nn.Linear]
    assert len(flat(network)) == 3 * 5 + 6 * 3 + 4


def test_xor_needs_a_hidden_layer():
    found = points.make("xor", count=120, noise=0.0, held_out=0.3, seed=0)
    data = (found.train, found.train_labels), (found.test, found.test_labels)
    straight, bent = Learner(Shape(2, (), 1), *data), Learner(Shape(2, (4,), 1), *data)
    for one in (straight, bent):
        one.run(500, Rule(rate=0.05))
    assert straight.measure().loss > 0.6
    assert bent.measure().held_accuracy > 0.95


def test_digits_have_ten_classes():
    scores = torch.tensor([[1.0, 2.0], [3.0, 0.0]])
    assert right(scores, torch.tensor([1, 1])) == 0.5


def test_no_points_no_steps():
    empty = points.painted([], held_out=0.0)
    one = Learner(Shape(2, (), 1), (empty.train, empty.train_labels), (empty.test, empty.test_labels))
    assert one.run(5, Rule()) == 0
    one.see(*moons())
    assert one.run(5, Rule()) == 5


# --- points -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", points.KINDS)
def test_points_come_from_the_seed(kind):
    state = torch.get_rng_state()
    a, b = (points.make(kind, count=100, noise=0.1, held_out=0.3, seed=4) for _ in range(2))
    assert torch.equal(a.train, b.train)
    assert len(a.train) == 70
    assert len(a.test) == 30
    assert float(torch.cat([a.train_labels, a.test_labels]).sum()) == 50
    assert a.train.abs().max() < 2
    assert torch.equal(torch.get_rng_state(), state)


def test_an_unknown_set_is_refused():
    with pytest.raises(ReaderError, match="nothing"):
        points.make("nothing", count=10, noise=0, held_out=0, seed=0)


def test_painted_points_survive_the_link():
    given = [points.Painted(-1.5, 1.5, 0), points.Painted(0.5, -0.25, 1), points.Painted(1.5, 0.0, 0)]
    text = points.write(given)
    found = points.read(text)
    assert len(text) == 7
    assert points.write(found) == text
    for one, other in zip(sorted(given, key=lambda p: p.label), found, strict=True):
        assert abs(one.x - other.x) <= points.REACH / 63 + 1e-9
        assert abs(one.y - other.y) <= points.REACH / 63 + 1e-9
    assert points.read("!!.?") == ()
    assert len(points.read("a" * 4000)) == points.MOST


def test_a_new_point_leaves_the_others_where_they_are():
    given = [points.Painted(0.1 * k, 0, k % 2) for k in range(12)]
    before = points.painted(given, held_out=0.3)
    after = points.painted([*given, points.Painted(1, 1, 0)], held_out=0.3)
    held = {tuple(row.tolist()) for row in before.test}
    assert len(held) == 2
    assert held <= {tuple(row.tolist()) for row in after.test}
