"""A reader's images: the right pixels under the right class, and a sentence for each that is left out."""

import io
import shutil
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from explainer.errors import Cancelled, ReaderError
from explainer.training import folders
from explainer.training.data import load_dataset
from explainer.training.folders import from_pictures, natural, read_images, squared


def png(shade=0, size=(8, 8), **saved):
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade, 255 - shade, 7)).save(buffer, "PNG", **saved)
    return buffer.getvalue()


def packed(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def laid_out(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def shades(split, label):
    """The red of the first pixel of each image of a class."""
    return sorted(split.images[split.labels == label][:, 0, 0, 0].tolist())


TWO = {
    **{f"cat/{number}.png": png(10 + number) for number in range(5)},
    **{f"dog/{number}.png": png(100 + number) for number in range(5)},
}
DIVIDED = {
    "train/cat/1.png": png(1), "train/cat/2.png": png(2), "train/dog/deep/3.png": png(3),
    "train/dog/4.png": png(4), "val/cat/5.png": png(5), "val/dog/6.png": png(6),
}  # fmt: skip


@pytest.fixture(params=["folder", "zip", "bytes"])
def given(request, tmp_path):
    """Make a source of files."""

    def make(files):
        if request.param == "folder":
            return laid_out(tmp_path / "given", files)
        if request.param == "bytes":
            return packed(files)
        (tmp_path / "given.zip").write_bytes(packed(files))
        return str(tmp_path / "given.zip")

    return make


@pytest.mark.parametrize("wrapping", ["", "photos/", "a/b/"])
def test_a_folder_for_each_class(given, wrapping):
    found = read_images(given({wrapping + name: data for name, data in TWO.items()}))
    data = found.dataset
    assert data.classes == ("cat", "dog")
    assert not found.skipped
    assert data.train.images.shape == (8, 3, 8, 8)
    assert data.test.labels.tolist() == [0, 1]
    for label, first in ((0, 10), (1, 100)):
        everything = shades(data.train, label) + shades(data.test, label)
        assert sorted(everything) == list(range(first, first + 5))
    assert "8 training and 2 test images, 20% of each class set aside" in data.description


@pytest.mark.parametrize("wrapping", ["", "photos/"])
def test_training_and_test_images_apart(given, wrapping):
    data = read_images(given({wrapping + name: data for name, data in DIVIDED.items()})).dataset
    assert data.classes == ("cat", "dog")
    assert (shades(data.train, 0), shades(data.train, 1)) == ([1, 2], [3, 4])
    assert (shades(data.test, 0), shades(data.test, 1)) == ([5], [6])


def test_validation_images_are_trained_on_where_there_are_test_images():
    data = read_images(packed({**DIVIDED, "Test/cat/7.png": png(7)})).dataset
    assert (shades(data.train, 0), shades(data.train, 1)) == ([1, 2, 5], [3, 4, 6])
    assert (shades(data.test, 0), shades(data.test, 1)) == ([7], [])


def test_only_training_images():
    data = read_images(packed({f"train/{name}": content for name, content in TWO.items()})).dataset
    assert (data.classes, len(data.train), len(data.test)) == (("cat", "dog"), 8, 2)


def test_classes_may_be_called_train_and_test():
    files = {f"{name}/{number}.png": png(number) for name in ("train", "bus", "test") for number in (1, 2)}
    assert read_images(packed(files)).dataset.classes == ("bus", "test", "train")


def test_what_is_left_out_is_said(given):
    files = {
        **TWO,
        "loose.png": png(),
        "cat/broken.png": b"no picture",
        "cat/cut.png": png(size=(64, 64))[:-40],
        "single/1.png": png(),
        ".cache/x/1.png": png(),
        "cat/.ipynb_checkpoints/1.png": png(),
        "cat/._1.png": b"\0",
    }
    found = read_images(given(files))
    assert found.dataset.classes == ("cat", "dog")
    assert len(found.dataset.train) + len(found.dataset.test) == 10
    said = {error.values["name"]: str(error) for error in found.skipped}
    assert said.keys() == {"loose.png", "cat/broken.png", "cat/cut.png", "single"}
    assert "in no folder of a class" in said["loose.png"]
    assert "not a picture" in said["cat/broken.png"]
    assert "damaged" in said["cat/cut.png"]
    assert "fewer than two training images" in said["single"]


def test_beside_divided_images():
    found = read_images(
        packed({**DIVIDED, "other/cat/1.png": png(), "train/0.png": png(), "val/owl/1.png": png()})
    )
    said = {error.values["name"]: str(error) for error in found.skipped}
    assert found.dataset.classes == ("cat", "dog")
    assert said.keys() == {"other/cat/1.png", "train/0.png", "owl"}


@pytest.mark.parametrize(
    "files",
    [
        {"cat/1.png": png(), "cat/2.png": png()},
        {"1.png": png(), "2.png": png()},
        {"cat/1.png": png(), "dog/1.png": png()},
        {"cat/1.png": png(), "cat/2.png": png(), "dog/1.png": png(), "dog/2.png": b"x"},
    ],
    ids=["one class", "no class", "one of each", "one can be read"],
)
def test_too_little_to_learn_from(given, files):
    with pytest.raises(ReaderError, match="two classes with at least two images each"):
        read_images(given(files))


def test_sources_that_cannot_be_used(tmp_path, monkeypatch):
    (tmp_path / "bad.zip").write_bytes(b"PK nonsense")
    (tmp_path / "empty").mkdir()
    for source, words in (
        (tmp_path / "gone", "no folder or zip gone"),
        (tmp_path / "bad.zip", "damaged, or no zip"),
        (tmp_path / "empty", "no picture in"),
        ("a\0b", "cannot be read|no folder or zip"),
        (b"", "no zip"),
    ):
        with pytest.raises(ReaderError, match=words):
            read_images(source)
    with pytest.raises(ReaderError, match="Choose a smaller size"):
        read_images(packed(TWO), side=10_000)
    monkeypatch.setattr(folders, "LARGEST_ARCHIVE", 100)
    laid_out(tmp_path, {"two.zip": packed(TWO)})
    with pytest.raises(ReaderError, match="Unpack it and give the folder"):
        read_images(tmp_path / "two.zip")
    monkeypatch.setattr(folders, "MOST_CLASSES", 1)
    with pytest.raises(ReaderError, match="2 classes, more than 1"):
        read_images(packed(TWO))
    monkeypatch.setattr(folders, "MOST_IMAGES", 9)
    with pytest.raises(ReaderError, match="more than 9 images"):
        read_images(packed(TWO))


def test_more_images_than_are_looked_at_elsewhere():
    one, other = png(1), png(2)
    files = {
        f"{name}/{number}.png": data for name, data in (("a", one), ("b", other)) for number in range(400)
    }
    data = read_images(packed(files)).dataset
    assert len(data.train) + len(data.test) == 800


def test_names_that_point_elsewhere_are_only_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {
        **{f"../../cat/{number}.png": png(number) for number in range(2)},
        **{f"/dog\\{number}.png": png(number) for number in range(2)},
        **{f"owl/../owl/./{number}.png": png(number) for number in range(2)},
    }
    assert read_images(packed(files)).dataset.classes == ("cat", "dog", "owl")
    assert list(tmp_path.iterdir()) == []


def test_thousands_of_folders_in_each_other():
    deep = "x/" * 30_000
    files = {f"{deep}{name}/{number}.png": png() for name in "ab" for number in range(2)}
    with pytest.raises(ReaderError, match="two classes"):
        read_images(packed(files))


def test_the_same_name_in_both_ways_of_writing_it():
    names = ("train/caf\u00e9/1.png", "train/cafe\u0301/2.png", "train/tea/1.png", "train/tea/2.png")
    data = read_images(packed({name: png() for name in names})).dataset
    assert data.classes == ("caf\u00e9", "tea")


def test_classes_stand_as_people_count():
    names = ["c10", "c2", "C1", "b", "c1", "7" * 5000, "07", "7", "c2b10", "c2b9"]
    assert sorted(names, key=natural) == [
        "07",
        "7",
        "7" * 5000,
        "b",
        "C1",
        "c1",
        "c2",
        "c2b9",
        "c2b10",
        "c10",
    ]


def test_pictures_are_turned_and_made_rgb():
    rows = np.zeros((8, 8, 3), np.uint8)
    rows[:4] = (255, 0, 0)  # the upper half
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: the upper half comes to the right
    turned, clear = io.BytesIO(), io.BytesIO()
    Image.fromarray(rows).save(turned, "PNG", exif=exif)
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(clear, "PNG")
    files = {
        f"{name}/{k}.png": data.getvalue() for name, data in (("a", turned), ("b", clear)) for k in (1, 2)
    }
    data = read_images(packed(files)).dataset
    image = data.train.images[0]
    assert image[:, 0, 0].tolist() == [0, 0, 0]
    assert image[:, 0, -1].tolist() == [255, 0, 0]
    assert data.train.images[1].unique().tolist() == [255]  # transparent is white


@pytest.mark.parametrize("size", [(90, 60), (60, 90), (64, 64), (40, 20)])
def test_resizing_is_that_of_torchvision(size):
    noise = np.random.default_rng(0).integers(0, 256, (*reversed(size), 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    expected = v2.functional.pil_to_tensor(v2.CenterCrop(20)(v2.Resize(20)(picture)))
    assert (squared(picture, 20).int() - expected.int()).abs().max() <= 1


def test_a_strip_takes_no_more_memory_than_it_has():
    assert squared(Image.new("L", (4_000_000, 1), 9), 32).unique().tolist() == [9]


@pytest.mark.parametrize(
    ("sizes", "side"), [([(8, 8)], 8), ([(300, 200)], 64), ([(20, 30), (50, 40), (90, 44)], 40)]
)
def test_the_usual_size(sizes, side):
    files = {f"{name}/{k}.png": png(size=size) for name in "ab" for k, size in enumerate(sizes * 2)}
    assert read_images(packed(files)).dataset.train.images.shape[2:] == (side, side)
    assert read_images(packed(files), side=10).dataset.train.images.shape[2:] == (10, 10)


def test_progress_and_giving_up():
    told = []
    read_images(packed(TWO), progress=lambda done, whole: told.append((done, whole)))
    assert told == [(number, 10) for number in range(1, 11)]

    def enough(done, whole):
        raise Cancelled

    with pytest.raises(Cancelled):
        read_images(packed(TWO), progress=enough)


def test_a_path_is_the_name_of_a_data_set(tmp_path):
    folder = laid_out(tmp_path / "two", TWO)
    (tmp_path / "two.zip").write_bytes(packed(TWO))
    direct = read_images(folder, 16).dataset
    for name in (folder, tmp_path / "two.zip"):
        data = load_dataset(str(name), side=16)
        assert torch.equal(data.train.images, direct.train.images)
        assert torch.equal(data.train.labels, direct.train.labels)
    shutil.rmtree(folder)
    with pytest.raises(ReaderError, match="no data set"):
        load_dataset(str(folder))


def test_photos_taken_class_by_class():
    photos = {
        "wave 10": [Image.new("L", (64, 48), 50 + k) for k in range(10)],
        "wave 2": [Image.new("RGBA", (48, 64), (200, 0, k, 255)) for k in range(5)],
        "none yet": [],
    }
    data = from_pictures(photos, 12)
    assert data.classes == ("wave 2", "wave 10")
    assert data.train.images.shape == (12, 3, 12, 12)
    assert data.test.labels.tolist() == [0, 1, 1]
    assert set(data.train.images[data.train.labels == 0][:, 0].flatten().tolist()) == {200}
    assert from_pictures(photos).train.images.shape[-1] == 64
    for few in ({}, {"a": photos["wave 2"]}, {**photos, "b": photos["wave 2"][:1]}):
        with pytest.raises(ReaderError, match="at least two photos of each"):
            from_pictures(few)


def test_a_real_data_set_is_that_of_its_own_loader(data_folder):
    found = read_images(data_folder / "tiny_imagenet_10.zip")
    own = load_dataset("tiny_imagenet_10", data_folder)
    assert not [error for error in found.skipped if "classes.csv" not in str(error)]
    assert (len(found.dataset.train), len(found.dataset.test)) == (5000, 500)
    sums = [split.images.flatten(1).sum(1).sort().values for split in (found.dataset.train, own.train)]
    assert torch.equal(*sums)
