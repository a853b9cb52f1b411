"""Exercises about loss functions."""

from __future__ import annotations

from random import Random

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

_ENTROPY, _SQUARED = later("cross entropy"), later("squared error")
_BOTH = later("both are equally steep")


def surprise(random: Random) -> Exercise:
    """Ask for the cross entropy of a probability that is a power of one half."""
    from torch import tensor

    from explainer.playground.losses import curve

    power = random.randint(1, 6)
    p = 0.5**power
    found = float(curve("probability", "entropy_p", 1.0, x=tensor([p]).double()).value[0])
    return Exercise(
        later(
            "A network gives the right class the probability {p}. What is the cross entropy? ($\\ln 2 = "
            "0.693$)"
        ),
        found,
        later("$-\\ln p=-\\ln({p})={power}\\cdot\\ln 2={found}$."),
        {"p": f"1/{2**power}", "power": power, "found": f"{found:.3f}"},
        tolerance=0.01,
    )


def pull(random: Random) -> Exercise:
    """Ask for the gradient of cross entropy at one score."""
    from torch import tensor

    from explainer.playground.losses import scored

    shares = random.choice(((1, 2, 7), (2, 3, 5), (1, 4, 5), (6, 3, 1), (2, 2, 6)))
    target, asked = random.randrange(3), random.randrange(3)
    found = scored(tensor([float(share) for share in shares]).log(), target)
    p = [round(float(one), 6) for one in found.probabilities]
    return Exercise(
        later(
            "Softmax gives three classes the probabilities {p}; class {target} is right. What is the "
            "gradient of the cross entropy with respect to the score of class {asked}?"
        ),
        round(float(found.gradient[asked]), 6),
        later("It is $p-y$: the probability ${share}$ minus {wanted}."),
        {
            "p": ", ".join(f"{one:g}" for one in p),
            "target": target + 1,
            "asked": asked + 1,
            "share": f"{p[asked]:g}",
            "wanted": int(asked == target),
        },
        tolerance=1e-4,
    )


def outlier(random: Random) -> Exercise:
    """Ask by how much harder squared error pulls at a far outlier than at a near point."""
    from torch import tensor

    from explainer.playground.losses import curve

    near, far = random.choice(((0.5, 3.0), (0.5, 4.0), (1.0, 4.0), (0.25, 2.0)))
    places = tensor([near, far]).double()
    squared, huber = (curve("number", name, 0.0, 1.0, places).derivative for name in ("squared", "huber"))
    ratio = float(squared[1] / squared[0])
    return Exercise(
        later(
            "One prediction is off by {near}, another by {far}. How many times as large as the first is "
            "the second one's gradient under squared error?"
        ),
        ratio,
        later(
            "$2\\cdot{far}$ against $2\\cdot{near}$. Huber with $\\delta=1$ holds the far one back: "
            "{held} times as large."
        ),
        {"near": f"{near:g}", "far": f"{far:g}", "held": f"{float(huber[1] / huber[0]):g}"},
        tolerance=1e-6,
    )


def stuck(random: Random) -> Exercise:
    """Ask which loss is steeper where a sigmoid is confidently wrong."""
    from torch import tensor

    from explainer.playground.losses import curve

    z = float(random.randint(3, 8))
    place = tensor([-z]).double()
    entropy, squared = (
        abs(float(curve("logit", name, 1.0, x=place).derivative[0])) for name in ("entropy_z", "squared_z")
    )
    answer = _ENTROPY if entropy > squared else _SQUARED if squared > entropy else _BOTH
    return Exercise(
        later(
            "The right answer is 1, the score before the sigmoid is $z=-{z}$. Which loss has the larger "
            "gradient with respect to $z$?"
        ),
        answer,
        later(
            "Cross entropy: $\\lvert\\sigma(z)-1\\rvert={entropy}$. Squared error has the factor "
            "$\\sigma(z)(1-\\sigma(z))$ besides: {squared}. It is confidently wrong and hardly learns."
        ),
        {"z": f"{z:g}", "entropy": f"{entropy:.4f}", "squared": f"{squared:.4f}"},
        (_ENTROPY, _SQUARED, _BOTH),
    )


EXERCISES: dict[str, Maker] = {"surprise": surprise, "pull": pull, "outlier": outlier, "stuck": stuck}
