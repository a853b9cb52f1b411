"""Exercises about activation functions."""

from __future__ import annotations

from random import Random

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

_STAY = later("nothing: they stay the same")
_SHARPER = later("the largest grows, the others shrink")
_EVEN = later("they come closer to each other")


def slope(random: Random) -> Exercise:
    """Ask for the derivative of a function with pieces."""
    from torch import tensor

    from explainer.playground.activations import ACTIVATIONS, curve

    name = random.choice(("relu", "leaky", "step"))
    x = random.choice((-3.0, -2.0, -0.5, 0.5, 2.0, 3.0))
    parameter = random.choice((0.01, 0.1, 0.2)) if name == "leaky" else None
    found = curve(name, parameter, tensor([x]).double())
    return Exercise(
        later("What is the derivative of {name}{note} at $x={x}$?"),
        float(found.derivative[0]),
        later("Its value there is ${value}$; the derivative is the slope of the piece that $x$ lies on."),
        {
            "name": ACTIVATIONS[name].name,
            "note": f" (α = {parameter:g})" if parameter else "",
            "x": f"{x:g}",
            "value": f"{float(found.value[0]):g}",
        },
        tolerance=1e-6,
    )


def best_case(random: Random) -> Exercise:
    """Ask how much of a gradient a chain of sigmoids lets through at best."""
    from explainer.playground.activations import curve

    layers = random.randint(2, 5)
    steepest = float(curve("sigmoid").derivative.max())
    return Exercise(
        later(
            "A chain of {layers} sigmoids, every weight 1, one unit a layer. By what factor does the "
            "gradient at least shrink on its way back? Give the largest share that can be left."
        ),
        steepest**layers,
        later(
            "The derivative of the sigmoid is at most {steepest}, at 0, and the chain rule multiplies "
            "one for every layer: ${steepest}^{{{layers}}}={share}$."
        ),
        {"layers": layers, "steepest": f"{steepest:g}", "share": f"{steepest**layers:.3g}"},
        tolerance=0.02 * steepest**layers,
    )


def initialisation(random: Random) -> Exercise:
    """Ask for the standard deviation of He's weights."""
    from explainer.playground.activations import deviation

    width = random.choice((8, 18, 32, 50, 72, 128, 200))
    found = deviation("he", width)
    return Exercise(
        later(
            "A layer with ReLU has {width} inputs for each unit. Which standard deviation do its weights "
            "get from He's initialisation?"
        ),
        found,
        later(
            "$\\sqrt{{2/n}}=\\sqrt{{2/{width}}}={found}$: half of the units are silent, so the variance "
            "is twice that of Xavier's $1/n$ to make up for them."
        ),
        {"width": width, "found": f"{found:.4g}"},
        tolerance=0.005,
    )


def temperature(random: Random) -> Exercise:
    """Ask what softmax does at another temperature."""
    from torch import tensor

    from explainer.playground.activations import softmax

    logits = tensor([float(value) for value in random.sample(range(-2, 4), 3)]).double()
    warmth = random.choice((0.5, 2.0, 5.0))
    before, after = softmax(logits), softmax(logits, warmth)
    answer = _SHARPER if after.max() > before.max() else _EVEN if after.max() < before.max() else _STAY
    return Exercise(
        later(
            "Three scores are {logits}. The temperature goes from 1 to {warmth}: what happens to the "
            "three probabilities?"
        ),
        answer,
        later(
            "The scores are divided by the temperature, so their differences change: the largest "
            "probability goes from {before} to {after}."
        ),
        {
            "logits": ", ".join(f"{one:g}" for one in logits.tolist()),
            "warmth": f"{warmth:g}",
            "before": f"{float(before.max()):.3f}",
            "after": f"{float(after.max()):.3f}",
        },
        (_STAY, _SHARPER, _EVEN),
    )


EXERCISES: dict[str, Maker] = {
    "slope": slope,
    "best_case": best_case,
    "initialisation": initialisation,
    "temperature": temperature,
}
