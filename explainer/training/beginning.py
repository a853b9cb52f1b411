"""The network a run begins with: its architecture for the classes at hand, and its first weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.models import load_model
from explainer.models.checkpoints import read_state_dict, unwrapped
from explainer.models.entries import find
from explainer.models.published import construct, modern
from explainer.models.weights import MissingWeightsError
from explainer.training.recipe import Recipe
from explainer.training.stages import head_of

PUBLISHED = "published"


def new_network(recipe: Recipe, classes: int, folder: Path) -> nn.Module:
    """Return the network of a recipe with its first weights, drawn by the recipe's seed.

    Weights of another task are taken over except for the head, which has other classes to tell apart.

    Args:
        recipe: its ``network``, ``start``, ``seed``, ``dropout`` and ``stochastic_depth``.
        classes: to tell apart.
        folder: of this run; a recipe that goes on from another looks for that one's folder beside it.

    Raises:
        ReaderError: no such network, its weights cannot be had, or they are of another architecture.
    """
    find(recipe.network)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = construct(recipe.network, classes)
    if recipe.start == PUBLISHED:
        _take_over(model, _published(recipe.network), recipe.network, keep_head=False)
    elif Path(recipe.start).suffix:
        path = Path(recipe.start)
        tensors = unwrapped(modern(recipe.network, read_state_dict(path)), model.state_dict())
        _take_over(model, tensors, path.name, keep_head=False)
    elif recipe.start:
        _take_over(model, _finished(folder.with_name(recipe.start)), recipe.start, keep_head=True)
    if recipe.dropout >= 0:
        _set_dropout(model, recipe.dropout)
    if recipe.stochastic_depth:
        _set_stochastic_depth(model, recipe.stochastic_depth, recipe.network)
    return model


def _published(network: str) -> Mapping[str, Tensor]:
    """Return the weights that a network's authors have published."""
    try:
        return load_model(network).model.state_dict()
    except MissingWeightsError as error:
        if "url" not in error.values:
            raise ReaderError(
                "There are no published weights of {key} that can be used here. Begin with new weights: the "
                "network starts untrained, from random ones. Or choose a network that has published weights.",
                **error.values,
            ) from error
        raise ReaderError(
            "The published weights {file} are not on this machine and could not be downloaded ({reason}). "
            "Connect to the internet and begin again, or download {url} elsewhere and put it at {path}. "
            "Without them, begin with new weights: the network starts untrained, from random ones.",
            **error.values,
        ) from error


def _take_over(model: nn.Module, tensors: Mapping[str, Tensor], label: str, *, keep_head: bool) -> None:
    """Copy weights by their names; without ``keep_head`` the head stays as it was drawn."""
    own = model.state_dict()
    head = head_of(model)
    new = () if keep_head else tuple(name for name in own if name.startswith(f"{head}."))
    wrong = [
        name for name, value in own.items()
        if name not in new and (name not in tensors or tensors[name].shape != value.shape)
    ]  # fmt: skip
    if wrong:
        raise ReaderError(
            "The weights {name} are not of this network: {tensors} do not fit.",
            name=label,
            tensors=", ".join(wrong[:4]),
        )
    model.load_state_dict({name: own[name] if name in new else tensors[name] for name in own})


def _finished(folder: Path) -> dict[str, Tensor]:
    """Return the weights that a run left in its folder when it was done."""
    path = folder / f"{folder.name}.safetensors"
    if not path.exists():
        raise ReaderError("Train {name} first: this recipe goes on from its weights.", name=folder.name)
    return read_state_dict(path)


def _set_dropout(model: nn.Module, share: float) -> None:
    """Give every dropout layer its probability; where there is none, the head's input is dropped out."""
    layers = [module for module in model.modules() if isinstance(module, nn.modules.dropout._DropoutNd)]
    for layer in layers:
        layer.p = share
    if not layers:
        # A hook, not a layer: the weights keep the names of the network without it.
        model.get_submodule(head_of(model)).register_forward_pre_hook(
            lambda head, given: (F.dropout(given[0], share, head.training), *given[1:])
        )


def _set_stochastic_depth(model: nn.Module, share: float, label: str) -> None:
    """Let each residual branch be left out, the later the more often (Huang et al., 2016, section 3).

    Branches are what torchvision and timm mark as such, and the last normalisation of a ResNet's block.
    """
    from torchvision.ops import StochasticDepth

    marked = [module for module in model.modules() if isinstance(module, StochasticDepth)]
    paths = [module for module in model.modules() if hasattr(module, "drop_path")]
    blocks = [module for module in model.modules() if _is_residual(module)]
    if marked:
        for place, module in enumerate(marked):
            module.p = share * (place + 1) / len(marked)
    elif paths:
        from timm.layers import DropPath

        for place, module in enumerate(paths):
            module.drop_path = DropPath(share * (place + 1) / len(paths))
    elif blocks:
        for place, block in enumerate(blocks):
            _last_norm(block).register_forward_hook(_Leave(share * (place + 1) / len(blocks)))
    else:
        raise ReaderError("{name} has no residual branches that could be left out.", name=label)


class _Leave:
    """Leaves the output of a module out, image by image, while it is trained."""

    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, module: nn.Module, given: object, output: Tensor) -> Tensor:
        from torchvision.ops import stochastic_depth

        return stochastic_depth(output, self.share, "row", module.training)


def _is_residual(module: nn.Module) -> bool:
    from torchvision.models.resnet import BasicBlock, Bottleneck

    from explainer.models.networks import ResidualBlock

    return isinstance(module, BasicBlock | Bottleneck | ResidualBlock)


def _last_norm(block: nn.Module) -> nn.Module:
    return block.get_submodule("bn3" if hasattr(block, "bn3") else "bn2")
