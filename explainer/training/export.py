"""What a reader takes away from a run: its network in the forms that other programs open, each one checked.

``python -m explainer.training.export runs/cats onnx pt2`` writes them from the command line.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import safetensors.torch
import torch
from torch import Tensor

from explainer.errors import ReaderError
from explainer.models import load_model
from explainer.models.checkpoints import read_metadata, read_state_dict
from explainer.models.loading import LoadedModel
from explainer.models.preprocessing import Preprocessing
from explainer.progress import Progress
from explainer.samples import samples_for
from explainer.training.card_text import as_markdown
from explainer.training.chance import generator_for
from explainer.training.checkpoint import written
from explainer.training.code_text import code_text
from explainer.training.runs import Run

Kind = Literal["safetensors", "pth", "onnx", "pt2", "json", "md", "py"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Weights with their card in them; weights for ``torch.load``; ONNX; ``torch.export``; the model card for
programs and for people; a script that uses the weights."""
TOLERANCE = 1e-4
"""Largest difference of a logit from PyTorch's that passes, as a share of the largest logit (or of 0.01)."""
CARD_FILE = "card.json"
"""The model card within a file of ``torch.export.save``."""
_LARGEST_ONNX = 2_000_000_000
"""Bytes: ONNX files are Protocol Buffers, which end at 2 GiB."""
_FAILED = (RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError)
"""What exporters raise."""

_ANY_BATCH = ({0: torch.export.Dim("batch", min=1)},)

Network = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Exported:
    """One file."""

    name: str
    data: bytes = field(repr=False)
    difference: float | None = None
    """Largest difference of a logit from PyTorch's, over the inputs it was checked on; ``None`` where the
    file computes nothing."""


@dataclass(frozen=True, eq=False)
class _Result:
    """What a run left."""

    name: str
    loaded: LoadedModel
    tensors: Mapping[str, Tensor]

    @property
    def card(self) -> Mapping[str, Any]:
        return self.loaded.card


def exported(run: Run, kind: Kind, progress: Progress | None = None) -> Exported:
    """Return the result of a run in one form.

    Exporting ``onnx`` and ``pt2`` changes PyTorch for the whole process while it lasts: a server that runs
    networks for others calls this by ``explainer.training.aside``.

    Args:
        run: finished or stopped.
        kind: of ``KINDS``.
        progress: told at the beginning and at the end.

    Raises:
        ReaderError: the run has no result yet, the network cannot be had in this form, or what came out does
            not compute what PyTorch computes.
    """
    if progress is not None:
        progress(0, 1)
    made = _made(_result(run), kind)
    if progress is not None:
        progress(1, 1)
    return made


def export(
    run: Run, kinds: Sequence[Kind] = KINDS, folder: Path | None = None, progress: Progress | None = None
) -> tuple[Exported, ...]:
    """Write the result of a run in several forms; each file is put in its place when it is whole.

    The model card is written beside them in any case: programs find the class names by it.

    Args:
        run: finished or stopped.
        kinds: of ``KINDS``.
        folder: where to; ``export`` in the run's folder if it is not given.
        progress: told how many files are done, of how many; may raise ``Cancelled``.

    Raises:
        ReaderError: as ``exported``. The files before the one that failed stay.
    """
    folder = folder or run.folder / "export"
    result = _result(run)
    wanted: list[Kind] = ["json", *(kind for kind in kinds if kind != "json")]
    files = []
    for done, kind in enumerate(wanted):
        if progress is not None:
            progress(done, len(wanted))
        file = _made(result, kind)
        written(folder / file.name, lambda part, data=file.data: part.write_bytes(data))  # type: ignore[misc]
        files.append(file)
    if progress is not None:
        progress(len(wanted), len(wanted))
    return tuple(files)


def _result(run: Run) -> _Result:
    path = run.weights
    if not path.is_file():
        raise ReaderError("The run {name} has no result yet. Let it finish, or stop it.", name=run.name)
    card = read_metadata(path)
    if not {"classes", "preprocessing"} <= card.keys():
        raise ReaderError(
            "The model card {name} is missing or damaged. Continue the run: it writes the card when it ends.",
            name=path.with_suffix(".json").name,
        )
    loaded = load_model(run.recipe.network, path, name=path.name)
    return _Result(run.name, loaded, read_state_dict(path))


def _made(result: _Result, kind: Kind) -> Exported:
    make = {
        "safetensors": _safetensors,
        "pth": _state_dict,
        "onnx": _onnx,
        "pt2": _program,
        "json": lambda result: (_json(result.card).encode(), None),
        "md": lambda result: (as_markdown(result.card).encode(), None),
        "py": lambda result: (
            code_text(result.name, result.loaded, f"{result.name}.safetensors").encode(),
            None,
        ),
    }
    if kind not in make:
        raise ReaderError("There is no form {kind}; there are: {kinds}.", kind=kind, kinds=", ".join(KINDS))
    data, difference = make[kind](result)
    return Exported(f"{result.name}.{kind}", data, difference)


def _json(card: Mapping[str, Any]) -> str:
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


def _safetensors(result: _Result) -> tuple[bytes, None]:
    plain = {name: value.contiguous() for name, value in result.tensors.items()}
    # Each entry of the card by itself, as JSON: so it is read from here (``checkpoints.read_metadata``).
    said = {name: json.dumps(value) for name, value in result.card.items()}
    return safetensors.torch.save(plain, said), None


def _state_dict(result: _Result) -> tuple[bytes, None]:
    buffer = io.BytesIO()
    torch.save(dict(result.tensors), buffer)
    return buffer.getvalue(), None


def _program(result: _Result) -> tuple[bytes, float]:
    buffer = io.BytesIO()
    torch.export.save(_graph(result), buffer, extra_files={CARD_FILE: _json(result.card)})
    data = buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.pt2")
        path.write_bytes(data)
        opened = load_model("program", path, name=f"{result.name}.pt2").model
        return data, _difference(result.loaded, opened)


def _onnx(result: _Result) -> tuple[bytes, float]:
    size = sum(value.nbytes for value in result.tensors.values())
    if size > _LARGEST_ONNX:
        raise ReaderError(
            "{name} is larger than an ONNX file can be ({limit} GB). Take safetensors or torch.export.",
            name=result.name,
            limit=_LARGEST_ONNX // 10**9,
        )
    graph = _graph(result)
    try:
        program = torch.onnx.export(
            graph,
            dynamo=True,
            verbose=False,
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=_ANY_BATCH,  # the graph has this size, but not its name
        )
    except _FAILED as error:
        raise _refused(result, "ONNX") from error
    model = program.model_proto  # type: ignore[union-attr]
    for name, value in result.card.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = name, json.dumps(value)
    data = model.SerializeToString()
    return data, _difference(result.loaded, _runtime(data))


def _graph(result: _Result) -> torch.export.ExportedProgram:
    """Return the network as one graph for any number of images."""
    fed = result.loaded.preprocessing
    images = torch.zeros(2, fed.channels, *fed.size)  # of one image, PyTorch would make a constant
    try:
        with torch.no_grad():
            return torch.export.export(result.loaded.model, (images,), dynamic_shapes=_ANY_BATCH)
    except _FAILED as error:
        raise _refused(result, "torch.export") from error


def _refused(result: _Result, form: str) -> ReaderError:
    return ReaderError(
        "{network} cannot be written as {form} for any number of images. Its weights can be taken as "
        "safetensors or .pth.",
        network=result.loaded.title,
        form=form,
    )


def _runtime(data: bytes) -> Network:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    def network(images: Tensor) -> Tensor:
        (logits,) = session.run(["logits"], {"images": images.numpy()})
        return torch.from_numpy(logits)

    return network


@torch.no_grad()
def _difference(loaded: LoadedModel, other: Network) -> float:
    """Return the largest difference of two networks' logits, for one image and for several.

    Raises:
        ReaderError: it is larger than rounding explains.
    """
    difference = peak = 0.0
    for images in _probes(loaded.preprocessing):
        expected, found = loaded.model(images), other(images)
        if found.shape != expected.shape:
            difference = math.inf
            break
        difference = max(difference, float((found - expected).abs().nan_to_num(math.inf).max()))
        peak = max(peak, float(expected.abs().max()))
    if not difference <= TOLERANCE * max(0.01, peak):
        raise ReaderError(
            "The exported network does not compute what PyTorch computes: its answers differ by "
            "{difference}. Take the weights as safetensors or .pth.",
            difference=f"{difference:.2g}",
        )
    return difference


def _probes(fed: Preprocessing) -> Iterator[Tensor]:
    """Yield batches [N, C, H, W] to compare on: photographs and noise, one and three at a time."""
    photos = torch.cat([fed.apply(one.load()) for one in samples_for(fed, ())[:3]])
    yield photos[:1]
    yield photos
    generator = generator_for(0, "probes")
    for count in (1, 3):
        yield torch.randn(count, fed.channels, *fed.size, generator=generator)


def main() -> None:
    """Write the result of a run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m explainer.training.export", description=__doc__)
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("kinds", nargs="*", default=KINDS, help=f"of {', '.join(KINDS)}; all by default")
    parser.add_argument("--out", type=Path, help="folder to write to; export in the run's folder by default")
    options = parser.parse_args()
    try:
        for file in export(Run(options.run), options.kinds, options.out):
            checked = "" if file.difference is None else f", differs from PyTorch by {file.difference:.1e}"
            print(f"{file.name}: {len(file.data):,} bytes{checked}")
    except ReaderError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
