"""Open a network that ``torch.export.save`` wrote, without running anything from the file.

``torch.export.load`` is not for files from strangers: it unpickles what the file calls custom objects, falls
back to an unrestricted pickle where the restricted one refuses, looks functions up by any name that begins
with ``torch``, and evaluates the expressions of dynamic sizes (PyTorch 2.15). Here, the graph is read as the
JSON it is, the weights as the plain numbers they are, and an operation runs only if it stands in the table of
``explainer.models.operators``.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.models.interpreter import Graph, Program, Step, grouped, held_by, part_at
from explainer.models.operators import Operator, RefusedError
from explainer.models.preprocessing import Preprocessing
from explainer.models.transforms import LARGEST_SIDE, imagenet

MOST_NODES = 20_000
LARGEST_GRAPH = 64 << 20
"""Bytes of the graph's JSON."""
MOST_VALUES = 1 << 30
"""Numbers that all operations together may make: a graph may ask for tensors of any size."""
_VERSION = 8
"""Of the format: PyTorch 2.8 and later."""

_DTYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
_UNREADABLE = "The file {name} cannot be read as a network made by torch.export."


def read_program(path: Path, name: str) -> Program:
    """Return the network of a file that ``torch.export.save`` wrote.

    Its modules have the names and classes of the network that was exported, so a trace of it reads alike.
    It is run once without memory (on PyTorch's meta device) to see that it can be.

    Raises:
        ReaderError: the file is damaged or unsafe, asks for an operation that is not opened here, or the
            network does not take one batch of pictures.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path.stat().st_size, name)
    except RefusedError as error:
        if str(error) == "training":
            raise ReaderError(
                "The network in {name} was exported in training mode. Call model.eval() before torch.export.",
                name=name,
            ) from error
        raise ReaderError(
            "The network in {name} uses {operation}, which is not opened here. Its weights can be: save "
            "model.state_dict().",
            name=name,
            operation=error,
        ) from error
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise ReaderError(_UNREADABLE, name=name) from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ReaderError(_UNREADABLE, name=name) from error
    except (OverflowError, MemoryError, AssertionError, ArithmeticError) as error:
        raise ReaderError(_UNREADABLE, name=name) from error


def _read(archive: zipfile.ZipFile, size: int, name: str) -> Program:
    if sum(entry.file_size for entry in archive.infolist()) > 4 * size:  # torch.export does not compress
        raise ValueError("compressed far beyond what weights allow")
    parts = {entry.partition("/")[2]: entry for entry in archive.namelist()}
    model = min(part for part in parts if re.fullmatch(r"models/[^/]+\.json", part))
    if archive.getinfo(parts[model]).file_size > LARGEST_GRAPH:
        raise ValueError("a graph of this size is none")
    saved = json.loads(archive.read(parts[model]))
    if saved["schema_version"]["major"] != _VERSION:
        raise ReaderError(
            "The file {name} has another version's format. Save it again with PyTorch {version} or later.",
            name=name,
            version="2.8",
        )
    label = model.removeprefix("models/").removesuffix(".json")
    graph, signature = saved["graph_module"]["graph"], saved["graph_module"]["signature"]
    if len(graph["nodes"]) > MOST_NODES:
        raise ValueError("more operations than any network has")
    tensors: dict[str, Tensor] = {}
    for folder in ("weights", "constants"):
        config = parts.get(f"data/{folder}/{label}_{folder}_config.json")
        if config:
            tensors |= _tensors(archive, parts, folder, json.loads(archive.read(config))["config"], name)
    held, source = _inputs(signature, name)
    result = _result(signature, name)
    steps = [_step(node) for node in graph["nodes"]]
    program = Program()
    block = grouped(steps, 0, program)
    _add_tensors(program, {path: tensors[path] for path in held.values()}, _parameters(signature))
    fed = _preprocessing(graph["tensor_values"][source], name)
    program.saved_graph = _rehearsed(Graph(block, held, source, result, fed), held_by(program), name)
    return program


# --- the weights -------------------------------------------------------------------------------------------


def _tensors(
    archive: zipfile.ZipFile, parts: Mapping[str, str], folder: str, config: Mapping[str, Any], name: str
) -> dict[str, Tensor]:
    """Return the tensors that are stored as plain numbers; nothing here is a pickle."""
    storages: dict[str, bytearray] = {}
    found = {}
    for path, entry in config.items():
        if entry["use_pickle"] or entry["tensor_meta"] is None:
            raise ReaderError(
                "The file {name} holds Python objects besides numbers, and opening it could run code. "
                "Save only the weights, with torch.save(model.state_dict(), ...) or as safetensors.",
                name=name,
            )
        meta = entry["tensor_meta"]
        file = parts[f"data/{folder}/{entry['path_name']}"]
        if file not in storages:
            storages[file] = bytearray(archive.read(file))
        sizes, strides = ([_number(side) for side in meta[key]] for key in ("sizes", "strides"))
        dtype = _DTYPES[meta["dtype"]]
        if not storages[file]:
            found[path] = torch.empty(sizes, dtype=dtype)
            if found[path].numel():
                raise ValueError("numbers are missing")
            continue
        whole = torch.frombuffer(storages[file], dtype=dtype)
        view = whole.as_strided(sizes, strides, _number(meta["storage_offset"]))
        if view.numel() > whole.numel():
            raise ValueError("one stored number claims to be many")
        found[path] = view
    return found


def _number(value: Mapping[str, Any]) -> int:
    """Read a size, which is a plain number or, where it may vary, an expression with an example."""
    number = value["as_int"] if "as_int" in value else value["as_expr"]["hint"]["as_int"]
    if type(number) is not int or not 0 <= number < 1 << 40:
        raise ValueError("not a size")
    return number


def _parameters(signature: Mapping[str, Any]) -> set[str]:
    """Return the paths of what is trained, as opposed to running statistics and constants."""
    specs = (spec.get("parameter") for spec in signature["input_specs"])
    return {spec["parameter_name"] for spec in specs if spec}


# --- the graph ---------------------------------------------------------------------------------------------


def _inputs(signature: Mapping[str, Any], name: str) -> tuple[dict[str, str], str]:
    """Return the path of each tensor that the network holds, by name in the graph, and the input's name."""
    held, given = {}, []
    for spec in signature["input_specs"]:
        ((kind, what),) = ((kind, what) for kind, what in spec.items() if what is not None)
        if kind == "parameter":
            held[what["arg"]["name"]] = what["parameter_name"]
        elif kind == "buffer":
            held[what["arg"]["name"]] = what["buffer_name"]
        elif kind == "tensor_constant":
            held[what["arg"]["name"]] = what["tensor_constant_name"]
        elif kind == "user_input" and "as_tensor" in what["arg"]:
            given.append(what["arg"]["as_tensor"]["name"])
        else:
            given.append("")
    if len(given) != 1 or not given[0]:
        raise ReaderError("The network in {name} does not take one batch of pictures.", name=name)
    return held, given[0]


def _result(signature: Mapping[str, Any], name: str) -> str:
    results = [
        spec["user_output"]["arg"].get("as_tensor")
        for spec in signature["output_specs"]
        if spec.get("user_output")
    ]
    if not results or results[0] is None:
        raise ReaderError("The network in {name} does not answer with a tensor.", name=name)
    return results[0]["name"]


def _step(node: Mapping[str, Any]) -> Step:
    arguments = tuple((given["name"], _reader(given["arg"])) for given in node["inputs"])
    results = tuple(_names(output) for output in node["outputs"])
    return Step(Operator(node["target"]), arguments, results, _modules(node["metadata"]))


def _names(output: Mapping[str, Any]) -> Any:
    ((kind, what),) = output.items()
    if kind in ("as_tensor", "as_sym_int", "as_sym_bool", "as_sym_float"):
        return what["name"] if kind == "as_tensor" else what["as_name"]
    if kind == "as_tensors":
        return tuple(one["name"] for one in what)
    if kind == "as_none":
        return None
    raise RefusedError(kind)


def _reader(argument: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Return what looks an argument up among the values, or gives the constant that it is."""
    ((kind, what),) = argument.items()
    if kind == "as_tensor":
        return _named(what["name"])
    if kind in ("as_tensors", "as_optional_tensors"):
        each = [_named(one["name"]) if kind == "as_tensors" else _reader(one) for one in what]
        return lambda values: [read(values) for read in each]
    if kind in ("as_sym_int", "as_sym_bool", "as_sym_float"):
        return _symbol(what)
    if kind == "as_sym_ints":
        numbers = [_symbol(one) for one in what]
        return lambda values: [read(values) for read in numbers]
    if kind in ("as_none", "as_memory_format", "as_layout", "as_device"):
        return lambda values: None
    if kind == "as_scalar_type":
        dtype = _DTYPES[what]
        return lambda values: dtype
    if kind in ("as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_bools", "as_string"):
        return lambda values: what
    raise RefusedError(kind)


def _named(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda values: values[name]


def _symbol(what: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    ((kind, value),) = what.items()
    if kind == "as_name":
        return _named(value)
    return lambda values: value


# --- the modules -------------------------------------------------------------------------------------------


def _modules(metadata: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return path and class of the modules around a step; empty where the graph does not say."""
    found: list[tuple[str, str]] = []
    for entry in metadata.get("nn_module_stack", "").split(";"):
        match = re.fullmatch(r"[^,]*,([\w.@]*),([\w.]+).*", entry)
        path = re.sub(r"@\d+", "", match[1]) if match else ""
        outer = found[-1][0] if found else ""
        if match and path and path.startswith(f"{outer}." if outer else ""):
            found.append((path, match[2].rpartition(".")[2]))
    return tuple(found)


def _add_tensors(program: Program, tensors: Mapping[str, Tensor], parameters: set[str]) -> None:
    for path, tensor in tensors.items():
        owner, _, name = path.rpartition(".")
        module = part_at(program, owner, "Module") if owner else program
        if path in parameters and tensor.is_floating_point():
            module.register_parameter(name, nn.Parameter(tensor, requires_grad=False))
        else:
            module.register_buffer(name, tensor)


# --- what goes in and out ----------------------------------------------------------------------------------


def _preprocessing(meta: Mapping[str, Any], name: str) -> Preprocessing:
    sizes = [_number(side) for side in meta["sizes"]]
    if len(sizes) != 4 or sizes[1] not in (1, 3) or not all(0 < side <= LARGEST_SIDE for side in sizes):
        raise ReaderError("The network in {name} does not take one batch of pictures.", name=name)
    return imagenet((sizes[2], sizes[3]), sizes[1])


def _rehearsed(graph: Graph, tensors: Mapping[str, Tensor], name: str) -> Graph:
    """Run without memory, to know that it runs, how long its answer is, and which tensors it writes into."""
    made = 0
    height, width = graph.preprocessing.size

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            nonlocal made
            result = func(*args, **(kwargs or {}))
            for value in result if isinstance(result, tuple | list) else (result,):
                if isinstance(value, Tensor):
                    made += value.numel()
            if made > MOST_VALUES:
                raise RefusedError(f"{made:,} values")
            return result

    images = torch.empty(1, graph.preprocessing.channels, height, width, device="meta")
    shadows = {
        path: torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
        for path, tensor in tensors.items()
    }
    try:
        with torch.no_grad(), torch.device("meta"), Watch():
            answer = graph.run(images, shadows)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise ReaderError(
            "The network in {name} cannot be run on one picture of {height} × {width}. Export it with such a "
            "batch of one.",
            name=name,
            height=height,
            width=width,
        ) from error
    if not isinstance(answer, Tensor):
        raise ReaderError("The network in {name} does not answer with a tensor.", name=name)
    # A view's version is that of what it is a view of, so nothing is written unseen.
    written = frozenset(one for one, path in graph.held.items() if shadows[path]._version)
    return replace(graph, outputs=answer.shape[1] if answer.ndim == 2 else 0, written=written)
