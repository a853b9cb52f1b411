"""Files of weights from strangers: nothing runs, and what does not fit is named."""

import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from explainer.errors import ReaderError
from explainer.models.checkpoints import fit, output_count, read_metadata, read_state_dict
from explainer.models.networks import LeNet5


@pytest.fixture
def net():
    return LeNet5().eval()


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize(
    "form", ["zip", "legacy", "safetensors", "nested", "parallel", "compiled", "wrong suffix"]
)
def test_forms_of_checkpoints(net, tmp_path, form):
    state = net.state_dict()
    path = tmp_path / "w.pth"
    if form == "zip":
        torch.save(state, path)
    elif form == "legacy":
        torch.save(state, path, _use_new_zipfile_serialization=False)
    elif form in {"safetensors", "wrong suffix"}:
        path = tmp_path / ("w.safetensors" if form == "safetensors" else "w.pt")
        save_file(state, path)
    elif form == "nested":
        torch.save({"epoch": 3, "optimizer": {"lr": 0.1}, "state_dict": state}, path)
    else:
        prefix = "module." if form == "parallel" else "_orig_mod."
        torch.save({prefix + key: value for key, value in state.items()}, path)
    assert same(read_state_dict(path), state)
    other = LeNet5()
    fit(other, read_state_dict(path), "w")
    assert same(other.state_dict(), state)


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(net, tmp_path, precision):
    torch.save({key: value.to(precision) for key, value in net.state_dict().items()}, tmp_path / "w.pth")
    fit(net, read_state_dict(tmp_path / "w.pth"), "w")
    assert {parameter.dtype for parameter in net.parameters()} == {torch.float32}


class Hostile:
    """Its pickle runs a command."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("form", ["zip", "legacy", "bare pickle"])
def test_a_hostile_pickle_runs_nothing(tmp_path, form):
    mark, path = tmp_path / "mark", tmp_path / "w.pth"
    content = {"conv1.weight": torch.ones(2), "extra": Hostile(mark)}
    if form == "bare pickle":
        path.write_bytes(pickle.dumps(Hostile(mark)))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(ReaderError) as caught:
        read_state_dict(path)
    assert "w.pth" in str(caught.value)
    assert not mark.exists()
    if form == "zip":  # the file is what it is meant to be: read carelessly, it runs
        torch.load(path, weights_only=False)
        assert mark.exists()


def test_a_whole_pickled_model_is_refused_with_advice(net, tmp_path):
    torch.save(net, tmp_path / "w.pth")
    with pytest.raises(ReaderError, match="state_dict"):
        read_state_dict(tmp_path / "w.pth")


def test_damaged_and_foreign_files(net, tmp_path):
    path = tmp_path / "w.pth"
    torch.save(net.state_dict(), path)
    whole = path.read_bytes()
    save_file(net.state_dict(), tmp_path / "s")
    tensors = (tmp_path / "s").read_bytes()
    for bad in (
        b"",
        b"hello",
        whole[:-100],
        whole[: len(whole) // 2],
        tensors[:-100],
        tensors[:50],
        bytes(9),
    ):
        path.write_bytes(bad)
        with pytest.raises(ReaderError, match=r"w\.pth"):
            read_state_dict(path)
    torch.save([1, 2, 3], path)
    with pytest.raises(ReaderError, match="cannot be read"):
        read_state_dict(path)
    torch.save({"lr": 0.1}, path)
    with pytest.raises(ReaderError, match="holds no weights"):
        read_state_dict(path)
    with pytest.raises(ReaderError, match="no file"):
        read_state_dict(tmp_path / "nowhere.pth")


def test_bombs_are_refused(tmp_path):
    bomb = tmp_path / "bomb.pth"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(50_000_000))
    with pytest.raises(ReaderError):
        read_state_dict(bomb)
    # One stored number that claims to be a terabyte.
    torch.save({"weight": torch.zeros(1).expand(500_000, 500_000)}, bomb)
    with pytest.raises(ReaderError, match="holds no weights"):
        read_state_dict(bomb)


def test_what_does_not_fit_is_named_and_changes_nothing(net):
    before = {key: value.clone() for key, value in net.state_dict().items()}
    state = {key: value + 1 for key, value in before.items()}
    with pytest.raises(ReaderError) as caught:
        fit(net, state | {"c3.weight": torch.zeros(16, 6, 3, 3)}, "mine.pth")
    assert "mine.pth" in str(caught.value)
    assert "c3.weight: 16×6×3×3 instead of 16×6×5×5" in str(caught.value)
    with pytest.raises(ReaderError, match=r"also needs c1\.weight"):
        fit(net, {key: value for key, value in state.items() if key != "c1.weight"}, "w")
    with pytest.raises(ReaderError, match=r"has no head\.weight"):
        fit(net, state | {"head.weight": torch.zeros(1)}, "w")
    many = {key: torch.zeros(3, 3, 3) for key in state}
    with pytest.raises(ReaderError, match="and 6 more"):
        fit(net, many, "w")
    assert same(net.state_dict(), before)


def test_output_count(net):
    assert output_count(net, LeNet5(37).state_dict()) == 37
    assert output_count(net, net.state_dict()) is None
    assert output_count(net, net.state_dict() | {"c3.weight": torch.zeros(16, 6, 3, 3)}) is None


def test_metadata(net, tmp_path):
    path = tmp_path / "w.safetensors"
    save_file(net.state_dict(), path, metadata={"classes": json.dumps(["a", "b"]), "format": "pt"})
    assert read_metadata(path) == {"classes": ["a", "b"]}
    (tmp_path / "w.json").write_text('{"classes": ["c"]}')
    assert read_metadata(path) == {"classes": ["c"]}
    (tmp_path / "w.json").write_text("{not json")
    assert read_metadata(path) == {}
    torch.save({}, tmp_path / "v.pth")
    assert read_metadata(tmp_path / "v.pth") == {}


def test_numbers_of_numpys_beside_the_weights_do_no_harm(tmp_path):
    """As training scripts save them; what PyTorch lets pass elsewhere stays as it was."""
    before = set(torch.serialization.get_safe_globals())
    content = {"model": {"weight": torch.ones(2, 3)}, "best": np.float64(0.5), "last": np.float32(0.25)}
    torch.save(content, tmp_path / "run.pth")
    found = read_state_dict(tmp_path / "run.pth")
    assert list(found) == ["weight"]
    assert torch.equal(found["weight"], torch.ones(2, 3))
    assert set(torch.serialization.get_safe_globals()) == before
