"""Opening networks: bundled, torchvision, timm, and a reader's own weights."""

import csv
import io
import json
import os
import random
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from explainer.errors import ReaderError
from explainer.models import load_model, top_classes
from explainer.models.entries import catalog, find, search
from explainer.models.loading import check_room
from explainer.models.networks import build
from explainer.models.published import torchvision_model

DATA = os.environ.get("CONVSCOPE_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="needs outside data: set CONVSCOPE_DATA to its folder")


@pytest.fixture
def bundle(tmp_path):
    """A folder like assets/weights, with random weights."""
    for key in ("tiny_vgg", "resnet20", "lenet5"):
        torch.manual_seed(1)
        net = build(key)
        grey = key == "lenet5"
        side = 64 if key == "tiny_vgg" else 32
        card = {
            "name": key,
            "architecture": key,
            "parameters": sum(parameter.numel() for parameter in net.parameters()),
            "accuracy": {"split": "test", "top1": 0.1, "count": 10},
            "preprocessing": {
                "size": [side, side],
                "mode": "L" if grey else "RGB",
                "resize": side,
                "mean": [0.1] if grey else [0.4, 0.5, 0.6],
                "std": [0.3] if grey else [0.2, 0.3, 0.4],
                "crop": "center",
            },
            "classes": [f"thing {index}" for index in range(10)],
            "licence": "Apache-2.0",
        }
        save_file(net.state_dict(), tmp_path / f"{key}.safetensors")
        (tmp_path / f"{key}.json").write_text(json.dumps(card))
    return tmp_path


def run(code: str) -> torch.nn.Module:
    space = {}
    exec(code, space)
    return space["model"]


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    left, right = a.state_dict(), b.state_dict()
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


@pytest.mark.parametrize("key", ["tiny_vgg", "lenet5", "resnet20"])
def test_bundled(bundle, key):
    loaded = load_model(key, folder=bundle)
    torch.manual_seed(1)
    assert same(loaded.model, build(key))
    assert (loaded.trained, loaded.source, loaded.classes[3]) == (True, "bundled", "thing 3")
    assert loaded.card["accuracy"]["count"] == 10
    assert not loaded.model.training
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
    images = loaded.preprocessing.apply(Image.new("RGB", (90, 70), "teal"))
    assert loaded.model(images).shape == (1, 10)
    assert same(loaded.model, run(loaded.code))


def test_untrained_is_said_and_always_the_same(bundle):
    before = torch.get_rng_state()
    first, second = (load_model("tiny_vgg", "none", folder=bundle) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert not first.trained
    assert first.classes[3] == "class 3"
    assert first.card == {}
    assert same(first.model, second.model)
    with torch.random.fork_rng():
        assert same(first.model, run(first.code))


def test_the_real_bundled_networks():
    for entry in catalog():
        if entry.bundled:
            loaded = load_model(entry.key)
            assert loaded.trained
            assert sum(parameter.numel() for parameter in loaded.model.parameters()) == entry.parameters
            images = loaded.preprocessing.apply(Image.new("RGB", (80, 80)))
            assert loaded.model(images).shape == (1, len(loaded.classes))


@pytest.mark.parametrize("key", ["squeezenet1_1", "timm:lcnet_050"])
def test_a_readers_checkpoint(key, tmp_path):
    source = load_model(key, "none")
    path = tmp_path / "mine.pth"
    torch.save(source.model.half().state_dict(), path)
    loaded = load_model(key, path)
    assert loaded.source == "file"
    assert loaded.trained
    assert loaded.classes[1] == "goldfish"
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.float32}
    assert same(loaded.model, source.model.float())
    with torch.random.fork_rng():
        assert same(loaded.model, run(loaded.code))


def test_a_checkpoint_for_other_classes_with_its_card(tmp_path):
    import torchvision

    with torch.random.fork_rng():
        net = torchvision.models.mobilenet_v3_small(num_classes=3)
    save_file(net.state_dict(), tmp_path / "fruit.safetensors")
    loaded = load_model("mobilenet_v3_small", tmp_path / "fruit.safetensors")
    assert loaded.classes == ("class 0", "class 1", "class 2")
    card = {"classes": ["apple", "fig", "pear"], "preprocessing": {"size": [96, 96], "resize": 96}}
    (tmp_path / "fruit.json").write_text(json.dumps(card))
    loaded = load_model("mobilenet_v3_small", tmp_path / "fruit.safetensors")
    assert loaded.classes == ("apple", "fig", "pear")
    assert loaded.preprocessing.size == (96, 96)
    assert same(loaded.model, net)
    with pytest.raises(ReaderError, match="do not fit this network"):
        load_model("squeezenet1_1", tmp_path / "fruit.safetensors")


@pytest.mark.parametrize("name", ["densenet121", "googlenet"])
def test_published_files_in_their_old_form(name):
    """DenseNet's published tensors have older names, GoogLeNet's auxiliary classifiers are dropped."""
    import torchvision

    with torch.random.fork_rng():
        torch.manual_seed(0)
        extra = {"init_weights": False, "transform_input": True} if name == "googlenet" else {}
        net = torchvision.models.get_model(name, **extra).eval()
    old = {}
    for key, value in net.state_dict().items():
        for kind in ("norm", "conv"):
            for number in "12":
                if "denselayer" in key:
                    key = key.replace(f".{kind}{number}.", f".{kind}.{number}.")
        old[key] = value
    ours = torchvision_model(name, old, "old").eval()
    images = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(ours(images), net(images))


def test_default_weights_download_verify_and_open(tmp_path, monkeypatch):
    """torchvision's and timm's own addresses, moved to a server on this machine."""

    site = tmp_path / "site"
    net = load_model("timm:lcnet_050", "none").model
    folder = site / "timm" / "lcnet_050.ra2_in1k" / "resolve" / "main"
    folder.mkdir(parents=True)
    save_file(net.state_dict(), folder / "model.safetensors")

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(site))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_ENDPOINT", address)
    seen = []
    loaded = load_model("timm:lcnet_050", progress=lambda *now: seen.append(now))
    server.shutdown()
    server.server_close()
    assert same(loaded.model, net)
    assert loaded.trained
    assert loaded.classes[0] == "tench"
    assert seen[-1][0] == seen[-1][1] == (folder / "model.safetensors").stat().st_size
    assert same(load_model("timm:lcnet_050").model, net)  # again, with the server gone
    with pytest.raises(ReaderError) as caught:
        load_model("timm:repvgg_a0")
    for words in (address, "timm--repvgg_a0.rvgg_in1k.safetensors", str(tmp_path), "marked as untrained"):
        assert words in str(caught.value)


def test_a_damaged_file_put_by_hand_is_not_used(tmp_path, monkeypatch):
    import torchvision

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing listens: this machine is offline
    path = tmp_path / "hub" / "checkpoints" / Path(torchvision.models.SqueezeNet1_1_Weights.DEFAULT.url).name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a file")
    with pytest.raises(ReaderError, match="could not be downloaded"):
        load_model("squeezenet1_1")
    assert not path.exists()


def test_every_published_address_carries_a_checksum():
    import torchvision

    from explainer.models.weights import sha256_in

    for name in torchvision.models.list_models(module=torchvision.models):
        for weights in torchvision.models.get_model_weights(name):
            assert len(sha256_in(weights.url.rsplit("/", 1)[-1])) >= 8


def test_named_weights(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ReaderError, match="IMAGENET1K_V1, IMAGENET1K_V2"):
        load_model("resnet50", "IMAGENET9")
    with pytest.raises(ReaderError, match="timm has no"):
        load_model("timm:resnet18", "nobody_in1k")


def test_unknown_networks_are_refused_with_the_nearest():
    with pytest.raises(ReaderError, match="Did you mean resnet50"):
        load_model("resnet5O")
    with pytest.raises(ReaderError, match="no network called"):
        load_model("")


def test_too_large_for_this_machine():
    with pytest.raises(ReaderError, match="vgg16 has 138 million parameters"):
        check_room(find("vgg16"), 1_000_000_000)
    check_room(find("vgg16"), 1_200_000_000)
    check_room(find("vgg16"), None)


def test_the_catalogue(bundle):
    entries = catalog(bundle)
    assert [entry.key for entry in entries[:3]] == ["tiny_vgg", "lenet5", "resnet20"]
    assert [entry.bundled for entry in entries[:4]] == [True, True, True, False]
    assert len(entries) == len({entry.key for entry in entries}) > 140
    assert find("resnet50").parameters == 25_557_032
    assert find("resnet50").title == "ResNet50"
    assert find("timm:resnet18.a1_in1k").key == "timm:resnet18"
    assert find("vit_h_14").licence == "CC-BY-NC-4.0"
    assert search("", bundle) == entries
    found = [entry.key for entry in search("ResNet 50")]
    assert found[0] == "resnet50"
    assert "timm:seresnet50" in found
    assert "timm:convnext_atto" in [entry.key for entry in search("convnext")]
    assert len(search("convnext")) > 30
    assert search("no such network at all") == ()


def test_the_index_is_not_stale():
    import timm
    import torchvision

    from explainer.models.indexing import FEATURED, INDEX, timm_row, torchvision_row

    index = json.loads(INDEX.read_text())
    names = torchvision.models.list_models(module=torchvision.models)
    assert [row["key"] for row in index["torchvision"]] == names, "run python -m explainer.models.indexing"
    names = [f"timm:{name}" for name in timm.list_models()]
    assert [row["key"] for row in index["timm"]] == names, "run python -m explainer.models.indexing"
    assert index["featured"] == [f"timm:{name}" for name in FEATURED]
    rows = {row["key"]: row for section in ("torchvision", "timm") for row in index[section]}
    assert all(rows[key]["weights"] for key in index["featured"])
    for name in random.Random(1).sample(sorted(index["featured"]), 6):
        assert timm_row(name.removeprefix("timm:")) == rows[name]
    for name in ("resnet18", "inception_v3", "regnet_x_400mf", "swin_t"):
        assert torchvision_row(name) == rows[name]


@needs_data
def test_real_imagenet_predictions_come_out_right():
    """The figures measured independently for these weights and photographs."""
    folder = Path(DATA or "")
    loaded = load_model("squeezenet1_1", folder / "weights" / "squeezenet1_1_fp16.pth")
    first = five = 0
    with zipfile.ZipFile(folder / "imagenet_samples.zip") as archive, torch.inference_mode():
        rows = list(csv.DictReader(io.StringIO(archive.read("labels.csv").decode())))
        for row in rows:
            photo = Image.open(io.BytesIO(archive.read(row["file"]))).convert("RGB")
            logits = loaded.model(loaded.preprocessing.apply(photo))
            best = [one.index for one in top_classes(logits, loaded.classes)]
            first += best[0] == int(row["class_index"])
            five += int(row["class_index"]) in best
    assert (first, five, len(rows)) == (76, 100, 122)
