"""Read a file of weights that may come from anyone, and fit it to a network or say what does not fit."""

from __future__ import annotations

import contextlib
import json
import pickle
import re
import struct
import threading
import zipfile
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explainer.errors import ReaderError

_NESTED = ("state_dict_ema", "model_ema", "state_dict", "model", "model_state_dict")
_PREFIX = re.compile(r"^(?:module\.|_orig_mod\.)+")
_NAMED_AT_MOST = 4

_UNREADABLE = (
    "The file {name} cannot be read as weights. Save them with torch.save(model.state_dict(), ...) "
    "or as safetensors."
)
_UNSAFE = (
    "The file {name} holds Python objects besides numbers, and opening it could run code. "
    "Save only the weights, with torch.save(model.state_dict(), ...) or as safetensors."
)


_SCRIPT = (
    "The file {name} is a TorchScript program, and running one can do harm: it may write files. Save its "
    "weights with torch.save(model.state_dict(), ...), or the network with torch.export.save."
)
_PROGRAM = "The file {name} is a whole network made by torch.export, not weights for another."
MOST_TENSORS = 20_000
"""More than any network of the catalogue has; each costs time, however small it is."""


class MisfitError(ReaderError):
    """Weights that are not those of the network; ``near`` is the architecture that they seem to be of."""

    near: str = ""


def read_state_dict(path: Path, name: str | None = None) -> dict[str, Tensor]:
    """Return the named tensors of a safetensors file or of a ``torch.save`` file, on the CPU.

    The kind of file is told by its content. Nothing in it is ever executed. A state dict inside a training
    checkpoint (under ``"state_dict"``, ``"model"``, ...) is found; the prefixes that ``DataParallel`` and
    ``torch.compile`` add are taken off.

    Args:
        path: the file.
        name: what to call it in messages, in place of its own name.

    Raises:
        ReaderError: the file is missing, damaged, unsafe or holds no weights.
    """
    path = Path(path)
    name = name or path.name
    if not path.is_file():
        raise ReaderError("There is no file {name}.", name=path)
    kind = archive_kind(path)
    if kind is not None:
        raise ReaderError(_SCRIPT if kind == "script" else _PROGRAM, name=name)
    try:
        content = _read_safetensors(path) if _is_safetensors(path) else _read_pickle(path)
    except pickle.UnpicklingError as error:
        unsafe = "eights_only" in str(error) and _is_pickle(path)
        raise ReaderError(_UNSAFE if unsafe else _UNREADABLE, name=name) from error
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ReaderError(_UNREADABLE, name=name) from error
    except (EOFError, MemoryError, OverflowError, AssertionError, struct.error) as error:
        raise ReaderError(_UNREADABLE, name=name) from error
    for key in _NESTED:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
            break
    if not isinstance(content, Mapping):
        raise ReaderError(_UNREADABLE, name=name)
    tensors = {
        _PREFIX.sub("", str(key)): value.detach() for key, value in content.items() if _is_plain(value)
    }
    if not tensors:
        raise ReaderError("The file {name} holds no weights.", name=name)
    if len(tensors) > MOST_TENSORS:
        raise ReaderError("The file {name} holds more than {most} tensors.", name=name, most=MOST_TENSORS)
    return tensors


def archive_kind(path: Path) -> str | None:
    """Tell what a zip archive is by its parts: TorchScript (``"script"``), ``torch.export`` (``"program"``).

    ``None`` for anything else. Nothing is unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {name.partition("/")[2] for name in archive.namelist()}
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return None
    if any(part.startswith("models/") and part.endswith(".json") for part in parts):
        return "program"
    if "constants.pkl" in parts or any(part.startswith("code/") for part in parts):
        return "script"
    return None


def read_metadata(path: Path) -> dict[str, Any]:
    """Return the model card of a checkpoint: ``<name>.json`` beside it, else what a safetensors file says.

    Empty where there is none or it is not readable.
    """
    path = Path(path)
    beside = path.with_suffix(".json")
    try:
        if beside.is_file():
            card = json.loads(beside.read_text(encoding="utf-8"))
        elif _is_safetensors(path):
            from safetensors import safe_open

            with safe_open(path, framework="pt") as file:
                card = _parsed(file.metadata() or {})
        else:
            card = {}
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def _parsed(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return the entries that are JSON; others (``format: pt``) are no part of a card."""
    card = {}
    for key, value in metadata.items():
        with contextlib.suppress(ValueError):
            card[key] = json.loads(value)
    return card


def bare_names(names: Iterable[str]) -> dict[str, str] | None:
    """Return each name without the first part, where that is the same for all: ``backbone.conv1.weight``.

    Wrappers (a Lightning module, ``self.model``) put such a part before every name. ``None`` without one.
    """
    names = list(names)
    first = {name.partition(".")[0] for name in names}
    if len(first) != 1 or not all("." in name.partition(".")[2] for name in names):
        return None
    return {name: name.partition(".")[2] for name in names}


def unwrapped(tensors: Mapping[str, Tensor], own: Container[str]) -> Mapping[str, Tensor]:
    """Return weights without the part that a wrapper put before every name, if ``own`` names fit only so."""
    bare = bare_names(tensors)
    if bare is None or any(name in own for name in tensors):
        return tensors
    if not any(name in own for name in bare.values()):
        return tensors
    return {bare[name]: tensor for name, tensor in tensors.items()}


def output_count(model: nn.Module, tensors: Mapping[str, Tensor]) -> int | None:
    """Return the number of classes of the weights where that is all in which they differ from ``model``."""
    own = model.state_dict()
    differing = [key for key in own if key in tensors and own[key].shape != tensors[key].shape]
    counts = {tensors[key].shape[0] for key in differing if tensors[key].ndim}
    tails = all(own[key].shape[1:] == tensors[key].shape[1:] for key in differing if own[key].ndim)
    return counts.pop() if len(counts) == 1 and tails else None


def fit(model: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    """Copy ``tensors`` into ``model``, in the model's own precision.

    Raises:
        MisfitError: naming the tensors that are missing, left over or of another shape. The model is then
            unchanged.
    """
    own = model.state_dict()
    missing = [key for key in own if key not in tensors and not key.endswith("num_batches_tracked")]
    extra = [key for key in tensors if key not in own]
    wrong = [
        f"{key}: {_shape(tensors[key])} instead of {_shape(own[key])}"
        for key in own
        if key in tensors and own[key].shape != tensors[key].shape
    ]
    if wrong:
        raise MisfitError(
            "The weights {name} do not fit this network: {tensors}.", name=name, tensors=_some(wrong)
        )
    if missing:
        raise MisfitError(
            "The weights {name} do not fit this network: it also needs {tensors}.",
            name=name,
            tensors=_some(missing),
        )
    if extra:
        raise MisfitError(
            "The weights {name} do not fit this network: it has no {tensors}.",
            name=name,
            tensors=_some(extra),
        )
    model.load_state_dict({key: value for key, value in tensors.items() if key in own}, strict=False)


def _is_safetensors(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:] == b"{" and struct.unpack("<Q", start[:8])[0] < path.stat().st_size


def _is_pickle(path: Path) -> bool:
    """Whether a file looks like one that Python or PyTorch wrote; a photograph, for one, does not."""
    with path.open("rb") as file:
        return file.read(1) in (b"\x80", b"P")  # "PK": a zip archive


def _read_safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _read_pickle(path: Path) -> Any:
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise ValueError(str(error)) from error
        if unpacked > 4 * path.stat().st_size:  # torch.save does not compress: this is a bomb
            raise ValueError("compressed far beyond what weights allow")
    with _reading, torch.serialization.safe_globals(list(_NUMBERS)):
        return torch.load(path, map_location="cpu", weights_only=True)


class _Unread:
    """Stands for a number of numpy's: an accuracy beside the weights, say. Nothing of it is kept."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...


_NUMBERS = tuple(
    (_Unread, name)
    for name in (
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        "numpy.dtype",
        "numpy.dtypes.Float64DType",
        "numpy.dtypes.Float32DType",
        "numpy.dtypes.Int64DType",
    )
)
"""What training scripts save unawares, YOLOX's own for one, and PyTorch then refuses with the weights.
None of numpy's functions is called for it."""
_reading = threading.Lock()
"""What PyTorch lets pass is one list for the whole process: it is changed by one reader at a time."""


def _is_plain(value: Any) -> bool:
    """Tell whether this is an ordinary tensor that has as many numbers in the file as its shape says."""
    return (
        isinstance(value, Tensor)
        and value.layout is torch.strided
        and not value.is_quantized
        and not value.is_meta
        and value.untyped_storage().nbytes() >= value.numel() * value.element_size()
    )


def _shape(tensor: Tensor) -> str:
    return "×".join(str(side) for side in tensor.shape) or "one number"


def _some(items: list[str]) -> str:
    rest = len(items) - _NAMED_AT_MOST
    return "; ".join(items[:_NAMED_AT_MOST]) + (f"; and {rest} more" if rest > 0 else "")
