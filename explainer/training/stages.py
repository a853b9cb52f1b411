"""A network as a row of stages from the input to the head: what is frozen, what learns, and how fast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from explainer.errors import ReaderError
from explainer.training.recipe import Recipe

_WEIGHTED = (nn.Linear, nn.modules.conv._ConvNd)


@dataclass(frozen=True)
class Stage:
    """Layers next to each other that are frozen, or learn, together."""

    modules: tuple[str, ...]
    """Names in the network, in their order."""
    parameters: tuple[str, ...]
    """Names of everything in it that could learn."""

    @property
    def title(self) -> str:
        """What the stage is called: its first module that has weights."""
        return self.modules[0] if self.modules else self.parameters[0]


def head_of(model: nn.Module) -> str:
    """Return the name of the layer that gives the class scores: the last one with a kernel or a matrix.

    Raises:
        ReaderError: the network has no such layer.
    """
    names = [name for name, module in model.named_modules() if isinstance(module, _WEIGHTED)]
    if not names:
        raise ReaderError("This network has no layer with weights, so there is nothing to learn.")
    return names[-1]


def stages_of(model: nn.Module) -> tuple[Stage, ...]:
    """Return a network's stages from the input to the head, which is the last one.

    A stage is a module as the network's author grouped them (a stage of a ResNet, a block of a MobileNet). A
    group that holds more than half of all layers is opened, since freezing it would be freezing almost all.
    Normalisation belongs to the layer that it follows.
    """
    head = head_of(model)
    named = dict(model.named_modules())
    total = sum(isinstance(module, _WEIGHTED) for module in named.values())
    units = list(_units(model, "", head, total / 2))
    grouped: list[list[str]] = []
    for name in units:
        kernels = any(parameter.ndim > 1 for parameter in named[name].parameters())
        if grouped and not kernels and name != head:
            grouped[-1].append(name)
        else:
            grouped.append([name])
    owner = {name: place for place, group in enumerate(grouped) for name in group}
    parameters: list[list[str]] = [[] for _ in grouped]
    for name, _ in model.named_parameters():
        # What an opened group owns itself (position embeddings, a class token) is made for its input.
        place = next((owner[above] for above in _ancestors(name) if above in owner), 0)
        parameters[place].append(name)
    return tuple(
        Stage(tuple(group), tuple(own)) for group, own in zip(grouped, parameters, strict=True) if own
    )


def learning(recipe: Recipe, stages: tuple[Stage, ...], epoch: int) -> int:
    """Return the first stage that learns in an epoch (from 0); the head always does."""
    last = len(stages) - 1
    frozen = last if recipe.frozen_stages < 0 else min(recipe.frozen_stages, last)
    return max(0, frozen - epoch // recipe.unfreeze_every) if recipe.unfreeze_every else frozen


def freeze(model: nn.Module, stages: tuple[Stage, ...], first: int) -> None:
    """Put a network into training mode from its stage ``first`` on; all before it keeps its bits.

    Frozen layers stay in evaluation mode, so that the running statistics of their batch normalisation do not
    move either.
    """
    model.train()
    named, owned = dict(model.named_modules()), dict(model.named_parameters())
    for place, stage in enumerate(stages):
        for name in stage.parameters:
            owned[name].requires_grad_(place >= first)
        for name in stage.modules:
            named[name].train(place >= first)


def rates(recipe: Recipe, stages: tuple[Stage, ...]) -> tuple[float, ...]:
    """Return the highest learning rate of each stage (Howard and Ruder, 2018, discriminative fine-tuning)."""
    last = len(stages) - 1
    return tuple(recipe.learning_rate * recipe.rate_decay ** (last - place) for place in range(len(stages)))


def _units(module: nn.Module, name: str, head: str, most: float) -> Iterator[str]:
    """Yield the modules that stay together: those that hold few enough layers, and not the head."""
    for child_name, child in module.named_children():
        path = f"{name}.{child_name}" if name else child_name
        layers = sum(isinstance(one, _WEIGHTED) for one in child.modules())
        holds_head = head.startswith(f"{path}.")
        if any(True for _ in child.children()) and (layers > most or holds_head):
            yield from _units(child, path, head, most)
        elif any(True for _ in child.parameters()):
            yield path


def _ancestors(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
