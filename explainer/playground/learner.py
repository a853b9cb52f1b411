"""A multilayer perceptron that learns step by step, and remembers what it was at every stage.

Sources: Rumelhart, Hinton, Williams (1986), "Learning representations by back-propagating errors"; weights
are drawn at first as in Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
neural networks", section 4.2.1, or for rectifiers as in He et al. (2015), "Delving Deep into Rectifiers",
section 2.2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.wording import later

ACTIVATIONS: Mapping[str, tuple[str, Callable[[], nn.Module]]] = {
    "tanh": ("tanh", nn.Tanh),
    "relu": ("ReLU", nn.ReLU),
    "sigmoid": (later("Sigmoid"), nn.Sigmoid),
    "leaky": ("Leaky ReLU", nn.LeakyReLU),
    "linear": (later("Linear"), nn.Identity),
}
"""Title and module of each activation."""
OPTIMISERS: Mapping[str, str] = {"sgd": "SGD", "momentum": later("SGD + momentum 0.9"), "adam": "Adam"}


@dataclass(frozen=True)
class Shape:
    """What network it is."""

    inputs: int
    hidden: tuple[int, ...]
    """Units of each hidden layer; none makes a linear classifier."""
    outputs: int
    """1: the logit of class 1 against class 0; more: a logit for each class."""
    activation: str = "tanh"
    seed: int = 0
    """Of the first weights and of the order of the examples."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of all layers, the input first."""
        return (self.inputs, *self.hidden, self.outputs)


@dataclass(frozen=True)
class Rule:
    """How it learns; may change on the way."""

    optimiser: str = "adam"
    rate: float = 0.01
    batch: int = 16
    weight_decay: float = 0.0
    """Added to the gradient as decay times weight (L2); for Adam decoupled from it (AdamW)."""


@dataclass(frozen=True)
class Measured:
    """Loss and share of right answers, on the training examples and on those held out."""

    loss: float
    accuracy: float
    held_loss: float | None
    held_accuracy: float | None


@dataclass(frozen=True, eq=False)
class Stage:
    """The network after so many steps."""

    step: int
    weights: Tensor
    """float32 [parameters]: for each layer its weights, row by row, then its biases."""
    measured: Measured


def build(shape: Shape) -> nn.Sequential:
    """Return the network with its first weights, drawn from ``shape.seed`` and nothing else."""
    chance = torch.Generator().manual_seed(shape.seed)
    _, activation = ACTIVATIONS[shape.activation]
    rectifier = shape.activation in {"relu", "leaky"}
    layers: list[nn.Module] = []
    for number, (fan_in, units) in enumerate(zip(shape.sizes, shape.sizes[1:], strict=False)):
        if number:
            layers.append(activation())
        linear = nn.utils.skip_init(nn.Linear, fan_in, units)
        if rectifier:
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu", generator=chance)
        else:
            nn.init.xavier_normal_(linear.weight, generator=chance)
        nn.init.zeros_(linear.bias)
        layers.append(linear)
    return nn.Sequential(*layers)


def flat(network: nn.Module) -> Tensor:
    """Return all parameters in one row, a copy."""
    return torch.cat([one.detach().reshape(-1) for one in network.parameters()])


def put_back(network: nn.Module, weights: Tensor) -> None:
    """Give a network the parameters of a row made by ``flat``."""
    at = 0
    with torch.no_grad():
        for one in network.parameters():
            one.copy_(weights[at : at + one.numel()].view_as(one))
            at += one.numel()


def loss_of(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross entropy: binary for one logit, else over the classes."""
    if scores.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(scores[:, 0], labels)
    return F.cross_entropy(scores, labels)


def right(scores: Tensor, labels: Tensor) -> float:
    """Return the share of right answers; a logit of exactly 0 counts as class 0."""
    answers = (scores[:, 0] > 0).to(labels.dtype) if scores.shape[1] == 1 else scores.argmax(1)
    return float((answers == labels).float().mean())


class Learner:
    """A network while it learns. One thread at a time.

    The same seed, data and rule give the same network after the same number of steps, however the steps are
    taken.

    Args:
        shape: the network.
        train: examples float32 [n, inputs] and labels [n], float for one logit, int64 for several classes.
        held: examples held out, likewise; may be empty.
        kept: stages that are remembered at most. When there are more, every second one is forgotten, and
            stages are taken half as often from then on.
    """

    def __init__(
        self, shape: Shape, train: tuple[Tensor, Tensor], held: tuple[Tensor, Tensor], *, kept: int = 160
    ) -> None:
        self.shape, self.train, self.held = shape, train, held
        self.kept = kept
        self.restart()

    def restart(self) -> None:
        """Begin again with the first weights."""
        self.network = build(self.shape)
        self.step = 0
        self.every = 1
        """Steps between stages."""
        self._rule: Rule | None = None
        self._optimiser: torch.optim.Optimizer | None = None
        self._chance = torch.Generator().manual_seed(self.shape.seed + 1)
        self._order = torch.empty(0, dtype=torch.int64)
        self.stages = [self.stage()]

    def see(self, train: tuple[Tensor, Tensor], held: tuple[Tensor, Tensor]) -> None:
        """Learn from other examples from now on."""
        self.train, self.held = train, held
        self._order = self._order[:0]
        self.stages[-1] = self.stage() if self.stages[-1].step == self.step else self.stages[-1]

    def stage(self) -> Stage:
        """Return what the network is now."""
        return Stage(self.step, flat(self.network), self.measure())

    @torch.no_grad()
    def measure(self) -> Measured:
        """Return loss and accuracy over all examples."""
        if not len(self.train[1]):
            return Measured(0.0, 1.0, None, None)
        scores, labels = self.network(self.train[0]), self.train[1]
        loss, accuracy = float(loss_of(scores, labels)), right(scores, labels)
        if not len(self.held[1]):
            return Measured(loss, accuracy, None, None)
        scores, labels = self.network(self.held[0]), self.held[1]
        return Measured(loss, accuracy, float(loss_of(scores, labels)), right(scores, labels))

    def run(self, steps: int, rule: Rule, *, seconds: float = 60.0) -> int:
        """Take steps, at most so many and not for much longer than ``seconds``; return how many."""
        if not len(self.train[1]):
            return 0
        optimiser = self._ready(rule)
        ends = time.monotonic() + seconds
        for taken in range(steps):
            chosen = self._next(rule.batch)
            optimiser.zero_grad(set_to_none=True)
            loss_of(self.network(self.train[0][chosen]), self.train[1][chosen]).backward()
            optimiser.step()
            self.step += 1
            if self.step % self.every == 0:
                self._remember()
            if time.monotonic() > ends:
                return taken + 1
        return steps

    def _ready(self, rule: Rule) -> torch.optim.Optimizer:
        """Return the optimiser; another rule of the same kind keeps its momentum."""
        known = self._rule
        if self._optimiser is None or known is None or known.optimiser != rule.optimiser:
            self._optimiser = _optimiser(self.network, rule)
        for group in self._optimiser.param_groups:
            group["lr"], group["weight_decay"] = rule.rate, rule.weight_decay
        self._rule = rule
        return self._optimiser

    def _next(self, batch: int) -> Tensor:
        """Return the indices of the next examples: every example once, in a new order each round."""
        if not len(self._order):
            self._order = torch.randperm(len(self.train[1]), generator=self._chance)
        chosen, self._order = self._order[:batch], self._order[batch:]
        return chosen

    def _remember(self) -> None:
        self.stages.append(self.stage())
        if len(self.stages) > self.kept:
            self.every *= 2
            self.stages = [one for one in self.stages if one.step % self.every == 0]


def _optimiser(network: nn.Module, rule: Rule) -> torch.optim.Optimizer:
    parameters = network.parameters()
    if rule.optimiser == "adam":
        return torch.optim.AdamW(parameters, lr=rule.rate, weight_decay=rule.weight_decay)
    return torch.optim.SGD(
        parameters,
        lr=rule.rate,
        momentum=0.9 if rule.optimiser == "momentum" else 0.0,
        weight_decay=rule.weight_decay,
    )
