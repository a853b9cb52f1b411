"""Batch norm with its numbers put in, as LaTeX (Ioffe & Szegedy 2015, algorithms 1 and 2)."""

from __future__ import annotations

from explainer.playground.normalising import Statistics


def running_updates(found: Statistics, number: int, momentum: float) -> tuple[str, str]:
    """Return how the running mean and the running variance take in a batch, counted from 1."""
    at = number - 1
    mean = _update(
        momentum,
        r"\mu",
        r"\mu_B",
        found.running_means[at],
        found.batch_means[at],
        found.running_means[number],
    )
    variance = _update(
        momentum,
        r"\sigma^2",
        "s_B^2",
        found.running_variances[at],
        found.unbiased_variances[at],
        found.running_variances[number],
    )
    return mean, variance


def _update(momentum: float, kept: str, taken: str, before: float, own: float, after: float) -> str:
    return (
        rf"{kept} \leftarrow (1-m)\,{kept} + m\,{taken} = {1 - momentum:g}\cdot{_inside(before)} + "
        rf"{momentum:g}\cdot{_inside(own)} = {after:.4f}"
    )


def normalisations(found: Statistics, number: int) -> tuple[str, str]:
    """Return what becomes of one value behind a batch, counted from 1: in training, and in evaluation."""
    at = number - 1
    training = _normalised(
        found,
        at,
        r"\mu_B",
        r"\sigma_B^2",
        found.batch_means[at],
        found.batch_variances[at],
        found.in_training[at],
    )
    evaluation = _normalised(
        found,
        at,
        r"\mu",
        r"\sigma^2",
        found.running_means[number],
        found.running_variances[number],
        found.in_evaluation[at],
    )
    return training, evaluation


def _normalised(
    found: Statistics, at: int, mu: str, sigma: str, mean: float, variance: float, result: float
) -> str:
    return (
        rf"\gamma\,\frac{{x-{mu}}}{{\sqrt{{{sigma}+\epsilon}}}}+\beta = {found.scale:.4f}\cdot"
        rf"\frac{{{found.values[at]:.4f}-{_inside(mean)}}}{{\sqrt{{{variance:.4f}+10^{{-5}}}}}}"
        rf"+{_inside(found.shift)} = {result:.4f}"
    )


def _inside(number: float) -> str:
    """Return a number as it stands inside a sum: negative ones in brackets."""
    return f"({number:.4f})" if number < 0 else f"{number:.4f}"
