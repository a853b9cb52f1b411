"""Files that want to run something: none of them does, and each would if it were read carelessly."""

import builtins
import json
import os
import pickle
import warnings
import zipfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.models import load_model
from explainer.models.checkpoints import read_state_dict
from explainer.models.networks import build
from explainer.models.programs import read_program


class Calls:
    """Its pickle calls a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def payloads(mark: Path) -> dict[str, object]:
    return {
        "os.system": Calls(os.system, f"touch {mark}"),
        "exec": Calls(builtins.exec, f"open({str(mark)!r}, 'w')"),
        "eval": Calls(builtins.eval, f"open({str(mark)!r}, 'w')"),
        "open": Calls(builtins.open, str(mark), "w"),
        "getattr chain": Calls(builtins.getattr, Calls(builtins.__import__, "os"), "mkdir"),
        "pickle in pickle": Calls(pickle.loads, pickle.dumps(Calls(os.system, f"touch {mark}"))),
    }


KINDS = list(payloads(Path("mark")))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "place", ["zip", "legacy", "bare", "nested", "in a list", "as a key's value in a dict"]
)
def test_a_hostile_checkpoint_runs_nothing(tmp_path, kind, place):
    mark, path = tmp_path / "mark", tmp_path / "w.pth"
    payload = payloads(mark)[kind]
    weights = build("tiny_vgg").state_dict()
    content: object = {**weights, "extra": payload}
    if place == "nested":
        content = {"state_dict": OrderedDict(weights), "optimizer": {"state": [payload]}}
    elif place == "in a list":
        content = [payload, weights]
    elif place != "zip" and place != "legacy":
        content = {"model": {"extra": payload, **weights}}
    if place == "bare":
        path.write_bytes(pickle.dumps({"weights": 1, "extra": payload}, protocol=2))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=place != "legacy")
    with pytest.raises(ReaderError, match=r"w\.pth holds Python objects besides numbers"):
        load_model("tiny_vgg", path)
    assert not mark.exists()


@pytest.mark.parametrize("kind", ["os.system", "exec", "eval", "open", "pickle in pickle"])
def test_the_payloads_are_what_they_are_meant_to_be(tmp_path, kind):
    mark, path = tmp_path / "mark", tmp_path / "w.pth"
    torch.save({"extra": payloads(mark)[kind]}, path)
    torch.load(path, weights_only=False)
    assert mark.exists()


class Writes(nn.Module):
    """TorchScript that writes a file when it runs."""

    def __init__(self, path: str):
        super().__init__()
        self.path = path
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.save(x, self.path)
        return self.conv(x)


def test_torchscript_can_do_harm_and_is_refused(tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "script.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Writes(str(mark))), path)
        for key in ("resnet18", "program"):
            with pytest.raises(ReaderError, match=r"script\.pt"):
                load_model(key, path)
        with pytest.raises(ReaderError, match=r"TorchScript program.*torch\.export\.save"):
            read_state_dict(path)
        assert not mark.exists()
        torch.jit.load(path)(torch.rand(1, 3, 8, 8))
    assert mark.exists()


# --- torch.export ------------------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path):
    """A saved network, and a way to change one part of it."""
    path = tmp_path / "net.pt2"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(build("tiny_vgg").eval(), (torch.rand(1, 3, 64, 64),)), path)

    def change(part: str, edit) -> Path:
        changed = tmp_path / "changed.pt2"
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as target:
            found = False
            for name in source.namelist():
                content = source.read(name)
                if name.endswith(part):
                    content, found = edit(content), True
                target.writestr(name, content)
            assert found
        return changed

    return change


def edit_graph(edit):
    def run(content: bytes) -> bytes:
        saved = json.loads(content)
        edit(saved)
        return json.dumps(saved).encode()

    return run


def refused(path: Path, mark: Path) -> str:
    with pytest.raises(ReaderError) as caught:
        read_program(path, "net.pt2")
    assert not mark.exists()
    return str(caught.value)


def test_a_pickled_weight_is_not_unpickled(program, tmp_path):
    mark = tmp_path / "mark"

    def config(content: bytes) -> bytes:
        table = json.loads(content)
        for entry in table["config"].values():
            entry["use_pickle"] = True
        return json.dumps(table).encode()

    path = program("weights_config.json", config)
    assert "Python objects besides numbers" in refused(path, mark)


def test_torch_export_load_itself_would_unpickle(program, tmp_path):
    """Why PyTorch's own reader is not used: example inputs are read with a pickle that runs what it likes."""
    mark = tmp_path / "mark"
    payload = tmp_path / "payload"
    torch.save((Calls(os.system, f"touch {mark}"),), payload)
    path = program("sample_inputs/model.pt", lambda content: payload.read_bytes())
    read_program(path, "net.pt2")
    assert not mark.exists()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(Exception):  # whether it fails in the end is its own affair
            torch.export.load(path)
    assert mark.exists()


@pytest.mark.parametrize(
    "target",
    [
        "torch.os.system",
        "torch.hub.load",
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.as_strided.default",
        "torch.ops.aten.set_.source_Tensor",
        "torch.ops.aten.__class__",
        "torch.ops.aten.conv2d",
        "torch.ops.prims.copy_to.default",
        "_operator.attrgetter",
        "_operator.pow",
        "math.factorial",
        "#my_extension:anything",
        "builtins.exec",
        "torch.ops.higher_order.wrap_with_set_grad_enabled",
        "",
    ],
)
def test_only_operations_of_the_table_run(program, tmp_path, target):
    def change(saved):
        saved["graph_module"]["graph"]["nodes"][1]["target"] = target

    said = refused(program("models/model.json", edit_graph(change)), tmp_path / "mark")
    assert "not opened here" in said


def test_expressions_are_not_evaluated(program, tmp_path):
    mark = tmp_path / "mark"
    expression = f"__import__('os').system('touch {mark}')"

    def change(saved):
        graph = saved["graph_module"]["graph"]
        for tensor in graph["tensor_values"].values():
            tensor["sizes"] = [{"as_expr": {"expr_str": expression, "hint": None}} for _ in tensor["sizes"]]
        saved["guards_code"] = [expression]
        saved["range_constraints"] = {expression: {"min_val": 1, "max_val": 2}}

    refused(program("models/model.json", edit_graph(change)), mark)


def test_a_graph_cannot_ask_for_all_memory(program, tmp_path):
    def zeros(saved):
        node = saved["graph_module"]["graph"]["nodes"][1]
        node["target"] = "torch.ops.aten.zeros.default"
        node["inputs"] = [{"name": "size", "arg": {"as_ints": [1 << 20, 1 << 20]}, "kind": 1}]

    assert "values" in refused(program("models/model.json", edit_graph(zeros)), tmp_path / "mark")

    def pad(saved):
        node = saved["graph_module"]["graph"]["nodes"][1]
        node["target"] = "torch.ops.aten.constant_pad_nd.default"
        node["inputs"] = [node["inputs"][0], {"name": "pad", "arg": {"as_ints": [1 << 18] * 4}, "kind": 1}]
        node["inputs"][0]["name"] = "self"

    assert "values" in refused(program("models/model.json", edit_graph(pad)), tmp_path / "mark")


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": [{"as_int": 1 << 39}]},
        {"sizes": [{"as_int": -1}]},
        {"strides": [{"as_int": 1 << 30}]},
        {"storage_offset": {"as_int": 1 << 30}},
        {"dtype": 99},
        {"sizes": "all"},
    ],
)
def test_weights_do_not_reach_outside_their_file(program, tmp_path, change):
    def config(content: bytes) -> bytes:
        table = json.loads(content)
        for entry in table["config"].values():
            entry["tensor_meta"].update(change)
        return json.dumps(table).encode()

    refused(program("weights_config.json", config), tmp_path / "mark")


@pytest.mark.parametrize("name", ["forward", "__class__.weight", "a..b", "_modules.x", ""])
def test_names_of_weights_replace_nothing(program, tmp_path, name):
    def graph(content: bytes) -> bytes:
        return content.replace(b'"conv_1_1.weight"', json.dumps(name).encode())

    path = program("models/model.json", graph)
    renamed = tmp_path / "renamed.pt2"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(renamed, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part.endswith("weights_config.json"):
                assert b'"conv_1_1.weight"' in content
                content = graph(content)
            target.writestr(part, content)
    refused(renamed, tmp_path / "mark")


def test_archives_that_are_bombs(tmp_path):
    path = tmp_path / "bomb.pt2"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/models/model.json", b" " * 20_000_000)
    refused(path, tmp_path / "mark")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/models/model.json", "[" * 1_000_000)
    refused(path, tmp_path / "mark")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/models/../../../etc/model.json", "{}")
    refused(path, tmp_path / "mark")
