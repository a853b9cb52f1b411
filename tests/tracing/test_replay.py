"""What-if: a part of a forward pass again, from changed values."""

from __future__ import annotations

import torch
from torch import nn
from tracing.zoo import zoo

from explainer.tracing import replay_from, trace


def test_changing_the_input_equals_running_the_model() -> None:
    model, (image,) = zoo()["residual"]
    recorded = trace(model, image)
    changed = image + 0.5
    with torch.no_grad():
        expected = model(changed)
        made = replay_from(recorded, {recorded.input: changed}, [recorded.output])
    torch.testing.assert_close(made[recorded.output], expected)


def test_only_what_lies_downstream_is_computed() -> None:
    model, (image,) = zoo()["squeeze_excite"]
    recorded = trace(model, image)
    gate = recorded["sigmoid"]
    with torch.no_grad():
        made = replay_from(
            recorded, {gate: torch.ones_like(gate.output)}, [recorded.output, recorded["conv"]]
        )
    assert made[recorded["conv"]] is recorded["conv"].output
    assert torch.equal(made[recorded.output], recorded["conv"].output)


def test_gradients_reach_the_replaced_node_and_nothing_else() -> None:
    model, (image,) = zoo()["reused"]
    recorded = trace(model, image)
    middle = recorded["1"]
    leaf = middle.output.clone().requires_grad_()
    score = replay_from(recorded, {middle: leaf}, [recorded.output])[recorded.output].sum()
    (gradient,) = torch.autograd.grad(score, leaf)
    shared = model[0]
    other = middle.output.clone().requires_grad_()
    expected = torch.relu(shared(other)).sum()
    torch.testing.assert_close(gradient, torch.autograd.grad(expected, other)[0])
    score = replay_from(recorded, {middle: leaf}, [recorded.output])[recorded.output].sum()
    score.backward()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_in_place_operations_do_not_touch_what_was_recorded() -> None:
    for name in ("in_place_chain", "write_through_view", "copying"):
        model, inputs = zoo()[name]
        recorded = trace(model, *inputs)
        before = [node.output.clone() for node in recorded.nodes]
        leaf = recorded["conv"].output.clone().requires_grad_()
        made = replay_from(recorded, {recorded["conv"]: leaf}, [recorded.output])[recorded.output]
        torch.testing.assert_close(made.detach(), recorded.output.output)
        made.sum().backward()
        assert leaf.grad is not None
        for output, node in zip(before, recorded.nodes, strict=True):
            # What empty_like returns is whatever the memory held: not a number, now and then.
            torch.testing.assert_close(node.output, output, rtol=0, atol=0, equal_nan=True)


def test_batch_statistics_are_not_written() -> None:
    model = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
    image = torch.randn(4, 3, 5, 5)
    recorded = trace(model, image)
    norm = model[1]
    mean = norm.running_mean.clone()
    with torch.no_grad():
        made = replay_from(recorded, {recorded.input: image}, [recorded.output])[recorded.output]
    assert torch.equal(made, recorded.output.output)
    assert torch.equal(norm.running_mean, mean)
    assert norm.num_batches_tracked == 0
