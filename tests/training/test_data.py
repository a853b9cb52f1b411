"""Data sets by name and by path, and one file that holds a data set whole."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from explainer.errors import ReaderError
from explainer.training.data import (
    Dataset,
    Split,
    drawn,
    held_out,
    learned_from,
    load_dataset,
    save_dataset,
)
from explainer.training.recipe import Recipe


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (12, 3, 8, 8), generator=generator, dtype=torch.uint8)
    labels = torch.arange(12) % 2
    return Dataset(
        Split(images[:8], labels[:8]), Split(images[8:], labels[8:]), ("müsli", "日本"), "two of a kind"
    )


@pytest.fixture
def stored(data, tmp_path):
    path = tmp_path / "sub" / "mine.safetensors"
    save_dataset(data, path)
    return path


def same(one, other):
    return torch.equal(one.images, other.images) and torch.equal(one.labels, other.labels)


def test_a_file_gives_back_what_was_saved(data, stored):
    found = load_dataset(str(stored))
    assert same(found.train, data.train)
    assert same(found.test, data.test)
    assert (found.classes, found.description) == (data.classes, data.description)
    assert load_dataset(str(stored), side=4).train.images.shape == (8, 3, 4, 4)
    assert load_file(stored)["train.images"].dtype == torch.uint8  # safetensors alone reads it
    assert [path.name for path in stored.parent.iterdir()] == ["mine.safetensors"]


def test_part_of_a_data_set_is_saved_as_that_part(data, tmp_path):
    flipped = replace(
        data, train=Split(data.train.images[::2].flip(3).transpose(2, 3), data.train.labels[::2])
    )
    save_dataset(flipped, tmp_path / "a.safetensors")
    assert same(load_dataset(str(tmp_path / "a.safetensors")).train, flipped.train)


def test_a_data_set_without_test_images_is_saved(data, tmp_path):
    save_dataset(replace(data, test=data.test.part(torch.arange(0))), tmp_path / "a.safetensors")
    assert len(load_dataset(str(tmp_path / "a.safetensors"), side=4).test) == 0


def test_a_new_file_takes_the_place_of_the_old_one_at_once(data, stored):
    before = load_dataset(str(stored))  # its numbers may still be in the file
    save_dataset(replace(data, description="new", train=data.train.part(torch.arange(2))), stored)
    assert load_dataset(str(stored)).description == "new"
    assert same(before.train, data.train)


@pytest.mark.parametrize(
    "change",
    [
        {"train.images": torch.zeros(8, 3, 8, 8)},
        {"train.images": torch.zeros(8, 3, 8, dtype=torch.uint8)},
        {"train.images": torch.zeros(7, 3, 8, 8, dtype=torch.uint8)},
        {"train.images": torch.zeros(8, 3, 9, 8, dtype=torch.uint8)},
        {"train.images": torch.zeros(8, 2, 8, 8, dtype=torch.uint8)},
        {"train.labels": torch.zeros(8)},
        {"train.labels": torch.full((8,), 2)},
        {"test.labels": torch.full((4,), -1)},
        {"classes": "[]"},
        {"classes": "[1, 2]"},
        {"classes": "{"},
        {"classes": "[" * 100_000},
        {"classes": None},
        {"test.labels": None},
    ],
    ids=str,
)
def test_a_file_that_does_not_fit_together_is_refused(data, stored, change, tmp_path):
    tensors = load_file(stored)
    metadata = {"classes": json.dumps(data.classes), "description": ""}
    for name, value in change.items():
        given = metadata if name == "classes" else tensors
        if value is None:
            del given[name]
        else:
            given[name] = value
    save_file(tensors, tmp_path / "bad.safetensors", metadata)
    with pytest.raises(ReaderError, match="does not hold a data set"):
        load_dataset(str(tmp_path / "bad.safetensors"))


class Evil:
    def __reduce__(self):
        return print, ("run",)


def test_a_file_of_another_kind_is_refused_and_nothing_in_it_is_run(stored, capsys):
    for content in (b"", b"\xff" * 100, pickle.dumps(Evil()), stored.read_bytes()[:-1]):
        stored.write_bytes(content)
        with pytest.raises(ReaderError, match=r"mine.safetensors does not hold a data set"):
            load_dataset(str(stored))
    assert not capsys.readouterr().out


def test_names_that_there_are_and_are_not(tmp_path, monkeypatch):
    assert load_dataset("starter", side=16).test.images.shape == (300, 3, 16, 16)
    for name in ("nonsense", "", "no/such/folder", "gone.safetensors"):
        with pytest.raises(ReaderError) as caught:
            load_dataset(name, tmp_path)
        for known in ("starter", "cifar10", "mnist_10k", "torchvision:CIFAR10", "torchvision:EuroSAT"):
            assert known in str(caught.value)
    monkeypatch.delenv("CONVSCOPE_DATA", raising=False)
    with pytest.raises(ReaderError, match="CONVSCOPE_DATA"):
        load_dataset("cifar10")


def test_mnist_is_read_from_its_file(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (9100, 28, 28), dtype=np.uint8)
    np.savez(tmp_path / "mnist_10k.npz", images=images, labels=(np.arange(9100) % 10).astype(np.uint8))
    found = load_dataset("mnist_10k", tmp_path)
    assert found.train.images.shape == (9000, 1, 32, 32)
    assert np.array_equal(found.test.images[:, 0, 2:-2, 2:-2], images[9000:])
    assert found.train.labels[:12].tolist() == [*range(10), 0, 1]


def test_what_is_held_out_is_a_share_of_every_class():
    labels = torch.tensor([0] * 40 + [1] * 10 + [2] * 2 + [3])
    split = Split(torch.arange(53).to(torch.uint8).reshape(53, 1, 1, 1), labels)
    kept, held = held_out(split, 0.2, 3)
    assert held.labels.bincount(minlength=4).tolist() == [8, 2, 1, 0]
    everything = torch.cat([kept.images, held.images]).flatten().sort().values
    assert torch.equal(everything, torch.arange(53).to(torch.uint8))
    again, other = (held_out(split, 0.2, seed)[1] for seed in (3, 4))
    assert same(again, held)
    assert not same(other, held)


def labelled(counts):
    labels = torch.cat([torch.full((count,), label) for label, count in enumerate(counts)])
    labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(1))]
    places = torch.arange(len(labels))
    return Split(places.byte().reshape(-1, 1, 1, 1), labels)


def test_some_images_of_each_class_are_drawn_by_the_seed():
    split = labelled((40, 3, 100))
    found = {count: drawn(split, count, 7) for count in (2, 5, 30)}
    assert [part.labels.bincount().tolist() for part in found.values()] == [
        [2, 2, 2], [5, 3, 5], [30, 3, 30],
    ]  # fmt: skip
    places = {count: part.images.flatten().tolist() for count, part in found.items()}
    assert set(places[2]) < set(places[5]) < set(places[30])
    assert all(sorted(one) == one for one in places.values())
    assert torch.equal(split.labels[places[30]], found[30].labels)
    assert (
        drawn(split, 5, 7).images.flatten().tolist()
        == places[5]
        != drawn(split, 5, 8).images.flatten().tolist()
    )
    assert drawn(split, 0, 7) is split


def test_what_is_held_out_comes_from_what_is_drawn():
    split = labelled((40, 60))
    recipe = Recipe("r", "lenet5", "", 1, 1, "sgd", 0.1, 0.0, images_per_class=20, validation=0.25, seed=4)
    train, validation = learned_from(split, recipe)
    assert train.labels.bincount().tolist() == [15, 15]
    assert validation.labels.bincount().tolist() == [5, 5]
    both = torch.cat([train.images, validation.images]).flatten().sort().values
    assert torch.equal(both, drawn(split, 20, 4).images.flatten())
