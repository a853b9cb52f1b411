"""PyTorch code for the first parts of the foundations: perceptron, activation functions, losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.playground.perceptron import Point, Weights


def perceptron_code(
    points: Sequence[Point], start: Weights, rate: float, order: str, seed: int, longest: int = 600
) -> str:
    """Return a script that runs the learning rule and prints the weights after every look."""
    inputs = ", ".join(f"({point.x1:g}, {point.x2:g})" for point in points)
    targets = ", ".join(str(point.target) for point in points)
    first = ", ".join(f"{one:g}" for one in (start.w1, start.w2, start.b))
    shuffled = order == "shuffled"
    turn = "torch.randperm(len(x), generator=generator).tolist()" if shuffled else "range(len(x))"
    return "\n".join(
        [
            "import torch",
            "",
            "torch.set_default_dtype(torch.float64)",
            f"x = torch.tensor([{inputs}]).reshape(-1, 2)",
            f"t = torch.tensor([{targets}])",
            "x = torch.cat([x, torch.ones(len(x), 1)], dim=1)  # a third input of 1: its weight is the bias",
            f"w = torch.tensor([{first}])  # w1, w2, b",
            *([f"generator = torch.Generator().manual_seed({seed})"] if shuffled else []),
            "",
            f"for epoch in range({longest} // max(1, len(x))):",
            "    mistakes = 0",
            f"    for i in {turn}:",
            "        y = torch.heaviside(w @ x[i], torch.tensor(0.0))  # 1 where z > 0, else 0",
            f"        w = w + {rate:g} * (t[i] - y) * x[i]",
            "        mistakes += int(y != t[i])",
            "        print(epoch + 1, i, w.tolist())",
            "    if mistakes == 0:",
            "        break",
            "",
        ]
    )


_FUNCTIONS = {
    "step": "torch.heaviside(x.detach(), torch.tensor(0.0)) + 0 * x  # its derivative is 0",
    "sigmoid": "torch.sigmoid(x)",
    "tanh": "torch.tanh(x)",
    "relu": "F.relu(x)",
    "leaky": "F.leaky_relu(x, {a:g})",
    "elu": "F.elu(x, {a:g})",
    "silu": "x * torch.sigmoid({a:g} * x)",
    "gelu": "F.gelu(x)",
    "mish": "F.mish(x)",
}
_USUAL = {"leaky": 0.01, "elu": 1.0, "silu": 1.0}
_DEVIATIONS = {"xavier": "(2 / (width + width)) ** 0.5", "he": "(2 / width) ** 0.5", "small": "0.01"}
_HEAD = ("import torch", "import torch.nn.functional as F", "", "torch.set_default_dtype(torch.float64)")


def _function(name: str, parameter: float | None) -> list[str]:
    body = _FUNCTIONS[name].format(a=_USUAL.get(name, 0.0) if parameter is None else parameter)
    return ["def f(x):", f"    return {body}", ""]


def activation_code(name: str, parameter: float | None, x: float) -> str:
    """Return a script that prints a function's value and derivative at x."""
    lines = [
        *_HEAD,
        "",
        *_function(name, parameter),
        f"x = torch.tensor({x:g}, requires_grad=True)",
        "y = f(x)",
        "y.backward()",
        "print(y.item(), x.grad.item())",
        "",
    ]
    return "\n".join(lines)


def chain_code(
    name: str, parameter: float | None, depth: int, width: int, start: str, scale: float, seed: int
) -> str:
    """Return a script that prints the length of the gradient at the input and behind every layer."""
    lines = [
        *_HEAD,
        f"generator = torch.Generator().manual_seed({seed})",
        f"depth, width = {depth}, {width}",
        f"size = {_DEVIATIONS[start]} * {scale:g}  # standard deviation of the weights",
        "",
        *_function(name, parameter),
        "h = [torch.randn(128, width, generator=generator).requires_grad_()]",
        "direction = F.normalize(torch.randn(128, width, generator=generator), dim=1)",
        "for _ in range(depth):",
        "    weight = torch.randn(width, width, generator=generator) * size",
        "    h.append(f(h[-1] @ weight.T))",
        "loss = (h[-1] * direction).sum()",
        "for layer, gradient in enumerate(torch.autograd.grad(loss, h)):",
        "    print(layer, gradient.norm(dim=1).mean().item())",
        "",
    ]
    return "\n".join(lines)


_LOSSES = {
    "squared": "F.mse_loss(x, t)",
    "absolute": "F.l1_loss(x, t)",
    "huber": "F.huber_loss(x, t, delta={delta:g})",
    "entropy_p": "F.binary_cross_entropy(x, t)",
    "squared_p": "F.mse_loss(x, t)",
    "absolute_p": "F.l1_loss(x, t)",
    "entropy_z": "F.binary_cross_entropy_with_logits(x, t)",
    "squared_z": "F.mse_loss(torch.sigmoid(x), t)",
    "absolute_z": "F.l1_loss(torch.sigmoid(x), t)",
}


def loss_code(
    name: str, x: float, target: float, delta: float, start: float | None, rate: float, steps: int
) -> str:
    """Return a script that prints a loss and its derivative at x and, with a start, the steps of descent."""
    lines = [
        *_HEAD,
        f"t = torch.tensor({float(target):g}.0)"
        if float(target).is_integer()
        else f"t = torch.tensor({target:g})",
        "",
        "def loss(x):",
        f"    return {_LOSSES[name].format(delta=delta)}",
        "",
        f"x = torch.tensor({float(x)!r}, requires_grad=True)",
        "value = loss(x)",
        "value.backward()",
        "print(value.item(), x.grad.item())",
    ]
    if start is not None:
        lines += [
            "",
            f"x = torch.tensor({float(start)!r}, requires_grad=True)",
            f"optimiser = torch.optim.SGD([x], lr={rate:g})",
            f"for step in range({steps}):",
            "    optimiser.zero_grad()",
            "    loss(x).backward()",
            "    optimiser.step()",
            "    print(step + 1, x.item())",
        ]
    return "\n".join([*lines, ""])


def softmax_code(logits: Sequence[float], temperature: float, target: int | None, smoothing: float) -> str:
    """Return a script that prints probabilities and, with a right class, cross entropy and its gradient."""
    scores = ", ".join(repr(float(one)) for one in logits)
    lines = [
        *_HEAD,
        f"z = torch.tensor([{scores}], requires_grad=True)",
        f"print(torch.softmax(z / {temperature:g}, dim=0).tolist())",
    ]
    if target is None:
        lines.append(f"print(torch.func.jacrev(lambda z: torch.softmax(z / {temperature:g}, dim=0))(z))")
    else:
        smooth = f", label_smoothing={smoothing:g}" if smoothing else ""
        lines += [
            f"loss = F.cross_entropy(z / {temperature:g}, torch.tensor({target}){smooth})",
            "loss.backward()",
            "print(loss.item(), z.grad.tolist())",
        ]
    return "\n".join([*lines, ""])
