"""What if: the altered trace against a copy of the model that was really changed."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn
from tracing.zoo import zoo

from explainer.errors import ReaderError
from explainer.layers.intervention import (
    BiasChange,
    ChannelChange,
    KernelChange,
    channel_differences,
    counterpart,
    difference,
    weight_of,
    what_if,
)
from explainer.models import load_model
from explainer.tracing import Trace, explain, extent, maps, replay, trace
from explainer.tracing.execute import tensors
from explainer.tracing.graph import Node

torch.set_num_threads(1)


def answers(recorded: Trace) -> list[Tensor]:
    """Every tensor that the model returned, as the trace has it."""

    def nodes(value: object) -> list[Node]:
        if isinstance(value, Node):
            return [value]
        values = value.values() if isinstance(value, dict) else value
        return [node for item in values for node in nodes(item)]

    return [node.output for node in nodes(recorded.output)]


def really(model: nn.Module, inputs: tuple[Tensor, ...], change, module: str, **edit) -> list[Tensor]:
    """Run a copy of the model whose module's output is changed by a forward hook."""
    copy = deepcopy(model)
    copy.get_submodule(module).register_forward_hook(lambda _module, _inputs, output: change(output.clone()))
    with torch.no_grad():
        return tensors(copy(*inputs))


def times(channel: int, factor: float):
    def change(output: Tensor) -> Tensor:
        output[:, channel] *= factor
        return output

    return change


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def unchanged(model: nn.Module, before: dict[str, Tensor]) -> bool:
    now = model.state_dict()
    return all(torch.equal(now[name], value) for name, value in before.items()) and all(
        parameter.grad is None for parameter in model.parameters()
    )


ZOO = [
    "residual",
    "in_place_chain",
    "write_through_view",
    "view_and_whole",
    "transposed_write",
    "overwritten_input",
    "squeeze_excite",
    "dictionary",
    "several",
    "random",
    "copying",
    "same_object",
    "attention",
]


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("factor", [-1.5, 0.0, 3.0])
def test_a_scaled_channel_equals_a_hook_that_scales_it(name: str, factor: float) -> None:
    model, inputs = zoo()[name]
    inputs = tuple(value.clone() for value in inputs)
    before = snapshot(model)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        recorded = trace(model, *inputs)
        torch.manual_seed(1)
        expected = really(model, inputs, times(1, factor), "conv")
    outputs = [node.output.clone() for node in recorded.nodes]
    how = "scale" if factor else "zero"
    after = what_if(recorded, [ChannelChange("conv", 1, how, factor)])
    for made, wanted in zip(answers(after), expected, strict=True):
        torch.testing.assert_close(made, wanted)
    assert unchanged(model, before)
    for value, node in zip(outputs, recorded.nodes, strict=True):  # empty_like may hold what is not a number
        torch.testing.assert_close(value, node.output, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    "name", ["reused", "loop", "convolutions", "channels_last", "one_dimension", "volume"]
)
def test_an_edited_kernel_equals_an_edited_parameter(name: str) -> None:
    model, inputs = zoo()[name]
    before = snapshot(model)
    recorded = trace(model, *inputs)
    node = next(node for node in recorded.nodes if weight_of(node) is not None)
    parameter = weight_of(node)
    values = tuple(
        float(value) for value in torch.linspace(-1, 1, parameter[1, 2 if name != "volume" else 0].numel())
    )
    source = 0 if name == "volume" else 2
    after = what_if(recorded, [KernelChange(node.name, 1, source, values), BiasChange(node.name, 0, 0.75)])
    copy = deepcopy(model)
    own = dict(model.named_parameters())
    path = next(path for path, value in own.items() if value is parameter)
    with torch.no_grad():
        edited = copy.get_parameter(path)
        edited[1, source] = torch.tensor(values).reshape(edited.shape[2:])
        copy.get_parameter(path.replace("weight", "bias"))[0] = 0.75
        expected = tensors(copy(*inputs))
    for made, wanted in zip(answers(after), expected, strict=True):
        torch.testing.assert_close(made, wanted)
    assert unchanged(model, before)


def test_a_linear_layer_and_tokens() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patch = nn.Conv2d(3, 6, 4, stride=4)
            self.mix = nn.Linear(6, 6)
            self.head = nn.Linear(6, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.mix(self.patch(x).flatten(2).transpose(1, 2)).relu().mean(1))

    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, images = Tokens().eval(), torch.randn(2, 3, 16, 16)
    recorded = trace(model, images)

    def last_axis(output: Tensor) -> Tensor:
        output[..., 2] = 0
        return output

    after = what_if(recorded, [ChannelChange("mix", 2)])
    torch.testing.assert_close(answers(after), really(model, (images,), last_axis, "mix"))
    after = what_if(recorded, [KernelChange("head", 3, 1, (9.0,))])
    copy = deepcopy(model)
    with torch.no_grad():
        copy.head.weight[3, 1] = 9.0
        torch.testing.assert_close(answers(after), [copy(images)])


def test_replacing_a_channel() -> None:
    model, (images,) = zoo()["residual"]
    recorded = trace(model, images)
    other = trace(model, images.flip(0) * 2 + 1)

    def mean(output: Tensor) -> Tensor:
        output[:, 1] = output[:, 1].mean((1, 2), keepdim=True)
        return output

    def channel(output: Tensor) -> Tensor:
        output[:, 1] = output[:, 2]
        return output

    def image(output: Tensor) -> Tensor:
        output[:, 1] = other["conv"].output[:, 1]
        return output

    for change, hook in (
        (ChannelChange("conv", 1, "mean"), mean),
        (ChannelChange("conv", 1, "channel", source=2), channel),
        (ChannelChange("conv", 1, "image", other=other), image),
    ):
        after = what_if(recorded, [change])
        torch.testing.assert_close(answers(after), really(model, (images,), hook, "conv"))
        assert torch.equal(
            maps(counterpart(after, "conv")),
            maps(recorded["conv"]).index_put((torch.tensor(1),), hook(recorded["conv"].output.clone())[0, 1]),
        )


def test_several_changes_in_order() -> None:
    model, (images,) = zoo()["residual"]
    recorded = trace(model, images)

    def hook(output: Tensor) -> Tensor:
        output[:, 0] *= 2
        output[:, 1] = output[:, 0]
        output[:, 0] = output[:, 0].mean((1, 2), keepdim=True)
        return output

    changes = [
        ChannelChange("conv", 0, "scale", 2.0),
        ChannelChange("conv", 1, "channel", source=0),
        ChannelChange("conv", 0, "mean"),
    ]
    torch.testing.assert_close(answers(what_if(recorded, changes)), really(model, (images,), hook, "conv"))


@pytest.mark.parametrize("key", ["tiny_vgg", "resnet20", "lenet5"])
def test_the_copy_is_a_trace_like_any_other(key: str) -> None:
    loaded = load_model(key)
    before = snapshot(loaded.model)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        images = torch.randn(1, len(loaded.preprocessing.mean), *loaded.preprocessing.size)
    recorded = trace(loaded.model, images)
    layers = [node.name for node in recorded.nodes if node.kind == "conv2d"]
    changes = [
        ChannelChange(layers[1], 3),
        ChannelChange(layers[1], 2, "mean"),
        KernelChange(
            layers[0], 1, 0, tuple(float(n) for n in range(weight_of(recorded[layers[0]])[0, 0].numel()))
        ),
    ]
    after = what_if(recorded, changes)
    assert len(after.nodes) == len(recorded.nodes) + 3
    assert [node.index for node in after.nodes] == list(range(len(after.nodes)))
    for node in after.nodes:
        assert node is after[node.name]
        assert all(after.nodes[source.index] is source for source in node.inputs)
        torch.testing.assert_close(replay(node), node.output)
        channel = min(1, extent(node)[0] - 1)
        if node.index:
            assert explain(node, channel, 0, 0).agrees, node
    torch.testing.assert_close(
        after.output.output, trace(_edited(loaded.model, recorded, changes), images).output.output
    )
    assert unchanged(loaded.model, before)


def _edited(model: nn.Module, recorded: Trace, changes: list) -> nn.Module:
    copy = deepcopy(model)
    silent, mean, kernel = changes
    with torch.no_grad():
        weight = copy.get_submodule(kernel.node).weight
        weight[kernel.channel, kernel.source] = torch.tensor(kernel.values).reshape(weight.shape[2:])

    def hook(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        output = output.clone()
        output[:, silent.channel] = 0
        output[:, mean.channel] = output[:, mean.channel].mean((1, 2), keepdim=True)
        return output

    copy.get_submodule(silent.node).register_forward_hook(hook)
    return copy


def test_the_difference_names_everything_downstream_and_nothing_else() -> None:
    model, (images,) = zoo()["squeeze_excite"]
    recorded = trace(model, images)
    after = what_if(recorded, [ChannelChange(recorded["sigmoid"].name, 1, "scale", 0.5)])
    found = difference(recorded, after)
    assert [change.name for change in found] == ["sigmoid", "mul"]
    gap = after.output.output - recorded.output.output
    assert found[-1].relative == pytest.approx(float(gap.norm() / recorded.output.output.norm()))
    assert found[-1].peak == pytest.approx(float(gap.abs().max()))
    channels = channel_differences(found[-1])
    assert channels.argmax() == 1
    assert channels[1] == pytest.approx(float(gap[0, 1].square().mean().sqrt()))
    assert channels[0] == 0
    weight = what_if(recorded, [KernelChange("conv", 0, 0, (0.0,) * 9)])
    assert [c.name for c in difference(recorded, weight)] == [n.name for n in recorded.nodes[1:]]
    assert difference(recorded, what_if(recorded, [])) == ()


def test_what_does_not_exist_is_said() -> None:
    model, (images,) = zoo()["residual"]
    recorded = trace(model, images)
    for change, words in (
        (ChannelChange("nowhere", 0), "nowhere"),
        (ChannelChange("conv", 3), "counts from 0 to 2"),
        (ChannelChange("conv", 0, "channel", source=-1), "no channel -1"),
        (ChannelChange("conv", 0, "image"), "another size"),
        (KernelChange("relu", 0, 0, (1.0,)), "no kernel"),
        (KernelChange("conv", 0, 3, (1.0,) * 9), "no kernel from 3 to 0"),
        (KernelChange("conv", 0, 0, (1.0,)), "9 numbers, not 1"),
        (BiasChange("relu", 0, 1.0), "no bias"),
        (BiasChange("conv", 9, 1.0), "no channel 9"),
    ):
        with pytest.raises(ReaderError, match=words):
            what_if(recorded, [change])


def test_a_changed_channel_looks_like_a_hooked_module() -> None:
    model, (images,) = zoo()["residual"]
    recorded = trace(model, images)
    after = what_if(recorded, [ChannelChange("conv", 1, "scale", 2.0)])
    assert torch.equal(after["conv"].output, recorded["conv"].output)
    assert counterpart(after, "conv").name == "conv.what_if"
    said = explain(counterpart(after, "conv"), 1, 2, 3)
    assert said.value == pytest.approx(2 * float(maps(recorded["conv"])[1, 2, 3]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "module", "last"),
    [
        ("resnet18", "layer2.0", False),
        ("densenet121", "features.denseblock2.denselayer3", False),
        ("mobilenet_v3_small", "features.4.block.2", False),  # squeeze and excitation
        ("squeezenet1_1", "features.6", False),
        ("convnext_tiny", "features.3.1", False),
        ("vit_b_32", "encoder.layers.encoder_layer_3", True),
    ],
)
def test_real_architectures(key: str, module: str, last: bool) -> None:
    from torchvision.models import get_model

    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = get_model(key, weights=None).eval().requires_grad_(False)
        for parameter in model.parameters():  # some heads begin as zeros, and answer nothing else
            if not parameter.any():
                parameter.normal_(std=0.02)
        images = torch.randn(1, 3, 224, 224)
    recorded = trace(model, images)

    def hook(output: Tensor) -> Tensor:
        output[(..., 5) if last else (slice(None), 5)] *= -2
        return output

    node = [node for node in recorded.nodes if (node.module + ".").startswith(f"{module}.")][-1]
    after = what_if(recorded, [ChannelChange(node.name, 5, "scale", -2.0)])
    torch.testing.assert_close(answers(after), really(model, (images,), hook, module))
    assert not torch.equal(answers(after)[0], answers(recorded)[0])
