"""Readers' data sets on the disk: what gives way, and what must not."""

import os
from pathlib import Path

import pytest
import torch

from explainer.errors import ReaderError
from explainer.training import room
from explainer.training.data import Dataset, Split
from explainer.ui.training import storage
from explainer.ui.training.own_titles import keep_title, kept_titles


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_RUNS", str(tmp_path))
    return tmp_path


def pictures(value: int) -> Dataset:
    train, test = (
        Split(torch.full((4, 1, 8, 8), value, dtype=torch.uint8), torch.tensor([0, 1, 0, 1]))
        for _ in range(2)
    )
    return Dataset(train, test, ("a", "b"), "")


def test_the_oldest_that_no_run_needs_gives_way(runs, monkeypatch):
    first, second = (storage.keep_dataset(pictures(value)) for value in (1, 2))
    files = [storage.dataset_name(key) for key in (first, second)]
    for age, path in zip((1000, 2000), files, strict=True):
        os.utime(path, (age, age))
    assert storage.keep_dataset(pictures(1)) == first  # wanted again: now the second is the oldest
    broken = runs / "broken"
    broken.mkdir()
    (broken / "recipe.toml").write_text("epochs = [")  # of no use, and no reason to fail
    monkeypatch.setattr(storage, "_DATA_BUDGET", 2 * os.path.getsize(files[0]))
    third = storage.keep_dataset(pictures(3))
    left = {path.stem for path in (runs / "data").iterdir()}
    assert left == {key.removeprefix(storage.OWN_DATA) for key in (first, third)}


def test_a_size_that_would_fill_the_memory_is_refused_before_anything_is_resized(monkeypatch):
    key = storage.keep_dataset(pictures(4))  # 8 images of one channel
    monkeypatch.setattr(room, "MOST", 8 * 16 * 16)
    assert storage.open_dataset(key, 16).train.images.shape == (4, 1, 16, 16)
    with pytest.raises(ReaderError, match="17"):
        storage.open_dataset(key, 17)


def test_titles_are_kept_beside_the_sets_for_each_reader_and_go_with_them(runs, monkeypatch):
    first, second = (storage.keep_dataset(pictures(value)) for value in (5, 6))
    keep_title(first, "anna", "Äpfel & Birnen.zip")
    keep_title(second, "anna", "two")
    keep_title(first, "ben", "fruit")
    for age, key in zip((2000, 1000), (first, second), strict=True):
        os.utime(storage.titles_beside(Path(storage.dataset_name(key))), (age, age))
    assert list(kept_titles("anna").items()) == [(second, "two"), (first, "Äpfel & Birnen.zip")]
    assert kept_titles("ben") == {first: "fruit"}
    assert kept_titles("carl") == {}
    storage.titles_beside(Path(storage.dataset_name(second))).write_text("[edited by hand")
    assert list(kept_titles("anna")) == [first]
    os.utime(storage.dataset_name(first), (1000, 1000))
    monkeypatch.setattr(storage, "_DATA_BUDGET", 1)
    storage.keep_dataset(pictures(7))
    assert kept_titles("anna") == {}
    assert len(list((runs / "data").iterdir())) == 1  # neither sets nor titles are left behind


def test_a_title_of_a_set_that_is_not_here_is_refused():
    with pytest.raises(ReaderError, match="no longer on this server"):
        keep_title(storage.OWN_DATA + "0" * 20, "anna", "gone")
