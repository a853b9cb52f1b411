"""The PyTorch code of a multilayer perceptron that learns."""

from __future__ import annotations

from explainer.playground.learner import ACTIVATIONS, Rule, Shape

_MODULES = {key: made().__class__.__name__ for key, (_, made) in ACTIVATIONS.items()}


def making_points(kind: str, count: int, noise: float, held: float, seed: int) -> str:
    """Return code that draws a set of points as ``points``."""
    return (
        "from explainer.playground.points import make\n\n"
        f'points = make("{kind}", count={count}, noise={noise:g}, held_out={held:g}, seed={seed})'
    )


def painting_points(text: str, held: float) -> str:
    """Return code that reads the reader's points, as ``explainer.playground.points.write`` wrote them."""
    return (
        "from explainer.playground.points import painted, read\n\n"
        f'points = painted(read("{text}"), held_out={held:g})'
    )


def plane_code(shape: Shape, rule: Rule, making: str, steps: int) -> str:
    """Return a script that trains a network on points in the plane and prints loss and accuracy.

    Args:
        shape: the network.
        rule: how it learns.
        making: code that makes the points.
        steps: to take.
    """
    return "\n".join(
        [
            "import torch",
            "from torch.nn import functional as F",
            "",
            "from explainer.playground.learner import Shape, build",
            making,
            *_building(shape),
            "",
            *_loop(shape, rule, steps, "points.train", "points.train_labels"),
            "    loss = F.binary_cross_entropy_with_logits(network(x[chosen])[:, 0], y[chosen])",
            *_ending(),
            "with torch.no_grad():",
            "    logits = network(x)[:, 0]",
            "    print(F.binary_cross_entropy_with_logits(logits, y).item())",
            "    print(((logits > 0) == (y > 0)).float().mean().item())",
            "",
        ]
    )


def digit_code(shape: Shape, rule: Rule, steps: int, trained_on: int, tested_on: int) -> str:
    """Return a script that trains a network on drawn digits and prints how it does on those held out."""
    return "\n".join(
        [
            "import torch",
            "from torch.nn import functional as F",
            "",
            "from explainer.playground.digits import drawn",
            "from explainer.playground.learner import Shape, build",
            "",
            f"digits = drawn({trained_on + tested_on}, 0)  # drawn by this project, no scanned handwriting",
            "images, labels = digits.images.flatten(1), digits.labels",
            *_building(shape),
            "",
            *_loop(shape, rule, steps, f"images[:{trained_on}]", f"labels[:{trained_on}]"),
            "    loss = F.cross_entropy(network(x[chosen]), y[chosen])",
            *_ending(),
            "with torch.no_grad():",
            f"    scores, answers = network(images[{trained_on}:]), labels[{trained_on}:]",
            "    print(F.cross_entropy(scores, answers).item())",
            "    print((scores.argmax(1) == answers).float().mean().item())",
            "",
        ]
    )


def _building(shape: Shape) -> list[str]:
    sizes = " -> ".join(map(str, shape.sizes))
    hidden = f"({', '.join(map(str, shape.hidden))}{',' if len(shape.hidden) == 1 else ''})"
    return [
        f"# nn.Linear and nn.{_MODULES[shape.activation]} by turns, {sizes}; the first weights from the seed",
        f'network = build(Shape({shape.inputs}, {hidden}, {shape.outputs}, "{shape.activation}", '
        f"seed={shape.seed}))",
    ]


def _loop(shape: Shape, rule: Rule, steps: int, x: str, y: str) -> list[str]:
    momentum = ", momentum=0.9" if rule.optimiser == "momentum" else ""
    kind = "AdamW" if rule.optimiser == "adam" else "SGD"
    return [
        f"x, y = {x}, {y}",
        f"optimiser = torch.optim.{kind}(network.parameters(), lr={rule.rate:g}{momentum}, "
        f"weight_decay={rule.weight_decay:g})",
        f"chance = torch.Generator().manual_seed({shape.seed + 1})",
        "order = torch.empty(0, dtype=torch.int64)",
        f"for _ in range({steps}):",
        "    if not len(order):  # every example once, then a new order",
        "        order = torch.randperm(len(y), generator=chance)",
        f"    chosen, order = order[:{rule.batch}], order[{rule.batch}:]",
    ]


def _ending() -> list[str]:
    return ["    optimiser.zero_grad()", "    loss.backward()", "    optimiser.step()", ""]
