"""The catalogue of detectors, and every way in which weights come or do not come."""

import hashlib
import json
import pickle
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
import torchvision
from safetensors.torch import save_file

from explainer.detection import detectors, find_detector, load_detector
from explainer.detection.coco import COCO, UNUSED
from explainer.detection.published import load_onnx
from explainer.detection.small_faster_rcnn import build_small_faster_rcnn
from explainer.detection.yolox import build_yolox
from explainer.errors import ReaderError
from explainer.models import catalog
from explainer.models.building import seeded
from tests.detection.yolox_by_formula import network, picture

TORCHVISION = [entry.key for entry in detectors(("faster_rcnn", "ssdlite")) if not entry.bundled]


# --- the list --------------------------------------------------------------------------------------------


def test_listing_needs_no_pytorch():
    code = (
        "import sys; from explainer.detection import detectors, find_detector; "
        "assert len(detectors()) == 8 and find_detector('yolox_s').side == 640; "
        "assert not {'torch', 'torchvision', 'cv2', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_kinds_choose():
    assert {entry.kind for entry in detectors(("yolox", "ssdlite"))} == {"yolox", "ssdlite"}
    assert [entry.key for entry in detectors() if entry.bundled] == ["faces_yolox_nano", "faces_faster_rcnn"]


@pytest.mark.parametrize("key", TORCHVISION)
def test_what_torchvision_says_of_its_own(key):
    entry, weights = find_detector(key), torchvision.models.get_model_weights(key).DEFAULT
    assert entry.url == weights.url
    assert entry.sha256 in entry.url
    assert entry.parameters == weights.meta["num_params"]
    assert ("__background__", *entry.classes) == tuple(weights.meta["categories"])
    assert tuple(name for name in entry.classes if name != UNUSED) == COCO


def test_counts_are_those_of_the_networks():
    for entry in detectors(("yolox",)):
        model = build_yolox(entry.network, len(entry.classes))
        assert sum(parameter.numel() for parameter in model.parameters()) == entry.parameters
    small = build_small_faster_rcnn(3)
    count = sum(parameter.numel() for parameter in small.parameters())
    assert count == find_detector("faces_faster_rcnn").parameters


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(ReaderError, match="Did you mean yolox_tiny"):
        load_detector("yolox-tiny")


# --- random and bundled weights --------------------------------------------------------------------------


def test_random_weights_are_always_the_same_and_say_so():
    state = torch.get_rng_state()
    one, other = load_detector("yolox_nano", "none"), load_detector("yolox_nano", "none")
    assert torch.equal(torch.get_rng_state(), state)
    assert not one.trained
    values = one.model.state_dict()
    assert all(torch.equal(value, values[key]) for key, value in other.model.state_dict().items())
    assert not one.model.training
    assert not any(parameter.requires_grad for parameter in one.model.parameters())
    assert len(one.detect([picture(80, 90)])[0]) == 0  # and does not report a box in every cell


def test_bundled_weights_bring_their_classes_and_side(tmp_path):
    model = network("yolox_nano", 2).half()
    save_file(model.state_dict(), tmp_path / "faces_yolox_nano.safetensors")
    card = {"classes": ["near", "far"], "side": 128}
    (tmp_path / "faces_yolox_nano.json").write_text(json.dumps(card), "utf-8")
    opened = load_detector("faces_yolox_nano", folder=tmp_path)
    assert (opened.classes, opened.side, opened.trained) == (("near", "far"), 128, True)
    weight = opened.model.head.obj_preds[0].weight
    assert weight.dtype == torch.float32
    assert torch.equal(weight, model.head.obj_preds[0].weight.float())
    assert catalog(tmp_path) == catalog(tmp_path / "nowhere")  # no classifier


def test_missing_bundled_weights_are_named(tmp_path):
    with pytest.raises(ReaderError, match=r"bundled detector .* no file .*faces_faster_rcnn\.safetensors"):
        load_detector("faces_faster_rcnn", folder=tmp_path)


# --- published weights -----------------------------------------------------------------------------------


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A server on this machine with a checkpoint as YOLOX publishes them; the entry and the file."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    folder = tmp_path / "released"
    folder.mkdir()
    path = folder / "yolox_nano.pth"
    model = network("yolox_nano", 80)
    optimizer = torch.optim.SGD(model.parameters(), 0.1).state_dict()
    torch.save({"start_epoch": 300, "model": model.state_dict(), "optimizer": optimizer}, path)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/yolox_nano.pth"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    yield replace(find_detector("yolox_nano"), url=url, sha256=digest), path
    server.shutdown()
    server.server_close()
    thread.join()


def test_published_weights_are_fetched_once_and_checked(published, tmp_path):
    entry, path = published
    told = []
    opened = load_detector(entry, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert (opened.trained, opened.classes, opened.side) == (True, COCO, 416)
    kept = torch.load(path, weights_only=True)["model"]
    assert all(torch.equal(value, kept[key]) for key, value in opened.model.state_dict().items())
    path.unlink()  # the second time needs no server
    again = load_detector(entry)
    assert torch.equal(again.model.head.obj_preds[0].bias, opened.model.head.obj_preds[0].bias)


def test_damaged_weights_are_not_kept(published, tmp_path):
    entry, path = published
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ReaderError, match="arrived damaged"):
        load_detector(entry)
    assert not list((tmp_path / "home").rglob("*.pth"))


def test_missing_weights_say_where_to_put_the_file(published, tmp_path):
    entry, path = published
    path.unlink()
    with pytest.raises(ReaderError, match=r"yolox_nano\.pth are not on this machine") as told:
        load_detector(entry)
    assert str(tmp_path / "home") in str(told.value)
    assert entry.url in str(told.value)


class _Harm:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_hostile_checkpoint_is_refused(published, tmp_path):
    entry, path = published
    with path.open("wb") as file:
        pickle.dump({"model": _Harm(tmp_path / "harm")}, file, protocol=2)
    with pytest.raises(ReaderError, match="could run code"):
        load_detector(replace(entry, sha256=""))
    assert not (tmp_path / "harm").exists()


# --- weights of the reader's own -------------------------------------------------------------------------


def test_own_weights_for_other_classes(tmp_path):
    torch.save(network("yolox_nano", 5).state_dict(), tmp_path / "own.pth")
    opened = load_detector("yolox_nano", tmp_path / "own.pth")
    assert opened.classes == ("class 0", "class 1", "class 2", "class 3", "class 4")
    (tmp_path / "own.json").write_text('{"classes": ["a", "b", "c", "d", "e"], "side": 64}', "utf-8")
    opened = load_detector("yolox_nano", tmp_path / "own.pth")
    assert (opened.classes, opened.side) == (tuple("abcde"), 64)
    assert load_detector("yolox_nano", tmp_path / "own.pth", classes=list("vwxyz")).classes == tuple("vwxyz")
    assert opened.detect([picture(30, 40)])


def test_weights_that_do_not_fit_are_named(tmp_path):
    torch.save(network("yolox_tiny").state_dict(), tmp_path / "tiny.pth")
    with pytest.raises(ReaderError, match=r"tiny\.pth do not fit this network: .*backbone"):
        load_detector("yolox_nano", tmp_path / "tiny.pth")
    with pytest.raises(ReaderError, match="There is no file"):
        load_detector("yolox_nano", tmp_path / "nowhere.pth")


def test_a_card_that_is_wrong_does_not_matter(tmp_path):
    torch.save(network("yolox_nano", 2).state_dict(), tmp_path / "own.pth")
    (tmp_path / "own.json").write_text('{"classes": 7, "side": "large"}', "utf-8")
    opened = load_detector("yolox_nano", tmp_path / "own.pth")
    assert (opened.classes, opened.side) == (("class 0", "class 1"), 416)


def test_a_published_onnx_file(data_folder):
    path = data_folder / "weights" / "yolox_nano.onnx"
    opened = load_detector("yolox_nano", path)
    assert opened.classes == COCO
    filled = load_onnx(path, build_yolox("yolox_nano"))
    values = filled.state_dict()
    assert all(torch.equal(value, values[key]) for key, value in opened.model.state_dict().items())
    with pytest.raises(ReaderError, match="113 convolutions instead of 83"):
        load_detector("yolox_tiny", path)


def test_a_file_that_is_no_onnx(tmp_path):
    (tmp_path / "own.onnx").write_bytes(b"\x08\x07 no network")
    with pytest.raises(ReaderError, match="cannot be read as an ONNX export"):
        load_detector("yolox_nano", tmp_path / "own.onnx")


# --- torchvision -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("key", TORCHVISION)
def test_torchvisions_weights_give_torchvisions_network(key, tmp_path, monkeypatch):
    """A file put where torchvision looks for its weights opens as the same network, to the last digit."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    entry = find_detector(key)
    with seeded():
        model = torchvision.models.get_model(key, weights=None, weights_backbone=None, num_classes=91)
    for name, value in model.named_buffers():
        if name.endswith("running_var"):
            value.mul_(0.5)
    file = tmp_path / "hub" / "checkpoints" / entry.url.rsplit("/", 1)[1]
    file.parent.mkdir(parents=True)
    torch.save(model.state_dict(), file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    theirs = torchvision.models.get_model(key, weights="DEFAULT").eval()
    ours = load_detector(replace(entry, sha256=digest))
    assert [type(part) for part in ours.model.modules()] == [type(part) for part in theirs.modules()]
    assert ours.model.state_dict().keys() == theirs.state_dict().keys()
    image = torch.rand(1, 3, 96, 160, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected, found = theirs.backbone(image), ours.model.backbone(image)
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert ours.classes == entry.classes


def test_own_weights_of_a_faster_rcnn_for_other_classes(tmp_path):
    with seeded():
        model = build_small_faster_rcnn(2)
    save_file(model.state_dict(), tmp_path / "own.safetensors")
    opened = load_detector("faces_faster_rcnn", tmp_path / "own.safetensors")
    assert opened.classes == ("class 0", "class 1")
