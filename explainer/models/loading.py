"""Open a network: its modules with their weights, what it is fed, and what its outputs are called."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.models import published
from explainer.models.building import blank, seeded
from explainer.models.checkpoints import fit, read_metadata, read_state_dict
from explainer.models.entries import WEIGHTS, CatalogEntry, find, read_card
from explainer.models.networks import build
from explainer.models.preprocessing import Preprocessing
from explainer.models.weights import Progress


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network that any number of readers can share: in eval mode, its parameters need no gradient."""

    model: nn.Module = field(repr=False)
    key: str
    title: str
    classes: tuple[str, ...] = field(repr=False)
    """Names of the outputs; empty where they are features."""
    preprocessing: Preprocessing
    trained: bool
    """``False`` where the weights are random: nothing it says means anything."""
    card: Mapping[str, Any] = field(repr=False)
    """What is known about where the weights come from; of bundled networks the whole model card."""
    source: str
    """``"bundled"``, ``"torchvision"``, ``"timm"``, or ``"file"`` for a reader's weights."""
    code: str = field(repr=False)
    """Plain PyTorch code that makes the same ``model``."""


def load_model(
    key: str,
    weights: str | os.PathLike[str] = "default",
    progress: Progress | None = None,
    *,
    folder: Path = WEIGHTS,
) -> LoadedModel:
    """Open a network of the catalogue.

    Args:
        key: as in ``catalog()``: ``"tiny_vgg"``, ``"resnet50"``, ``"timm:repvgg_a0"``.
        weights: ``"default"`` for the published ones (bundled, or downloaded once), the name of other
            published ones (torchvision's ``"IMAGENET1K_V1"``), ``"none"`` for random ones (always the same),
            or the path of a file of weights. A file made for another number of classes gives a network
            with that number; ``<name>.json`` beside it may give class names and preprocessing in the form
            of a model card.
        progress: told the bytes downloaded and the bytes in all.
        folder: where the bundled weights are.

    Raises:
        ReaderError: no such network, weights that cannot be had or do not fit, with what to do about it.
    """
    entry = find(key, folder)
    choice = os.fspath(weights)
    file = Path(choice) if _is_path(choice) else None
    check_room(entry, free_memory())
    if entry.source == "bundled":
        opened = _open_bundled(entry, choice, file, folder)
    elif entry.source == "torchvision":
        opened = _open_torchvision(entry, key, choice, file, progress)
    else:
        opened = _open_timm(entry, key, choice, file, progress)
    opened.model.eval().requires_grad_(False)
    return opened


def _is_path(weights: str) -> bool:
    return Path(weights).suffix != "" or os.sep in weights


def free_memory() -> int | None:
    """Return the bytes of memory that programs can still have; ``None`` where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def check_room(entry: CatalogEntry, free: int | None) -> None:
    """Refuse what would not fit in memory rather than have the server killed for all its readers."""
    if free is not None and entry.parameters * 4 * 2 > free:  # the file and the network
        raise ReaderError(
            "{key} has {millions} million parameters, more than fits in the memory of this machine.",
            key=entry.key,
            millions=round(entry.parameters / 1e6),
        )


def _open_bundled(entry: CatalogEntry, choice: str, file: Path | None, folder: Path) -> LoadedModel:
    card = read_card(folder / f"{entry.key}.json")
    own = folder / f"{entry.key}.safetensors"
    imports, load = "from explainer.models.networks import build\n\n", ""
    if choice == "none":
        with seeded():
            model = build(entry.key)
        imports = f"import torch\n\n{imports}torch.manual_seed(0)\n"
    else:
        path = file or own
        with blank():
            model = build(entry.key)
        fit(model, read_state_dict(path), path.name)
        read = _code_to_read(_short(path))
        imports, load = f"{imports}{read}", "model.load_state_dict(weights)\n"
    outputs = len(card["classes"])
    return LoadedModel(
        model=model,
        key=entry.key,
        title=entry.title,
        classes=_numbered(outputs) if choice == "none" else tuple(card["classes"]),
        preprocessing=Preprocessing.from_card(card["preprocessing"]),
        trained=choice != "none",
        card={} if file or choice == "none" else card,
        source="file" if file else "bundled",
        code=f"{imports}model = build({entry.key!r})\n{load}model.eval()\n",
    )


def _open_torchvision(
    entry: CatalogEntry, key: str, choice: str, file: Path | None, progress: Progress | None
) -> LoadedModel:
    named = "default" if file or choice == "none" else choice
    weights = published.torchvision_weights(key, named)
    tensors, label = _tensors(choice, file, lambda: published.torchvision_file(weights, progress))
    model = published.torchvision_model(key, tensors, label)
    arguments = "".join(f", {name}={value}" for name, value in published.builder_arguments(key).items())
    code = "import torch\nimport torchvision\n\n"
    if choice == "none":
        code += f"torch.manual_seed(0)\nmodel = torchvision.models.{key}(weights=None{arguments})\n"
    elif file:
        code += _code_for_file(f"torchvision.models.{key}(num_classes=%d{arguments})", model, file)
    else:
        code = f'import torchvision\n\nmodel = torchvision.models.{key}(weights="{weights.name}")\n'
    return _opened(
        entry,
        key,
        model,
        file,
        choice,
        classes=tuple(weights.meta["categories"]),
        preprocessing=published.torchvision_preprocessing(weights),
        card={"weights": str(weights), "url": weights.url, "recipe": weights.meta.get("recipe", "")},
        code=code,
    )


def _open_timm(
    entry: CatalogEntry, key: str, choice: str, file: Path | None, progress: Progress | None
) -> LoadedModel:
    name = key.removeprefix("timm:")
    if not file and choice not in {"default", "none"}:
        name = f"{name.split('.')[0]}.{choice}"
    config = published.timm_config(name)
    tensors, label = _tensors(choice, file, lambda: published.timm_file(config, progress))
    model = published.timm_model(name, tensors, label)
    code = "import torch\nimport timm\n\n"
    if choice == "none":
        code += f"torch.manual_seed(0)\nmodel = timm.create_model({name!r})\n"
    elif file:
        code += _code_for_file(f"timm.create_model({name!r}, num_classes=%d)", model, file)
    else:
        code = f"import timm\n\nmodel = timm.create_model({name!r}, pretrained=True)\n"
    return _opened(
        entry,
        key,
        model,
        file,
        choice,
        classes=published.timm_classes(config),
        preprocessing=published.timm_preprocessing(config),
        card={"weights": config.hf_hub_id, "licence": config.license or "", "recipe": config.tag or ""},
        code=code,
    )


def _tensors(choice: str, file: Path | None, download: Any) -> tuple[dict[str, Tensor] | None, str]:
    if choice == "none":
        return None, ""
    path = file or download()
    return read_state_dict(path), path.name


def _opened(
    entry: CatalogEntry,
    key: str,
    model: nn.Module,
    file: Path | None,
    choice: str,
    *,
    classes: tuple[str, ...],
    preprocessing: Preprocessing,
    card: Mapping[str, Any],
    code: str,
) -> LoadedModel:
    """Put together what was found, with a reader's own card taking precedence for a reader's own file."""
    outputs = _output_count(model, len(classes))
    if file:
        card = read_metadata(file)
        named = card.get("classes")
        if isinstance(named, list) and len(named) == outputs:
            classes = tuple(str(name) for name in named)
        if isinstance(card.get("preprocessing"), dict):
            preprocessing = Preprocessing.from_card(card["preprocessing"])
    if choice == "none" or len(classes) != outputs:
        classes = _numbered(outputs)
    return LoadedModel(
        model=model,
        key=key,
        title=entry.title,
        classes=classes,
        preprocessing=preprocessing,
        trained=choice != "none",
        card=card if choice != "none" else {},
        source="file" if file else entry.source,
        code=code + "model.eval()\n",
    )


def _output_count(model: nn.Module, default: int) -> int:
    """Return how many outputs the last layer with weights has: a linear layer, or a 1x1 convolution."""
    if isinstance(count := getattr(model, "num_classes", None), int):  # timm; and torchvision's SqueezeNet
        return count
    for module in reversed(list(model.modules())):
        if isinstance(module, nn.Linear):
            return module.out_features
        if isinstance(module, nn.Conv2d):
            return module.out_channels
    return default


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"class {index}" for index in range(count))


def _short(path: Path) -> Path:
    """Return the path as seen from the project's folder where it lies inside."""
    root = WEIGHTS.parents[1]
    return path.relative_to(root) if path.is_relative_to(root) else path


def _code_to_read(file: Path) -> str:
    if file.suffix == ".safetensors":
        return f"from safetensors.torch import load_file\n\nweights = load_file({str(file)!r})\n"
    return f"import torch\n\nweights = torch.load({str(file)!r}, weights_only=True)\n"


def _code_for_file(builder: str, model: nn.Module, file: Path) -> str:
    build_line = f"model = {builder % _output_count(model, 1000)}\n"
    return f"{_code_to_read(file)}{build_line}model.load_state_dict(weights)\n"
