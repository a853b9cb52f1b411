"""The PyTorch code of a building block at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.playground.feeding import Choice


def blocks_code(choices: tuple[Choice, Choice], image: str, imports: tuple[str, ...]) -> str:
    """Return a script that builds two blocks, feeds them with a photograph and prints what they cost and see.

    It runs in a fresh interpreter in the project's folder.

    Args:
        choices: the two blocks.
        image: an expression that gives the photograph.
        imports: lines that the expression needs.
    """
    lines = [
        *dict.fromkeys(
            (*imports, "from explainer.playground.feeding import Choice, feed, features_of, figures")
        ),
        "from explainer.tracing import explain",
        "",
        f"photo = {image}",
    ]
    for choice in choices:
        lines += [
            "",
            f"fed, recorded = feed({choice.code}, photo)",
            "print(fed.block)  # the module: explainer/playground/blocks.py",
            f"features = features_of(recorded, {choice.kind!r}).output  # [1, C, H, W]",
            "print(figures(fed, features))",
            "last = recorded.nodes[-1]",
            "print(last.output.equal(fed.block(features)))  # the recorded pass is the module's own: True",
            "print(explain(last, 0, 4, 4).expression)  # one number of the output, taken apart",
        ]
    return "\n".join(lines) + "\n"
