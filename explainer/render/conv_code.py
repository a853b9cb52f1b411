"""The PyTorch code that gives the numbers of the 2-D playground."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from explainer.models.own import OWN
from explainer.playground.conv_link import write_link
from explainer.playground.conv_setting import Setting, spec_of
from explainer.playground.kernels_preset import TAKEN
from explainer.playground.layer_code import write_layer

_MOST_WRITTEN = 400
"""Numbers that are written out one by one."""


def conv_code(
    setting: Setting,
    image_code: str,
    imports: Sequence[str],
    image: Tensor,
    weight: Tensor,
    bias: Tensor | None,
) -> str:
    """Return code that makes the layer with the weights on the screen and prints its output.

    Args:
        setting: what is shown.
        image_code: an expression for the input; empty where its numbers are written out.
        imports: lines that the expression needs.
        image: float [in_channels, H, W].
        weight: float ``layer.weight_shape``.
        bias: float [out_channels], or none.
    """
    layer = setting.layer
    used = [*imports]
    named = sorted({name for name in setting.names if TAKEN in name})
    # A reader's file has no name that code could open it by.
    written = weight.numel() <= _MOST_WRITTEN or any(name.startswith(OWN) for name in named)
    lines = [f"x = {image_code or _cells(image, used)}  # {tuple(image.shape)}"]
    if written:
        lines += ["weight = " + _tensor(weight)]
    else:
        used.append("from explainer.playground.conv_link import read_link")
        if named:
            used.append("from explainer.models import load_model")
        lines += ["taken = {", *[f"    {name!r}: {_taken(name)}," for name in named], "}"] if named else []
        lines += [f"weight = read_link({write_link(setting)!r}).weights({'taken' if named else '{}'})"]
    if setting.flip:
        lines += ["weight = weight.flip(-2, -1)  # true convolution: turned by half a turn"]
    if layer.transposed and layer.groups == 1:
        lines += ["weight = weight.transpose(0, 1)  # nn.ConvTranspose2d keeps [inputs, outputs, h, w]"]
    elif layer.transposed:
        used.append("from explainer.playground.convolution import by_input")
        lines += [f"weight = by_input(weight, {layer.groups})  # [inputs, outputs / groups, h, w]"]
    lines += [
        "",
        f"layer = {write_layer(spec_of(layer))}",
        "with torch.no_grad():",
        "    layer.weight.copy_(weight)",
    ]
    if bias is not None:
        lines += [f"    layer.bias.copy_(torch.tensor({_list(bias)}))"]
    call = "layer(x[None])[0]"
    lines += [
        f"    y = {f'torch.relu({call})' if setting.relu else call}",
        "print(tuple(y.shape))",
        "print(y)",
    ]
    head = [*dict.fromkeys(["import torch", *sorted(used), "from torch import nn"])]
    return "\n".join([*head, "", *lines]) + "\n"


def _cells(image: Tensor, used: list[str]) -> str:
    """Return an expression for painted cells: written out, or packed as in the link."""
    if image.numel() <= _MOST_WRITTEN:
        return _tensor(image)
    from explainer.playground.cells import write_cells

    used.append("from explainer.playground.cells import read_cells")
    return f'read_cells("{write_cells(image)}")'


def _taken(name: str) -> str:
    key, layer, *places = name.split("/")
    return f'load_model("{key}").model.get_submodule("{layer}").weight[{", ".join(places)}].detach()'


def _tensor(values: Tensor) -> str:
    return f"torch.tensor({_list(values)})"


def _list(values: Tensor) -> str:
    """Return nested lists of numbers, short but exact in float32."""
    if values.ndim == 0:
        return _number(values)
    gap = ", " if values.ndim == 1 else ",\n    " if values.ndim == 2 else ",\n\n    "
    return f"[{gap.join(_list(part) for part in values)}]"


def _number(value: Tensor) -> str:
    exact = float(value)
    if exact.is_integer() and abs(exact) < 1e6:
        return f"{exact:.1f}"
    shortest = (f"{exact:.{digits}g}" for digits in range(1, 10))
    return next(text for text in shortest if value.new_tensor(float(text)) == value)
