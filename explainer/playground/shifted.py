"""The same digits for a dense and for a convolutional network, and what happens when a digit is moved.

Both learn from digits in the middle of the picture only, with about the same number of parameters, and are
then asked about digits that were moved.

Sources: LeCun et al. (1989), "Backpropagation Applied to Handwritten Zip Code Recognition" (weights shared
over places); Lin, Chen, Yan (2014), "Network in Network", section 3.2 (one value a map before
the classes); Azulay, Weiss (2019), "Why do deep convolutional networks generalize so poorly to small image
transformations?" (why pooling with a stride keeps the answer from being exactly the same).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.playground import digits
from explainer.progress import Progress
from explainer.wording import later

SIDE = 28
DIGIT = 20
"""Side of the square in which a digit stands before it is moved: 20 of 28 pixels, its ink 14 of them."""
REACH = 6
"""Digits are moved by up to so many pixels each way."""
MAPS = 8
"""Feature maps of the first convolution."""
WEIGHTS = Path(__file__).parents[2] / "assets" / "playground" / "shifted.safetensors"
HEADS: Mapping[str, str] = {
    "max": later("the largest value of each map (global max pooling)"),
    "mean": later("the mean of each map (global average pooling)"),
    "flatten": later("every place with weights of its own (flatten)"),
}
"""What stands between the feature maps and the classes of the convolutional network."""
STEPS = 600
RATE = 0.01
TRAINED_ON, TESTED_ON = 2000, 300


@dataclass(frozen=True, eq=False)
class Pair:
    """Both networks, trained."""

    dense: nn.Sequential
    convolutional: nn.Sequential


def convolutional(head: str) -> nn.Sequential:
    """Return the convolutional network, its weights not drawn yet."""
    last: list[nn.Module]
    if head == "flatten":
        last = [nn.Flatten(), nn.utils.skip_init(nn.Linear, 16 * 14 * 14, 10)]
    else:
        pool = nn.AdaptiveAvgPool2d(1) if head == "mean" else nn.AdaptiveMaxPool2d(1)
        last = [pool, nn.Flatten(), nn.utils.skip_init(nn.Linear, 16, 10)]
    return nn.Sequential(
        nn.utils.skip_init(nn.Conv2d, 1, MAPS, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.utils.skip_init(nn.Conv2d, MAPS, 12, 5, padding=2),
        nn.ReLU(),
        nn.utils.skip_init(nn.Conv2d, 12, 16, 5, padding=2),
        nn.ReLU(),
        *last,
    )


def dense(parameters: int) -> nn.Sequential:
    """Return a dense network with one hidden layer and about so many parameters."""
    pixels = SIDE * SIDE
    units = max(1, round((parameters - 10) / (pixels + 11)))
    return nn.Sequential(
        nn.Flatten(),
        nn.utils.skip_init(nn.Linear, pixels, units),
        nn.ReLU(),
        nn.utils.skip_init(nn.Linear, units, 10),
    )


def parameters(network: nn.Module) -> int:
    """Return the number of weights and biases."""
    return sum(one.numel() for one in network.parameters())


def pair(head: str, seed: int) -> Pair:
    """Return both networks untrained, their weights drawn from the seed (He et al. 2015)."""
    chance = torch.Generator().manual_seed(seed)
    second = convolutional(head)
    first = dense(parameters(second))
    for network in (first, second):
        for one in network.parameters():
            if one.dim() > 1:
                nn.init.kaiming_normal_(one, nonlinearity="relu", generator=chance)
            else:
                nn.init.zeros_(one)
    return Pair(first, second)


@cache
def placed(count: int, seed: int) -> digits.Digits:
    """Return drawn digits, smaller, in the middle of the picture, so that there is room to move them."""
    found = digits.drawn(count, seed)
    return digits.Digits(place(found.images), found.labels)


def place(images: Tensor) -> Tensor:
    """Scale pictures [N, 1, 28, 28] down to 20 x 20 and put them in the middle of a black one."""
    small = F.interpolate(images, (DIGIT, DIGIT), mode="bilinear", antialias=True, align_corners=False)
    border = (SIDE - DIGIT) // 2
    return F.pad(small.clamp(0, 1), (border,) * 4)


def shift(images: Tensor, right: int, down: int) -> Tensor:
    """Move pictures [..., H, W] by whole pixels; what leaves is lost, what comes in is black."""
    height, width = images.shape[-2:]
    moved = F.pad(images, (max(right, 0), max(-right, 0), max(down, 0), max(-down, 0)))
    top, left = max(-down, 0), max(-right, 0)
    return moved[..., top : top + height, left : left + width]


def shifts() -> list[tuple[int, int]]:
    """Return all moves (right, down), row by row from the upper left."""
    span = range(-REACH, REACH + 1)
    return [(right, down) for down in span for right in span]


def train(
    head: str = "max",
    seed: int = 0,
    *,
    steps: int = STEPS,
    batch: int = 32,
    progress: Progress = lambda done, total: None,
) -> Pair:
    """Train both networks with Adam on the same centred digits in the same order.

    Args:
        head: a key of ``HEADS``.
        seed: of weights and order.
        steps: of each network.
        batch: digits a step.
        progress: told after every few steps.
    """
    made = pair(head, seed)
    data = placed(TRAINED_ON + TESTED_ON, 0)
    images, labels = data.images[:TRAINED_ON], data.labels[:TRAINED_ON]
    chance = torch.Generator().manual_seed(seed + 1)
    orders = [torch.randperm(TRAINED_ON, generator=chance) for _ in range(1 + steps * batch // TRAINED_ON)]
    order = torch.cat(orders)
    networks = (made.dense, made.convolutional)
    optimisers = [torch.optim.Adam(one.parameters(), lr=RATE) for one in networks]
    schedules = [torch.optim.lr_scheduler.CosineAnnealingLR(one, steps) for one in optimisers]
    for step in range(steps):
        chosen = order[step * batch : (step + 1) * batch]
        for network, optimiser, schedule in zip(networks, optimisers, schedules, strict=True):
            optimiser.zero_grad(set_to_none=True)
            F.cross_entropy(network(images[chosen]), labels[chosen]).backward()
            optimiser.step()
            schedule.step()
        if step % 5 == 4:
            progress(step + 1, steps)
    return made


@torch.no_grad()
def accuracies(network: nn.Module, progress: Progress = lambda done, total: None) -> Tensor:
    """Return the share of right answers for every move of digits never trained on.

    Returns:
        float32 [2 * REACH + 1, 2 * REACH + 1]: rows by how far down, columns by how far right.
    """
    data = placed(TRAINED_ON + TESTED_ON, 0)
    images, labels = (one[TRAINED_ON:] for one in (data.images, data.labels))
    found = []
    moves = shifts()
    for number, (right, down) in enumerate(moves):
        answers = network(shift(images, right, down)).argmax(1)
        found.append((answers == labels).float().mean())
        progress(number + 1, len(moves))
    return torch.stack(found).view(2 * REACH + 1, 2 * REACH + 1)


@dataclass(frozen=True, eq=False)
class Moved:
    """One digit at every place, as both networks see it; the first axis is ``shifts()``."""

    pictures: Tensor
    """float32 [M, 28, 28]."""
    dense: Tensor
    """Probabilities float32 [M, 10]."""
    convolutional: Tensor
    """Likewise."""
    units: Tensor
    """The dense network's hidden layer, float32 [M, units]."""
    maps: Tensor
    """The first convolution's maps after ReLU, float32 [M, 8, 28, 28]."""
    differences: Tensor
    """Largest difference between the maps of the moved digit and the moved maps, float32 [M].

    Where the frame does not cut into the digit or its maps this is 0 up to rounding: moving and convolving
    may change places.
    """


@torch.no_grad()
def moved(networks: Pair, picture: Tensor) -> Moved:
    """Ask both networks about a picture float32 [1, 28, 28] at every place."""
    moves = shifts()
    pictures = torch.stack([shift(picture, *move) for move in moves])
    maps = networks.convolutional[:2](pictures)
    centre = maps[len(moves) // 2]
    border = 2  # half a kernel: there the zeros around the picture come in
    apart = []
    for one, (right, down) in zip(maps, moves, strict=True):
        difference = (one - shift(centre, right, down)).abs()
        top, left = border + max(down, 0), border + max(right, 0)
        bottom, end = SIDE - border + min(down, 0), SIDE - border + min(right, 0)
        apart.append(difference[:, top:bottom, left:end].max())
    return Moved(
        pictures[:, 0],
        networks.dense(pictures).softmax(1),
        networks.convolutional(pictures).softmax(1),
        networks.dense[:3](pictures),
        maps,
        torch.stack(apart),
    )


@dataclass(frozen=True, eq=False)
class Judged:
    """Two trained networks, and how often each is right wherever the digit stands."""

    networks: Pair
    dense: Tensor
    """``accuracies``."""
    convolutional: Tensor


def judge(head: str, seed: int, progress: Progress = lambda done, total: None) -> Judged:
    """Train both networks and measure them, telling how far it is in hundredths."""
    made = train(head, seed, progress=lambda done, total: progress(50 * done // total, 100))

    def told(start: int) -> Progress:
        return lambda done, total: progress(start + 25 * done // total, 100)

    return Judged(made, accuracies(made.dense, told(50)), accuracies(made.convolutional, told(75)))


@cache
def bundled(head: str) -> Judged:
    """Return what ``judge(head, 0)`` gave when the project was made, kept in ``WEIGHTS``."""
    from safetensors.torch import load_file

    made = pair(head, 0)
    known = load_file(WEIGHTS)
    for name, network in (("dense", made.dense), ("convolutional", made.convolutional)):
        prefix = f"{head}.{name}."
        network.load_state_dict(
            {key.removeprefix(prefix): value for key, value in known.items() if key.startswith(prefix)}
        )
        network.requires_grad_(False)
    return Judged(made, known[f"{head}.accuracy.dense"], known[f"{head}.accuracy.convolutional"])


def write_bundled() -> None:
    """Make what comes with the project anew: ``python -m explainer.playground.shifted``."""
    from safetensors.torch import save_file

    kept: dict[str, Tensor] = {}
    for head in HEADS:
        found = judge(head, 0)
        both = {"dense": found.networks.dense, "convolutional": found.networks.convolutional}
        for name, network in both.items():
            kept |= {f"{head}.{name}.{key}": value for key, value in network.state_dict().items()}
        kept |= {
            f"{head}.accuracy.dense": found.dense,
            f"{head}.accuracy.convolutional": found.convolutional,
        }
    WEIGHTS.parent.mkdir(exist_ok=True)
    save_file(kept, WEIGHTS, metadata={"recipe": f"judge(head, 0), {STEPS} steps of Adam on drawn digits"})


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_bundled()
