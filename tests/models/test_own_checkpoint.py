"""A reader's own weights: opened as what they are, or refused with what to do."""

import json
import threading

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from explainer.errors import ReaderError
from explainer.models import Preprocessing, load_model
from explainer.models.checkpoints import MisfitError
from explainer.models.loading import default_preprocessing
from explainer.models.networks import build
from explainer.models.own import OWN, OwnWeights, Shelf, read_class_names
from explainer.models.published import construct


@pytest.fixture
def fruit(tmp_path):
    """ResNet-20 with another head, inside a training checkpoint."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        net = build("resnet20", 3)
    torch.save({"epoch": 3, "state_dict": net.state_dict()}, tmp_path / "fruit.pth")
    return net.eval(), tmp_path / "fruit.pth"


def test_another_head_names_and_preprocessing(fruit):
    net, path = fruit
    fed = Preprocessing((48, 40), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4), resize=48)
    loaded = load_model("resnet20", path, classes=["apple", "fig", "pear"], preprocessing=fed)
    assert loaded.classes == ("apple", "fig", "pear")
    assert (loaded.source, loaded.trained, loaded.preprocessing) == ("file", True, fed)
    images = loaded.preprocessing.apply(Image.new("RGB", (90, 70), "teal"))
    assert images.shape == (1, 3, 48, 40)
    with torch.no_grad():
        assert torch.equal(loaded.model(images), net(images))
    assert load_model("resnet20", path).classes == ("class 0", "class 1", "class 2")
    with pytest.raises(ReaderError, match="3 outputs, but there are 2 class names"):
        load_model("resnet20", path, classes=["apple", "fig"])


def test_the_files_own_card_is_believed_where_the_reader_says_nothing(tmp_path):
    path = tmp_path / "w.safetensors"
    card = {"classes": ["a", "b"], "preprocessing": {"size": [20, 30], "mean": [0, 0, 0], "std": [1, 1, 1]}}
    save_file(
        build("resnet20", 2).state_dict(), path, {key: json.dumps(value) for key, value in card.items()}
    )
    loaded = load_model("resnet20", path)
    assert loaded.classes == ("a", "b")
    assert loaded.preprocessing.size == (20, 30)
    assert load_model("resnet20", path, classes=["c", "d"]).classes == ("c", "d")


@pytest.mark.parametrize(
    "nonsense",
    [
        {"size": [10**9, 10**9]},
        {"size": [0, 20]},
        {"size": "big"},
        {"size": [20, 20], "resize": 10**9},
        {"size": [20, 20], "std": [0, 0, 0]},
        {"size": [20, 20], "std": [1e999, 1, 1]},
        {"size": [20, 20], "mean": [0]},
        {"size": [20, 20], "mode": "CMYK"},
        {"size": [20, 20], "interpolation": "magic"},
        {},
        "none",
    ],
)
def test_a_card_that_makes_no_sense_counts_as_none(tmp_path, nonsense):
    path = tmp_path / "w.safetensors"
    save_file(build("resnet20", 2).state_dict(), path, {"preprocessing": json.dumps(nonsense)})
    assert load_model("resnet20", path).preprocessing == default_preprocessing("resnet20")


def test_a_wrapped_network_opens(tmp_path):
    net = construct("squeezenet1_1", 4)
    wrapped = {f"model.{name}": tensor for name, tensor in net.state_dict().items()}
    torch.save({"state_dict": wrapped}, tmp_path / "lightning.ckpt")
    loaded = load_model("squeezenet1_1", tmp_path / "lightning.ckpt")
    ours, theirs = loaded.model.state_dict(), net.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_misfit_names_tensors_and_the_network_they_are_of(fruit):
    _, path = fruit
    with pytest.raises(MisfitError) as caught:
        load_model("resnet18", path, name="fruit salad.pth")
    assert "fruit salad.pth do not fit this network: " in str(caught.value)
    assert "conv1.weight: 16×3×3×3 instead of 64×3×7×7" in str(caught.value)
    assert "weights of resnet20 (100% of the tensors)" in str(caught.value)
    assert caught.value.near == "resnet20"


def test_what_is_like_nothing_suggests_nothing(tmp_path):
    torch.save({"a.weight": torch.ones(3)}, tmp_path / "odd.pth")
    with pytest.raises(MisfitError) as caught:
        load_model("resnet20", tmp_path / "odd.pth")
    assert caught.value.near == ""


def test_too_many_tensors(tmp_path, monkeypatch):
    monkeypatch.setattr("explainer.models.checkpoints.MOST_TENSORS", 5)
    torch.save(build("resnet20").state_dict(), tmp_path / "w.pth")
    with pytest.raises(ReaderError, match="more than 5 tensors"):
        load_model("resnet20", tmp_path / "w.pth")


def test_too_large_for_this_machine(fruit, monkeypatch):
    monkeypatch.setattr("explainer.models.loading.free_memory", lambda: 1_000_000)
    with pytest.raises(ReaderError, match=r"fruit\.pth is larger than fits in the memory"):
        load_model("resnet20", fruit[1])


@pytest.mark.parametrize("key", ["tiny_vgg", "resnet18", "timm:lcnet_050"])
def test_default_preprocessing_is_that_of_the_network(key):
    assert default_preprocessing(key) == load_model(key, "none").preprocessing


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", None),
        (" \n ", None),
        ("cat\n dog \n\nred fox\n", ("cat", "dog", "red fox")),
        ('["cat", "dog"]', ("cat", "dog")),
        ('{"1": "dog", "0": "cat"}', ("cat", "dog")),
        ('{"dog": 1, "cat": 0}', ("cat", "dog")),
        ("\ufeffcat\r\ndog", ("cat", "dog")),
    ],
)
def test_class_names(text, names):
    assert read_class_names(text) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('["cat",', "begin like JSON"),
        ("[[1], [2]]", "one per line"),
        ('{"0": "cat", "2": "dog"}', "without gaps"),
        ('{"cat": "dog"}', "one per line"),
        ("[" * 100_000, "begin like JSON"),
    ],
)
def test_class_names_that_cannot_be_read(text, said):
    with pytest.raises(ReaderError, match=said):
        read_class_names(text)


def test_the_shelf_keeps_files_by_content_within_its_budget():
    shelf = Shelf(budget=250)
    first = shelf.put(b"a" * 100)
    assert shelf.put(b"a" * 100) == first
    identity = shelf.tell(OwnWeights(first, "a.pth", "resnet18", ("x",), Preprocessing((8, 8))))
    assert identity.startswith(OWN)
    assert shelf.get(identity).classes == ("x",)
    second = shelf.tell(OwnWeights(shelf.put(b"b" * 100), "b.pth", "resnet18"))
    shelf.get(identity)  # the older is used again
    third = shelf.tell(OwnWeights(shelf.put(b"c" * 100), "c.pth", "resnet18"))
    assert shelf.find(second) is None
    with pytest.raises(ReaderError, match="Upload them again"):
        shelf.get(second)
    assert shelf.get(identity).path.read_bytes() == b"a" * 100
    assert shelf.get(third).path.read_bytes() == b"c" * 100
    assert len(list(first.parent.iterdir())) == 2
    assert first.parent.stat().st_mode & 0o077 == 0


def test_what_was_said_is_part_of_the_identity():
    shelf = Shelf()
    path = shelf.put(b"weights")
    told = [
        OwnWeights(path, "w.pth", "resnet18"),
        OwnWeights(path, "w.pth", "resnet34"),
        OwnWeights(path, "w.pth", "resnet18", ("a", "b")),
        OwnWeights(path, "w.pth", "resnet18", None, Preprocessing((8, 8))),
        OwnWeights(path, "w.pth", "resnet18", None, Preprocessing((8, 8), resize=8)),
    ]
    assert len({shelf.tell(weights) for weights in told}) == len(told)
    assert shelf.tell(told[0]) == shelf.tell(OwnWeights(path, "w.pth", "resnet18"))


def test_the_shelf_goes_with_its_owner():
    shelf = Shelf()
    folder = shelf.put(b"weights").parent
    del shelf
    assert not folder.exists()


def test_many_readers_use_one_shelf():
    shelf = Shelf(budget=2000)
    failures = []

    def work(number: int) -> None:
        for turn in range(30):
            content = f"{number} {turn % 4}".encode() * 20
            identity = shelf.tell(OwnWeights(shelf.put(content), "w.pth", "resnet18"))
            found = shelf.find(identity)
            if found is not None and found.path.exists() and found.path.read_bytes() != content:
                failures.append(identity)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
