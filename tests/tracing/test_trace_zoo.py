"""The trace of awkward little networks: true, complete, harmless."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from tracing.zoo import zoo

from explainer.errors import ReaderError
from explainer.tracing import Node, Trace, replay, trace

NAMES = sorted(zoo())
UNSEEN = {"input", "dropout", "contiguous", "view_update", "setitem", "empty_like"}
"""Kinds that run no low-level operation with this very output."""


class Witness(TorchDispatchMode):
    """Copies what every low-level operation returned, knowing nothing of the tracer."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.seen += [tensor.clone() for tensor in flat(result)]
        return result


def flat(value: object) -> list:
    if isinstance(value, Tensor | Node):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in flat(item)] if isinstance(value, list | tuple) else []


def run(model: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[list[Tensor], list[Tensor]]:
    """What an untouched forward pass returns, and all it computed on the way."""
    state = torch.get_rng_state()
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad(), Witness() as witness:
        output = [tensor.clone() for tensor in flat(model(*(value.clone() for value in inputs)))]
    torch.set_rng_state(state)
    model.load_state_dict(kept)
    return output, witness.seen


def outputs(recorded: Trace) -> list[Tensor]:
    return [node.output for node in flat(recorded.output)]


def same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and torch.equal(a, b)


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_tensor_is_what_an_untouched_pass_computes(name: str) -> None:
    model, inputs = zoo()[name]
    expected, computed = run(model, inputs)
    recorded = trace(model, *inputs)
    for made, wanted in zip(outputs(recorded), expected, strict=True):
        assert same(made, wanted)
    position = 0
    for node in recorded.nodes:
        if node.kind in UNSEEN or node.module == "heads":  # attention takes a fused path when not traced
            continue
        ahead = [at for at in range(position, len(computed)) if same(computed[at], node.output)]
        again = node.output_index is not None or any(same(seen, node.output) for seen in computed)
        assert ahead or again, node
        position = ahead[0] if ahead else position


@pytest.mark.parametrize("name", NAMES)
def test_replaying_each_node_gives_its_recorded_output(name: str) -> None:
    model, inputs = zoo()[name]
    recorded = trace(model, *inputs)
    before = [node.output.clone() for node in recorded.nodes]
    for node in recorded.nodes:
        assert same(replay(node), node.output), node
    assert all(same(old, node.output) for old, node in zip(before, recorded.nodes, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_graph_is_well_formed(name: str) -> None:
    model, inputs = zoo()[name]
    recorded = trace(model, *inputs)
    paths = dict(model.named_modules())
    names = [node.name for node in recorded.nodes]
    assert len(set(names)) == len(names)
    assert [node.kind for node in recorded.nodes[: len(inputs)]] == ["input"] * len(inputs)
    for index, node in enumerate(recorded.nodes):
        assert node.index == index
        assert recorded[node.name] is node
        assert node.module in paths
        assert all(source.index < index for source in node.inputs)
        assert set(flat(list(node.arguments.values()))) >= set(node.inputs) or node.kind == "view_update"
        assert node.kind != "constant"
        assert node.shape == tuple(node.output.shape)
        assert all(node in recorded.consumers(source) for source in node.inputs)
        assert not node.output.requires_grad
        if node.output.is_floating_point():
            node.output.detach().requires_grad_()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("training", [False, True])
def test_the_model_is_left_as_it_was(name: str, training: bool) -> None:
    model, inputs = zoo()[name]
    model.train(training)
    given = [value.clone() for value in inputs]
    state = {key: value.clone() for key, value in model.state_dict().items()}
    attributes = {path: dict(module.__dict__) for path, module in model.named_modules()}
    random = torch.get_rng_state()
    trace(model, *inputs)
    assert torch.equal(random, torch.get_rng_state())
    assert all(map(same, given, inputs))
    assert all(same(value, model.state_dict()[key]) for key, value in state.items())
    assert all(parameter.grad is None for parameter in model.parameters())
    for path, module in model.named_modules():
        assert module.training == training
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert module.__dict__.keys() == attributes[path].keys()
        assert all(module.__dict__[key] is value for key, value in attributes[path].items())
    assert not torch.nn.modules.module._global_forward_hooks
    assert not torch.nn.modules.module._global_forward_pre_hooks
    assert not torch.overrides._get_current_function_mode_stack()


def test_what_another_thread_draws_meanwhile_stays_drawn() -> None:
    class Attends(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            found = torch.nn.functional.scaled_dot_product_attention(x, x, x)
            other = threading.Thread(target=torch.rand, args=(1,))
            other.start()
            other.join()
            return torch.nn.functional.dropout(found, 0.5, training=False)

    state = torch.get_rng_state()
    torch.rand(1)
    expected = torch.get_rng_state()
    torch.set_rng_state(state)
    trace(Attends(), torch.randn(1, 2, 4, 8, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(torch.get_rng_state(), expected)


def test_eight_threads_share_a_model() -> None:
    model, _ = zoo()["residual"]
    images = torch.randn(8, 1, 3, 32, 32)
    alone = [trace(model, image) for image in images]
    together: list[Trace | None] = [None] * len(images)
    start = threading.Barrier(len(images))

    def work(index: int) -> None:
        start.wait()
        for _ in range(20):
            together[index] = trace(model, images[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(images))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        assert other is not None
        assert [node.name for node in one.nodes] == [node.name for node in other.nodes]
        assert all(same(a.output, b.output) for a, b in zip(one.nodes, other.nodes, strict=True))


def test_names_calls_and_edges() -> None:
    recorded = trace(*_unpacked("residual"))
    assert [node.name for node in recorded.nodes] == ["input", "conv", "bn", "add", "relu"]
    assert recorded["add"].inputs == (recorded["bn"], recorded["input"])
    assert recorded["conv"].call.parent is recorded.root
    assert recorded["conv"].call.description.startswith("Conv2d(3, 3")
    recorded = trace(*_unpacked("reused"))
    assert [node.name for node in recorded.nodes] == ["input", "0", "1", "0:2", "1:2", "4", "5"]
    assert [node.call.occurrence for node in recorded.nodes[1:5]] == [0, 0, 1, 1]


def test_a_write_through_a_view_reaches_the_whole() -> None:
    recorded = trace(*_unpacked("write_through_view"))
    kinds = [node.kind for node in recorded.nodes]
    added, zeroed, doubled = ["getitem", "add", "view_update"], ["setitem"], ["getitem", "mul", "view_update"]
    assert kinds == ["input", "conv2d", *added, *zeroed, *doubled, "conv2d"]
    assert recorded["last"].inputs == (recorded["view_update:2"],)


def test_same_object_returned_keeps_its_own_edge() -> None:
    recorded = trace(*_unpacked("same_object"))
    assert recorded["drop"].inputs == (recorded["conv"],)
    assert recorded["drop"].kind == "dropout"


def test_arguments_have_standard_names() -> None:
    recorded = trace(*_unpacked("convolutions"))
    convolutions = [node for node in recorded.nodes if node.kind.startswith("conv")]
    assert [node.arguments["stride"] for node in convolutions] == [(1, 1), (1, 1), (1, 2), (2, 2), (1, 1)]
    assert [node.arguments["padding"] for node in convolutions] == [(0, 0), (1, 1), (0, 1), (1, 1), "same"]
    assert [node.arguments["groups"] for node in convolutions] == [1, 6, 2, 2, 1]
    assert convolutions[0].arguments["dilation"] == (2, 2)
    assert recorded["0.pad"].arguments["mode"] == "reflect"
    assert recorded["0.conv2d"].arguments["weight"].shape == (6, 3, 3, 3)
    recorded = trace(*_unpacked("constants"))
    subtraction = next(node for node in recorded.nodes if node.kind == "sub")
    assert subtraction.arguments["input"] == 1
    assert subtraction.arguments["other"] is recorded.input


def test_compiled_networks_are_refused() -> None:
    compiled = torch.jit.trace(nn.Conv2d(3, 3, 1), torch.ones(1, 3, 4, 4))
    with pytest.raises(ReaderError):
        trace(compiled, torch.ones(1, 3, 4, 4))


def test_hooks_of_the_reader_still_run() -> None:
    model, (image,) = zoo()["reused"]
    model[0].register_forward_hook(lambda module, inputs, output: output * 2)
    recorded = trace(model, image)
    with torch.no_grad():
        expected = model(image)
    assert same(recorded.output.output, expected)
    assert recorded["0.mul"].inputs == (recorded["0.conv2d"],)


def test_a_trace_may_run_inside_a_trace() -> None:
    inner = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
    found = []

    class Outer(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            found.append(trace(inner, x))
            return x + 1

    image = torch.randn(1, 3, 4, 4)
    recorded = trace(Outer(), image)
    assert [node.kind for node in found[0].nodes] == ["input", "conv2d", "relu"]
    assert "add" in [node.kind for node in recorded.nodes]
    assert not torch.overrides._get_current_function_mode_stack()


def test_unknown_names_suggest_known_ones() -> None:
    with pytest.raises(KeyError, match="conv"):
        trace(*_unpacked("residual"))["conv1"]


def test_changed_weights_are_noticed() -> None:
    model, inputs = zoo()["residual"]
    recorded = trace(model, *inputs)
    with torch.no_grad():
        model.bn.weight.add_(1)  # type: ignore[operator,union-attr]
    with pytest.raises(RuntimeError, match="bn"):
        _ = recorded["bn"].output


def test_outputs_asked_for_in_inference_mode_can_be_leaves() -> None:
    with torch.inference_mode():
        recorded = trace(*_unpacked("residual"))
        outputs = [node.output for node in recorded.nodes]
    for output in outputs:
        assert output.detach().requires_grad_().mul(2).requires_grad


def test_traces_need_no_garbage_collector() -> None:
    import gc
    import weakref

    gc.collect()
    gc.disable()
    try:
        recorded = trace(*_unpacked("residual"))
        watched = weakref.ref(recorded["conv"].output)
        del recorded
        assert watched() is None
    finally:
        gc.enable()


def _unpacked(name: str) -> tuple:
    model, inputs = zoo()[name]
    return (model, *inputs)
