"""Exercises about gradients, batch norm and dropout."""

from __future__ import annotations

from random import Random

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

_NOTHING = later("nothing: every number stays as it is")
_SCALED = later("every number is multiplied by 1 − p")
_DROPPED = later("other numbers are dropped, as many as in training")


def vanishing(random: Random) -> Exercise:
    """Ask how small a gradient gets that every layer makes a little smaller."""
    import torch

    factor, layers = random.choice((0.5, 0.6, 0.7, 0.8)), random.choice((20, 56))
    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(layers):
        y = factor * y
    y.backward()
    assert x.grad is not None
    return Exercise(
        later(
            "Every one of {layers} layers multiplies the gradient by {factor} on its way back. It leaves "
            "the loss as $1$. As which power of ten does it arrive: the $n$ of $10^{{n}}$, rounded to a "
            "whole number?"
        ),
        round(float(x.grad.log10())),
        later("${factor}^{{{layers}}}={value}$, and $\\log_{{10}}$ of it is {power}."),
        {
            "layers": layers,
            "factor": factor,
            "value": _decimal(float(x.grad)),
            "power": f"{float(x.grad.log10()):.2f}",
        },
    )


def _decimal(number: float) -> str:
    """Return a small or large number as it stands in a formula: three digits and a power of ten."""
    digits, power = f"{number:.2e}".split("e")
    return rf"{digits}\cdot10^{{{int(power)}}}"


def running_mean(random: Random) -> Exercise:
    """Ask for a running mean after one more batch."""
    import torch
    from torch import nn

    before, own = random.randint(-10, 10) / 10, random.randint(-30, 30) / 10
    momentum = random.choice((0.1, 0.2, 0.5))
    norm = nn.BatchNorm1d(1, momentum=momentum, dtype=torch.float64)
    assert norm.running_mean is not None
    norm.running_mean.fill_(before)
    norm(torch.tensor([[own - 1], [own + 1]], dtype=torch.float64))  # a batch with just that mean
    after = float(norm.running_mean)
    return Exercise(
        later(
            "Batch norm keeps a running mean of {before}; its momentum in PyTorch's sense is {momentum}. "
            "The next batch has the mean {own}. What is the running mean then?"
        ),
        round(after, 6),
        later("$(1-m)\\,\\mu+m\\,\\mu_B = {keep}\\cdot({before})+{momentum}\\cdot({own})={after}$."),
        {
            "before": f"{before:g}",
            "own": f"{own:g}",
            "momentum": f"{momentum:g}",
            "keep": f"{1 - momentum:g}",
            "after": f"{after:.4g}",
        },
        tolerance=0.001,
    )


def survivor(random: Random) -> Exercise:
    """Ask for a number that has survived dropout in training."""
    import torch

    from explainer.playground.dropping import dropped

    x, p = random.randint(2, 30) / 2, random.choice((0.2, 0.5, 0.75))
    found = dropped(torch.tensor([x], dtype=torch.float64), torch.ones(1), p)
    return Exercise(
        later(
            "In training, a number $x={x}$ goes through dropout with $p={p}$ and is not dropped. What "
            "comes out?"
        ),
        round(float(found), 6),
        later("$x/(1-p)={x}/{keep}$. So the mean over many draws is $x$ again."),
        {"x": f"{x:g}", "p": f"{p:g}", "keep": f"{1 - p:g}"},
        tolerance=0.01,
    )


def evaluation(random: Random) -> Exercise:
    """Ask what dropout does in evaluation mode."""
    import torch
    from torch import nn

    p = random.choice((0.2, 0.5, 0.8))
    x = torch.arange(1.0, 5.0)
    y = nn.Dropout(p).eval()(x)
    answer = _NOTHING if y.equal(x) else _SCALED if y.allclose(x * (1 - p)) else _DROPPED
    return Exercise(
        later("What does `nn.Dropout({p})` do to its input after `model.eval()`?"),
        answer,
        later(
            "In training the survivors are divided by $1-p$ already, so that the mean is right; in "
            "evaluation nothing is left to do. (In the paper of 2014 it was the other way round: the "
            "weights were multiplied by the probability of staying, in evaluation.)"
        ),
        {"p": f"{p:g}"},
        (_NOTHING, _SCALED, _DROPPED),
    )


EXERCISES: dict[str, Maker] = {
    "vanishing": vanishing,
    "running_mean": running_mean,
    "survivor": survivor,
    "evaluation": evaluation,
}
