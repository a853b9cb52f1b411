"""One line that opens the app on a live network: what it takes, that it touches nothing, that it serves."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
import warnings
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from e2e.network_page import NetworkPage
from PIL import Image
from playwright.sync_api import expect
from torch import nn
from torchvision import transforms
from torchvision.models import ResNet18_Weights

import explainer
from explainer.errors import ReaderError
from explainer.models.live import wrap
from explainer.models.preprocessing import Preprocessing
from explainer.models.transforms import as_preprocessing
from explainer.samples import sample
from explainer.tracing import trace
from scripts.driver import ROOT


class Net(nn.Module):
    """A network of one's own: batch statistics, dropout, a skip."""

    def __init__(self, channels: int = 3):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(channels, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.stem(x)
        return self.head(self.drop((x + x.sigmoid()).mean((2, 3))))


@pytest.fixture
def net():
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return Net().train()


def state(model: nn.Module) -> tuple:
    return (
        model.training,
        [(name, tensor.clone()) for name, tensor in model.state_dict().items()],
        [(parameter.requires_grad, parameter.grad, parameter.device) for parameter in model.parameters()],
    )


def test_the_network_is_not_touched_and_not_shared(net):
    before, generator = state(net), torch.get_rng_state()
    loaded, picture = wrap(net, image=torch.rand(3, 20, 24, generator=torch.Generator().manual_seed(0)))
    after = state(net)
    assert (before[0], before[2]) == (after[0], after[2])
    assert all(torch.equal(a[1], b[1]) for a, b in zip(before[1], after[1], strict=True))
    assert torch.equal(torch.get_rng_state(), generator)
    assert picture is not None
    assert not loaded.model.training
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
    with torch.no_grad():
        net.head.weight.zero_()
    assert loaded.model.head.weight.abs().sum() > 0


def test_a_tensor_is_the_very_input(net):
    images = torch.randn(1, 3, 20, 24, generator=torch.Generator().manual_seed(0)) * 3
    loaded, picture = wrap(net, image=images)
    assert torch.equal(loaded.preprocessing.apply(picture), images)
    with torch.no_grad():
        wanted = net.eval()(images)
    assert torch.equal(trace(loaded.model, loaded.preprocessing.apply(picture)).nodes[-1].output, wanted)
    other = loaded.preprocessing.apply(Image.new("RGB", (90, 70), "teal"))
    assert other.shape == images.shape
    assert not torch.equal(other, images)


@pytest.mark.parametrize("form", ["picture", "path", "array", "grey array"])
def test_images_of_other_kinds(net, form, tmp_path):
    photo = sample("coffee").load()
    pixels = np.asarray(photo)
    given = {"picture": photo, "path": tmp_path / "a.png", "array": pixels, "grey array": pixels[:, :, 0]}[
        form
    ]
    photo.save(tmp_path / "a.png")
    loaded, picture = wrap(
        net, image=given, preprocessing={"size": [32, 40], "mean": [0] * 3, "std": [1] * 3}
    )
    assert picture.size == photo.size
    assert loaded.preprocessing.apply(picture).shape == (1, 3, 32, 40)


def test_names_and_other_wrappers(net):
    loaded, picture = wrap(net, classes={2: "cat", 0: "ape", 1: "bee"}, title="Mine")
    assert (loaded.classes, loaded.title, picture) == (("ape", "bee", "cat"), "Mine", None)
    assert wrap(nn.DataParallel(net))[0].title == "Net"
    assert wrap(net.half())[0].model.head.weight.dtype == torch.float32
    grey = wrap(Net(1))[0].preprocessing
    assert (grey.mode, grey.channels, grey.size) == ("L", 1, (224, 224))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (Preprocessing((9, 8)), Preprocessing((9, 8))),
        (
            {"size": [64, 48], "mean": [0.5] * 3, "std": [0.2] * 3, "resize": 70},
            Preprocessing((64, 48), (0.5,) * 3, (0.2,) * 3, resize=70),
        ),
        (
            ResNet18_Weights.DEFAULT.transforms(),
            Preprocessing((224, 224), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), resize=256),
        ),
        (
            {"input_size": (3, 160, 160), "crop_pct": 0.8, "interpolation": "bicubic"},
            Preprocessing(
                (160, 160), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), resize=200, interpolation="bicubic"
            ),
        ),
    ],
)
def test_preprocessing_of_many_kinds(given, wanted):
    assert as_preprocessing(given) == wanted


@pytest.mark.parametrize(
    "steps",
    [
        [transforms.Resize(40), transforms.CenterCrop(32), transforms.ToTensor()],
        [transforms.Resize((30, 50)), transforms.ToTensor(), transforms.Normalize([0.4] * 3, [0.2] * 3)],
        [
            transforms.Grayscale(),
            transforms.Resize(20),
            transforms.CenterCrop((20, 16)),
            transforms.ToTensor(),
        ],
    ],
)
def test_a_composed_transform_gives_the_same_tensor(steps):
    photo, composed = sample("coffee").load(), transforms.Compose(steps)
    assert torch.equal(as_preprocessing(composed).apply(photo)[0], composed(photo))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"model": "resnet18"}, "torch.nn.Module, not str"),
        ({"classes": ["a", "b"]}, "3 outputs, but there are 2 class names"),
        ({"classes": 5}, "Class names are"),
        ({"image": 7}, "not int"),
        ({"image": "nowhere.jpg"}, r"no file nowhere\.jpg"),
        ({"image": torch.rand(2, 3, 8, 8)}, r"one network input.*\[2, 3, 8, 8\]"),
        ({"image": torch.ones(1, 3, 8, 8, dtype=torch.uint8)}, "uint8"),
        ({"image": torch.rand(1, 1, 8, 8)}, "cannot be run on an input of 1×1×8×8"),
        ({"image": torch.rand(3, 8, 8), "preprocessing": {"size": [9, 9], "mean": [0] * 3}}, "3×9×9"),
        ({"preprocessing": "imagenet"}, "not str"),
        ({"preprocessing": {"mean": [0.5]}}, "size, mean and std"),
        ({"preprocessing": transforms.Compose([transforms.RandomCrop(8)])}, "RandomCrop"),
        ({"preprocessing": transforms.Compose([transforms.ToTensor()])}, "Resize or a CenterCrop"),
        ({"port": 70000}, "70000 is no port"),
    ],
)
def test_bad_arguments_are_refused_in_words(net, arguments, said):
    with pytest.raises(ReaderError, match=said):
        explainer.show(**{"model": net, "open_browser": False, **arguments})


def test_torchscript_is_refused(net):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.jit.trace(net.eval(), torch.rand(1, 3, 8, 8))
    with pytest.raises(ReaderError, match="TorchScript"):
        explainer.show(compiled)


# --- the server --------------------------------------------------------------------------------------------

HEAD = f"""
import json, sys, torch, urllib.request
sys.path.insert(0, {str(ROOT)!r})
import explainer
assert "streamlit" not in sys.modules and "torchvision" not in sys.modules  # importing it costs nothing
torch.set_num_threads(1)
torch.manual_seed(2)
net = torch.nn.Sequential()
net.add_module("stem", torch.nn.Conv2d(3, 5, 3))
net.add_module("act", torch.nn.ReLU())
net.add_module("pool", torch.nn.AdaptiveAvgPool2d(1))
net.add_module("flat", torch.nn.Flatten())
net.add_module("answer", torch.nn.Linear(5, 3))
image = torch.rand(3, 40, 48)
names = ["ape", "bee", "cat"]
"""


def run(code: str, folder: Path) -> list:
    """Run a script from a strange folder and return what it prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("[", "{", '"'))]


@pytest.mark.slow
def test_a_server_comes_and_goes_and_comes_again(tmp_path):
    code = """
def get(url):
    try:
        return urllib.request.urlopen(url, timeout=10).read().decode()[:2000]
    except OSError as error:
        return "down"

def base(one):
    return one.url.split("/?")[0]

quiet = {"open_browser": False, "block": False}
first = explainer.show(net, image, classes=names, **quiet)
second = explainer.show(net, title="Again", **quiet)
up = [get(base(first) + "/_stcore/health"), "<html" in get(first.url).lower(), base(first) == base(second)]
try:
    explainer.show(net, port=1 + int(base(first).rpartition(":")[2]), **quiet)
except Exception as error:
    up.append(str(error))
first.stop()
up.append(get(base(first) + "/_stcore/health"))
second.stop()
up.append(get(base(first) + "/_stcore/health"))
third = explainer.show(net, **quiet)
up.append(get(base(third) + "/_stcore/health"))
third.stop()
print(json.dumps([first.url, second.url, third.url]))
print(json.dumps(up))
print(json.dumps([net.training, torch.get_num_threads(), first._repr_html_().count(first.url)]))
"""
    (urls, up, rest) = run(code, tmp_path)
    assert [url.partition("?")[2] for url in urls] == [
        "model=shown-1&image=shown-1",
        "model=shown-2",
        "model=shown-4",  # the refused one had a number, too
    ]
    assert up[:3] == ["ok", True, True]
    assert "already runs in this process" in up[3]
    assert up[4:] == ["ok", "down", "ok"]
    assert rest == [True, 1, 3]


@contextmanager
def script(code: str, folder: Path):
    """Run a script that blocks, give its address and process, and see that Ctrl-C ends it well."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", HEAD + code],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "BROWSER": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(100, process.kill)
    timer.start()
    try:
        line = next(line for line in process.stdout if "http" in line)
        yield line.split(" at ")[-1].strip()
        assert process.poll() is None, "a script waits"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
    finally:
        timer.cancel()
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_script_waits_until_it_is_interrupted(tmp_path):
    with script("explainer.show(net, image, classes=names)", tmp_path) as url:
        base = url.split("/?")[0]
        with urllib.request.urlopen(f"{base}/_stcore/health", timeout=10) as answer:
            assert answer.read() == b"ok"
    with pytest.raises(URLError):
        urllib.request.urlopen(f"{base}/_stcore/health", timeout=2)


@pytest.mark.e2e
def test_the_browser_shows_the_live_network(tmp_path, open_page):
    code = "explainer.show(net, image, classes=names, title='A net of mine', open_browser=False)"
    with script(code, tmp_path) as url:
        page = NetworkPage(open_page(url)).ready("shown-1")
        expect(page.page.get_by_role("combobox", name="Network")).to_have_value("A net of mine")
        said = " ".join(page.tour(5))
        for name in ("stem", "act", "pool", "answer"):
            assert name in said
        assert set(page.answers()) == {"ape", "bee", "cat"}
        page.page.context.close()
