"""torchvision's data sets from files in torchvision's own formats, which these tests write: no download."""

import hashlib
import json
import pickle
import struct

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat
from torchvision import datasets

from explainer.errors import ReaderError
from explainer.training import published
from explainer.training.data import load_dataset
from explainer.training.published import PUBLISHED_SETS, at_hand, load_published


@pytest.fixture(autouse=True)
def nowhere_else(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVSCOPE_DATA", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "torchvision"
    folder.mkdir()
    return folder


def numbers(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, dtype=np.uint8)


def idx(array):
    return struct.pack(f">I{array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize("name", ["MNIST", "FashionMNIST", "KMNIST"])
def test_digits(name, place, tmp_path):
    raw = place / name / "raw"
    raw.mkdir(parents=True)
    images = {"train": numbers(7, 28, 28), "t10k": numbers(3, 28, 28)}
    for part, pixels in images.items():
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(pixels))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.arange(len(pixels), dtype=np.uint8)))
    data = load_dataset(f"torchvision:{name}", tmp_path)
    assert data.train.images.shape == (7, 1, 32, 32)
    assert np.array_equal(data.train.images[:, 0, 2:-2, 2:-2], images["train"])
    assert np.array_equal(data.test.images[:, 0, 2:-2, 2:-2], images["t10k"])
    assert data.train.images[:, :, :2].max() == 0
    assert data.train.labels.tolist() == list(range(7))
    assert len(data.classes) == 10
    assert name != "MNIST" or data.classes == tuple("0123456789")
    assert load_dataset(f"torchvision:{name}", tmp_path, side=16).test.images.shape == (3, 1, 16, 16)


def known_sum(data):
    return hashlib.md5(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "labels", "names"),
    [("CIFAR10", "labels", "label_names"), ("CIFAR100", "fine_labels", "fine_label_names")],
)
def test_cifar(name, labels, names, place, tmp_path, monkeypatch):
    """Read by torchvision, which is told the checksums of these files instead of the published ones."""
    kind = getattr(datasets, name)
    folder = place / kind.base_folder
    folder.mkdir()
    rows = numbers(4, 3 * 32 * 32)

    def written(file, content):
        data = pickle.dumps(content)
        (folder / file).write_bytes(data)
        return [file, known_sum(data)]

    monkeypatch.setattr(kind, "train_list", [written("one", {"data": rows[:3], labels: [2, 0, 1]})])
    monkeypatch.setattr(kind, "test_list", [written("two", {"data": rows[3:], labels: [1]})])
    _, checksum = written("meta", {names: ["a", "b_c", "d"]})
    monkeypatch.setattr(kind, "meta", {"filename": "meta", "key": names, "md5": checksum})
    data = load_published(name, folder=tmp_path)
    assert np.array_equal(data.train.images, rows[:3].reshape(3, 3, 32, 32))
    assert (data.train.labels.tolist(), data.test.labels.tolist()) == ([2, 0, 1], [1])
    assert data.classes == ("a", "b c", "d")
    (folder / "two").write_bytes(b"changed")
    with pytest.raises(ReaderError, match="not whole"):
        load_published(name, folder=tmp_path)


def test_house_numbers(place, tmp_path, monkeypatch):
    images = numbers(5, 32, 32, 3)
    entries = {}
    for part, chosen, labels in (("train", images[:3], [10, 1, 9]), ("test", images[3:], [5, 10])):
        file = place / f"{part}_32x32.mat"
        savemat(file, {"X": chosen.transpose(1, 2, 3, 0), "y": np.array(labels)[:, None]})
        entries[part] = ["", file.name, known_sum(file.read_bytes())]
    monkeypatch.setattr(datasets.SVHN, "split_list", entries)
    data = load_published("SVHN", folder=tmp_path)
    assert np.array_equal(data.train.images.permute(0, 2, 3, 1), images[:3])
    assert (data.train.labels.tolist(), data.test.labels.tolist()) == ([0, 1, 9], [5, 0])  # ten is zero
    assert data.classes == tuple("0123456789")


def picture(path, shade, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, 0, 0)).save(path, quality=95)


def test_satellite_images_have_no_test_of_their_own(place, tmp_path):
    for name in ("Forest", "River"):
        for number in range(5):
            picture(place / "eurosat" / "2750" / name / f"{name}_{number}.jpg", 40 * number, (64, 64))
    data = load_published("EuroSAT", folder=tmp_path)
    assert data.classes == ("Forest", "River")
    assert data.train.labels.bincount().tolist() == [4, 4]
    assert data.test.labels.bincount().tolist() == [1, 1]
    assert data.train.images.shape[1:] == (3, 64, 64)
    assert load_published("EuroSAT", 32, folder=tmp_path).test.images.shape == (2, 3, 32, 32)


def test_photographs_of_several_sizes(place, tmp_path):
    base = place / "food-101"
    parts = {
        "train": {"apple_pie": ["apple_pie/1"], "sushi": ["sushi/2"]},
        "test": {"apple_pie": [], "sushi": ["sushi/3"]},
    }
    for part, files in parts.items():
        (base / "meta").mkdir(parents=True, exist_ok=True)
        (base / "meta" / f"{part}.json").write_text(json.dumps(files))
    for name, shade, size in (
        ("apple_pie/1", 50, (80, 60)),
        ("sushi/2", 100, (60, 90)),
        ("sushi/3", 150, (70, 70)),
    ):
        picture(base / "images" / f"{name}.jpg", shade, size)
    told = []
    data = load_published("Food101", 48, folder=tmp_path, progress=lambda *done: told.append(done))
    assert data.classes == ("apple pie", "sushi")
    assert data.train.images.shape == (2, 3, 48, 48)
    assert data.train.images[:, 0, 20, 20].tolist() == pytest.approx([50, 100], abs=3)
    assert data.test.labels.tolist() == [1]
    assert told == [(1, 2), (2, 2), (1, 1)]


def test_pets(place, tmp_path):
    base = place / "oxford-iiit-pet"
    for name in ("Birman_1", "pug_1", "pug_2"):
        picture(base / "images" / f"{name}.jpg", 9, (50, 40))
    (base / "annotations" / "trimaps").mkdir(parents=True)
    (base / "annotations" / "trainval.txt").write_text("Birman_1 1 1 1\npug_1 2 2 1\n")
    (base / "annotations" / "test.txt").write_text("Birman_1 1 1 1\npug_2 2 2 1\n")
    data = load_published("OxfordIIITPet", folder=tmp_path)
    assert data.classes == ("Birman", "Pug")
    assert data.train.images.shape == (2, 3, 64, 64)
    assert data.test.labels.tolist() == [0, 1]


def test_what_is_not_here_is_said(tmp_path):
    for name, known in PUBLISHED_SETS.items():
        with pytest.raises(ReaderError) as caught:
            load_published(name, folder=tmp_path)
        for part in (
            known.title,
            str(tmp_path / "torchvision"),
            f"{known.megabytes} MB",
            f"published {name}",
        ):
            assert part in str(caught.value)
    with pytest.raises(ReaderError, match="no data set ImageNet in torchvision; there are: CIFAR10"):
        load_published("ImageNet")
    with pytest.raises(ReaderError, match="Choose a smaller size"):
        load_published("Food101", 224)


def test_a_damaged_file_is_said(place, tmp_path):
    raw = place / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (raw / f"{name}-ubyte").write_bytes(idx(numbers(3, 28, 28))[:500])
    with pytest.raises(ReaderError, match="not whole"):
        load_published("MNIST", folder=tmp_path)


def test_where_it_is_looked_for(tmp_path, monkeypatch):
    assert at_hand() == ()
    (tmp_path / "home" / "datasets" / "cifar-10-batches-py").mkdir(parents=True)
    assert at_hand() == ("CIFAR10",)
    monkeypatch.setenv("CONVSCOPE_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "torchvision" / "eurosat" / "2750").mkdir(parents=True)
    assert at_hand() == ("CIFAR10", "EuroSAT")
    assert at_hand(tmp_path / "other") == ("CIFAR10", "EuroSAT")
    assert published._places(tmp_path)[0] == tmp_path / "torchvision"


def test_every_one_of_them_is_torchvisions():
    for name, known in PUBLISHED_SETS.items():
        assert issubclass(getattr(datasets, name), torch.utils.data.Dataset)
        assert known.classes * 2 <= known.train


def test_downloading_without_a_connection(tmp_path, monkeypatch):
    """The address is one of this machine that nobody answers at."""
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(ReaderError, match=r"could not be downloaded to .*torchvision"):
        load_published("MNIST", folder=tmp_path, download=True)
