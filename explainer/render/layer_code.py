"""The PyTorch code behind the sections about one layer, or one channel of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from explainer.layers.intervention import BiasChange, Change, ChannelChange, KernelChange
from explainer.layers.visualisation import Settings
from explainer.render.snippet import Origin, opening_lines, quoted
from explainer.tracing import Node, Trace


def kernels_code(origin: Origin, node: Node, filter: int) -> str:
    """Return code that prints the numbers of one filter and the filters most like it."""
    lines = [
        *opening_lines(
            origin, "from explainer.layers.kernels import kernels", "from explainer.tracing import trace"
        ),
        "recorded = trace(loaded.model, images)",
        f'filters = kernels(recorded["{node.name}"])',
        "",
        f"print(filters.weight[{filter}])  # [inputs, height, width]",
        f"print(filters.l2[{filter}].item())",
        f"print(filters.nearest({filter}))",
    ]
    if node.name == node.module:
        lines += ["", "# The same weights without ConvScope:"]
        lines += [f'# loaded.model.get_submodule("{node.module}").weight']
    return _lines(*lines)


def moments_code(origin: Origin, layer: str, channel: int) -> str:
    """Return code that finds the patches of the sample gallery that excite a channel most."""
    return _lines(
        *opening_lines(
            origin, "from explainer.layers.moments import best_moments, sample_pictures", image=False
        ),
        "# Or your own: explainer.archives.read_folder(Path('photos')).pictures",
        "pictures = sample_pictures(loaded)",
        f'for moment in best_moments(loaded, "{layer}", {channel}, pictures):',
        "    print(f'{moment.value:.6g}', moment.picture, moment.box, moment.patch.shape)",
    )


def visualisation_code(origin: Origin, layer: str, channel: int, settings: Settings) -> str:
    """Return code that makes the input that excites a channel."""
    usual = Settings()
    named = [one.name for one in fields(settings) if getattr(settings, one.name) != getattr(usual, one.name)]
    chosen = ", ".join(f"{name}={getattr(settings, name)!r}" for name in named)
    return _lines(
        *opening_lines(
            origin,
            "from PIL import Image",
            "from explainer.layers.visualisation import Settings, visualise",
            image=False,
        ),
        f'made = visualise(loaded, "{layer}", {channel}, Settings({chosen}))',
        "print(made.activations[0][1], '->', made.activations[-1][1])",
        "pixels = (made.image * 255).byte().permute(1, 2, 0).expand(-1, -1, 3).numpy()",
        "Image.fromarray(pixels).save('feature.png')",
    )


def what_if_code(origin: Origin, trace: Trace, changes: Sequence[Change]) -> str:
    """Return code that makes the changes in a copy of the model and prints the probabilities.

    Plain PyTorch (forward hooks, edited weights) where every change is to the output or the weights of a
    module; else the change is carried through a trace.
    """
    if all(_plain(trace, change) for change in changes):
        edits = [
            line for change in changes if not isinstance(change, ChannelChange) for line in _edit(change)
        ]
        hooks = [
            line
            for number, change in enumerate(c for c in changes if isinstance(c, ChannelChange))
            for line in _hook(number, change)
        ]
        return _lines(
            "from copy import deepcopy",
            "",
            "import torch",
            *opening_lines(origin),
            "model = deepcopy(loaded.model)  # the changes are made in a copy",
            "",
            *hooks,
            "with torch.no_grad():",
            *[f"    {line}" for line in edits],
            "    print(model(images).softmax(1))",
        )
    kinds = sorted({type(change).__name__ for change in changes})
    return _lines(
        *opening_lines(
            origin,
            f"from explainer.layers.intervention import {', '.join([*kinds, 'what_if'])}",
            "from explainer.samples import sample",
            "from explainer.tracing import trace",
        ),
        "recorded = trace(loaded.model, images)",
        "changes = [",
        *[f"    {_made(change)}," for change in changes],
        "]",
        "after = what_if(recorded, changes)",
        "print(after.output.output.softmax(1))",
    )


def _plain(trace: Trace, change: Change) -> bool:
    """Whether a change is one of a module's output, channels second, or of its own weights."""
    if change.node not in trace or trace[change.node].module != change.node:
        return False
    node = trace[change.node]
    if isinstance(change, ChannelChange):
        return change.how != "image" and (
            len(node.shape) == 4 or (len(node.shape) == 2 and change.how != "mean")
        )
    return True


def _edit(change: KernelChange | BiasChange) -> list[str]:
    module = f'model.get_submodule("{change.node}")'
    if isinstance(change, BiasChange):
        return [f"{module}.bias[{change.channel}] = {change.value:.6g}"]
    numbers = ", ".join(f"{value:.6g}" for value in change.values)
    target = f"weight[{change.channel}, {change.source}]"
    return [f"weight = {module}.weight", f"{target} = torch.tensor([{numbers}]).view_as({target})"]


def _hook(number: int, change: ChannelChange) -> list[str]:
    channel = f"output[:, {change.channel}]"
    action = {
        "scale": f"{channel} *= {change.factor:.6g}",
        "zero": f"{channel} = 0",
        "mean": f"{channel} = {channel}.mean((-2, -1), keepdim=True)",
        "channel": f"{channel} = output[:, {change.source}]",
    }[change.how]
    return [
        f"def change_{number}(module, inputs, output):",
        "    output = output.clone()",
        f"    {action}",
        "    return output",
        "",
        f'model.get_submodule("{change.node}").register_forward_hook(change_{number})',
        "",
    ]


def _made(change: Change) -> str:
    if isinstance(change, KernelChange):
        numbers = ", ".join(f"{value:.6g}" for value in change.values)
        return f'KernelChange("{change.node}", {change.channel}, {change.source}, ({numbers},))'
    if isinstance(change, BiasChange):
        return f'BiasChange("{change.node}", {change.channel}, {change.value:.6g})'
    more = {"scale": f", {change.factor:.6g}", "channel": f", source={change.source}"}.get(change.how, "")
    if change.how == "image":
        picture = f"loaded.preprocessing.apply(sample({quoted(change.picture)}).load())"
        more = f", other=trace(loaded.model, {picture})"
    return f'ChannelChange("{change.node}", {change.channel}, "{change.how}"{more})'


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"
