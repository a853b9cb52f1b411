"""A run's network as it was after each epoch: put back into any of them, and how far it has moved since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from explainer.attribution import has_place
from explainer.errors import ReaderError
from explainer.models import Preprocessing
from explainer.models.building import blank
from explainer.models.published import construct
from explainer.tracing import Node, Trace, maps
from explainer.training.data import Dataset, Split, learned_from
from explainer.training.recipe import Recipe
from explainer.training.runs import Run
from explainer.training.stages import stages_of

MOST_EPOCHS = 60
"""Epochs of a film at most."""
ACTIVATIONS = frozenset(
    "relu relu6 leaky_relu prelu elu selu gelu silu mish hardswish tanh sigmoid softplus".split()
)
_LEAST_SIDE = 6
"""Rows and columns that a layer should have to be the first to be looked at."""


def spread(epochs: Sequence[int], most: int = MOST_EPOCHS) -> tuple[int, ...]:
    """Return at most so many epochs, evenly among them, always with the first and the last.

    While more are added, those before the last stay the same for long: what was computed of them is of use.
    """
    stride = 1
    while len(epochs[:-1:stride]) + 1 > most:
        stride *= 2
    return (*epochs[:-1:stride], *epochs[-1:])


def to_look_at(data: Dataset, recipe: Recipe) -> tuple[str, Split]:
    """Return images that the run did not learn from: those of the test, else those held out, else any.

    Returns:
        Which they are, ``"test"``, ``"validation"`` or ``"train"``, and the images.
    """
    if len(data.test):
        return "test", data.test
    train, held = learned_from(data.train, recipe)
    return ("validation", held) if len(held) else ("train", train)


def fed_by(recipe: Recipe, shape: Sequence[int]) -> Preprocessing:
    """Return what makes of any picture what the run's network was trained to be fed.

    Args:
        recipe: its ``mean`` and ``std``.
        shape: of one image of the data set, [C, H, W].
    """
    channels, height, width = shape
    mean, std = (
        list(values) * channels if len(values) == 1 else list(values[:channels])
        for values in (recipe.mean, recipe.std)
    )
    mode = "L" if channels == 1 else "RGB"
    return Preprocessing.from_card({"size": [height, width], "mode": mode, "mean": mean, "std": std})


class Replay:
    """A run's network, put back into one epoch after another. One thread's own: its weights change."""

    def __init__(self, run: Run, classes: int) -> None:
        """Build the network for so many classes; it holds no weights of the run yet.

        Raises:
            ReaderError: the run has kept no epoch, or the network cannot be built.
        """
        self.run = run
        self.recipe = run.recipe
        self.epochs = run.history.epochs()
        if not self.epochs:
            raise ReaderError("The run {name} has kept no epoch yet.", name=run.name)
        with blank():
            self.model = construct(self.recipe.network, classes)
        self.model.eval().requires_grad_(False)
        self.stages = stages_of(self.model)
        self._start: Mapping[str, Tensor] = {}

    def at(self, epoch: int) -> nn.Module:
        """Return the network as it was after an epoch; the same module at every call.

        Raises:
            ReaderError: the epoch has not been kept, or its weights are of another network.
        """
        weights = self._weights(epoch)
        try:
            self.model.load_state_dict(weights)
        except RuntimeError as error:
            raise ReaderError("The weights of epoch {epoch} do not fit this network.", epoch=epoch) from error
        return self.model

    def moved(self, epoch: int) -> tuple[float, ...]:
        """Return how far the weights of each stage are from the first epoch that was kept.

        The norm of the difference, as a share of the norm that the stage began with.
        """
        self._start = self._start or self._weights(self.epochs[0])
        now = self._weights(epoch)
        return tuple(_moved(stage.parameters, self._start, now) for stage in self.stages)

    def _weights(self, epoch: int) -> dict[str, Tensor]:
        try:
            return self.run.history.weights(epoch)
        except OSError as error:  # it has given way to others
            raise ReaderError("Epoch {epoch} is no longer kept. Load the film again.", epoch=epoch) from error


def _moved(names: Iterable[str], start: Mapping[str, Tensor], now: Mapping[str, Tensor]) -> float:
    squares, of = 0.0, 0.0
    for name in names:
        squares += float((now[name].double() - start[name].double()).square().sum())
        of += float(start[name].double().square().sum())
    return (squares / of) ** 0.5 if of else 0.0


def layers_of(recorded: Trace) -> tuple[Node, ...]:
    """Return the convolutions and activations whose output has rows and columns of the picture."""
    return tuple(
        node
        for node in recorded.nodes
        if (node.kind == "conv2d" or node.kind in ACTIVATIONS)
        and len(node.shape) == 4
        and has_place(recorded, node)
    )


def usual_layer(layers: Sequence[Node]) -> Node:
    """Return the layer to begin with: the last activation that still shows something of the picture."""
    activations = [node for node in layers if node.kind in ACTIVATIONS] or list(layers)
    large = [node for node in activations if min(maps(node).shape[1:]) >= _LEAST_SIDE]
    return (large or activations)[-1]


def first_convolution(recorded: Trace) -> Node:
    """Return the convolution that sees the picture.

    Raises:
        ReaderError: the network has none.
    """
    found = next((node for node in recorded.nodes if node.kind == "conv2d"), None)
    if found is None:
        raise ReaderError("This network has no convolution, so there are no filters to watch.")
    return found


def convolution_of(node: Node) -> Node | None:
    """Return the convolution that a layer is, or that feeds it."""
    seen: set[Node] = set()
    todo = [node]
    while todo:
        one = todo.pop(0)
        if one.kind == "conv2d":
            return one
        if one not in seen:
            seen.add(one)
            todo += one.inputs
    return None


@dataclass(frozen=True)
class Curve:
    """What the log says of each epoch; nan where it says nothing. Float64 [epochs]."""

    epochs: np.ndarray
    train_loss: np.ndarray
    validation_loss: np.ndarray
    train_accuracy: np.ndarray
    validation_accuracy: np.ndarray


def curve_of(lines: Iterable[Mapping[str, Any]]) -> Curve:
    """Read the curve of a run from its log."""
    found = {int(line["epoch"]): line for line in lines if line.get("kind") == "epoch"}
    epochs = sorted(found)

    def column(split: str, name: str) -> np.ndarray:
        return np.array([float(found[epoch].get(split, {}).get(name, np.nan)) for epoch in epochs])

    return Curve(
        np.array(epochs, np.float64),
        column("train", "loss"),
        column("validation", "loss"),
        column("train", "accuracy"),
        column("validation", "accuracy"),
    )
