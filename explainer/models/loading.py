"""Open a network: its modules with their weights, what it is fed, and what its outputs are called."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.models import published
from explainer.models.building import blank, seeded
from explainer.models.checkpoints import (
    MisfitError,
    fit,
    output_count,
    read_metadata,
    read_state_dict,
    unwrapped,
)
from explainer.models.entries import PROGRAM, WEIGHTS, CatalogEntry, find, read_card
from explainer.models.interpreter import Program
from explainer.models.nearest import LIKE, nearest_architectures
from explainer.models.networks import build
from explainer.models.preprocessing import Preprocessing
from explainer.models.programs import read_program
from explainer.models.transforms import preprocessing_of_file
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
    classes: Sequence[str] | None = None,
    preprocessing: Preprocessing | None = None,
    name: str | None = None,
    folder: Path = WEIGHTS,
) -> LoadedModel:
    """Open a network of the catalogue, or one that ``torch.export`` saved.

    Args:
        key: as in ``catalog()``: ``"tiny_vgg"``, ``"resnet50"``, ``"timm:repvgg_a0"``; ``"program"`` for a
            file of ``torch.export.save``, which is a network of its own.
        weights: ``"default"`` for the published ones (bundled, or downloaded once), the name of other
            published ones (torchvision's ``"IMAGENET1K_V1"``), ``"none"`` for random ones (always the same),
            or the path of a file of weights. A file made for another number of classes gives a network
            with that number; ``<name>.json`` beside it may give class names and preprocessing in the form
            of a model card.
        progress: told the bytes downloaded and the bytes in all.
        classes: names of the outputs of a file's network, in place of those that its card gives.
        preprocessing: what a file's network is fed, in place of what its card or the architecture says.
        name: what to call the file in messages and code; its path without.
        folder: where the bundled weights are.

    Raises:
        ReaderError: no such network, weights that cannot be had or do not fit, with what to do about it;
            ``MisfitError`` names the tensors that do not fit and the architecture they are most like.
    """
    choice = os.fspath(weights)
    file = _File.read(Path(choice), name, key) if _is_path(choice) else None
    if key == PROGRAM:
        opened = _open_program(file)
    else:
        entry = find(key, folder)
        check_room(entry, free_memory())
        try:
            if entry.source == "bundled":
                opened = _open_bundled(entry, choice, file, folder)
            elif entry.source == "torchvision":
                opened = _open_torchvision(entry, key, choice, file, progress)
            else:
                opened = _open_timm(entry, key, choice, file, progress)
        except MisfitError as error:
            raise (error if file is None else _with_nearest(error, key, file)) from error
    if file:
        opened = _as_told(opened, file.card, classes, preprocessing)
    opened.model.eval().requires_grad_(False)
    return opened


def default_preprocessing(key: str, folder: Path = WEIGHTS) -> Preprocessing:
    """Return what a network of the catalogue is fed where nobody says otherwise."""
    entry = find(key, folder)
    if entry.source == "bundled":
        return Preprocessing.from_card(read_card(folder / f"{key}.json")["preprocessing"])
    if entry.source == "torchvision":
        return published.torchvision_preprocessing(published.torchvision_weights(key))
    return published.timm_preprocessing(published.timm_config(key.removeprefix("timm:")))


@dataclass(frozen=True, eq=False)
class _File:
    """A reader's file of weights or of a whole network."""

    path: Path
    """What it is called in code."""
    tensors: Mapping[str, Tensor]
    card: Mapping[str, Any]
    program: Program | None

    @classmethod
    def read(cls, path: Path, name: str | None, key: str) -> _File:
        label = Path(name) if name else path
        free = free_memory()
        if path.is_file() and free is not None and 2 * path.stat().st_size > free:
            raise ReaderError(
                "The file {name} is larger than fits in the memory of this machine.", name=label
            )
        if key == PROGRAM:
            return cls(label, {}, read_metadata(path), read_program(path, label.name))
        return cls(label, read_state_dict(path, label.name), read_metadata(path), None)


def _with_nearest(error: MisfitError, key: str, file: _File) -> MisfitError:
    """Return the error with the architecture that the weights are most like, if that is another one."""
    near = next(iter(nearest_architectures(file.tensors, 1)), None)
    if near is None or near.key == key or near.share < LIKE:
        return error
    said = MisfitError(
        "{problem} By their names and shapes they are weights of {near} ({share}% of the tensors).",
        problem=error,
        near=near.key,
        share=math.floor(near.share * 100),
    )
    said.near = near.key
    return said


def _as_told(
    opened: LoadedModel,
    card: Mapping[str, Any],
    classes: Sequence[str] | None,
    preprocessing: Preprocessing | None,
) -> LoadedModel:
    """Let the reader's word, then the file's card, stand before what the architecture says of itself."""
    outputs = len(opened.classes)
    if classes is not None and outputs and len(classes) != outputs:
        raise ReaderError(
            "The network has {outputs} outputs, but there are {names} class names.",
            outputs=outputs,
            names=len(classes),
        )
    named = card.get("classes")
    if classes is None and isinstance(named, list) and len(named) == outputs:
        classes = [str(name) for name in named]
    if preprocessing is None:
        preprocessing = preprocessing_of_file(card)
    return replace(
        opened,
        classes=tuple(classes) if classes is not None else opened.classes,
        preprocessing=preprocessing or opened.preprocessing,
        card=card,
    )


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


def _open_program(file: _File | None) -> LoadedModel:
    if file is None or file.program is None:
        raise ReaderError("A network made by torch.export needs its file.")
    model = file.program
    return LoadedModel(
        model=model,
        key=PROGRAM,
        title=file.path.stem,
        classes=_numbered(model.saved_graph.outputs),
        preprocessing=model.saved_graph.preprocessing,
        trained=True,
        card=file.card,
        source="file",
        code=f"import torch\n\nmodel = torch.export.load({str(file.path)!r}).module()\n",
    )


def _open_bundled(entry: CatalogEntry, choice: str, file: _File | None, folder: Path) -> LoadedModel:
    card = read_card(folder / f"{entry.key}.json")
    imports, load, arguments = "from explainer.models.networks import build\n\n", "", repr(entry.key)
    classes = tuple(card["classes"])
    if choice == "none":
        with seeded():
            model = build(entry.key)
        imports = f"import torch\n\n{imports}torch.manual_seed(0)\n"
        classes = _numbered(len(classes))
    else:
        path = folder / f"{entry.key}.safetensors"
        tensors = file.tensors if file else read_state_dict(path)
        with blank():
            model = build(entry.key)
        tensors = unwrapped(tensors, model.state_dict())
        if outputs := output_count(model, tensors):
            with blank():
                model = build(entry.key, outputs)
            classes = _numbered(outputs)
            arguments += f", {outputs}"
        label = file.path if file else path
        fit(model, tensors, label.name)
        imports, load = f"{imports}{_code_to_read(_short(label))}", "model.load_state_dict(weights)\n"
    return LoadedModel(
        model=model,
        key=entry.key,
        title=entry.title,
        classes=classes,
        preprocessing=Preprocessing.from_card(card["preprocessing"]),
        trained=choice != "none",
        card={} if file or choice == "none" else card,
        source="file" if file else "bundled",
        code=f"{imports}model = build({arguments})\n{load}model.eval()\n",
    )


def _open_torchvision(
    entry: CatalogEntry, key: str, choice: str, file: _File | None, progress: Progress | None
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
        choice,
        own=file is not None,
        classes=tuple(weights.meta["categories"]),
        preprocessing=published.torchvision_preprocessing(weights),
        card={"weights": str(weights), "url": weights.url, "recipe": weights.meta.get("recipe", "")},
        code=code,
    )


def _open_timm(
    entry: CatalogEntry, key: str, choice: str, file: _File | None, progress: Progress | None
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
        choice,
        own=file is not None,
        classes=published.timm_classes(config),
        preprocessing=published.timm_preprocessing(config),
        card={"weights": config.hf_hub_id, "licence": config.license or "", "recipe": config.tag or ""},
        code=code,
    )


def _tensors(
    choice: str, file: _File | None, download: Callable[[], Path]
) -> tuple[Mapping[str, Tensor] | None, str]:
    if choice == "none":
        return None, ""
    if file:
        return file.tensors, file.path.name
    path = download()
    return read_state_dict(path), path.name


def _opened(
    entry: CatalogEntry,
    key: str,
    model: nn.Module,
    choice: str,
    *,
    own: bool,
    classes: tuple[str, ...],
    preprocessing: Preprocessing,
    card: Mapping[str, Any],
    code: str,
) -> LoadedModel:
    outputs = _output_count(model, len(classes))
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
        source="file" if own else entry.source,
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


def _code_for_file(builder: str, model: nn.Module, file: _File) -> str:
    build_line = f"model = {builder % _output_count(model, 1000)}\n"
    return f"{_code_to_read(file.path)}{build_line}model.load_state_dict(weights)\n"
