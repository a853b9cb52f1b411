"""Readers' data sets on the disk: what gives way, and what must not."""

import os

import pytest
import torch

from explainer.errors import ReaderError
from explainer.training.data import Dataset, Split
from explainer.ui.training import storage


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
    monkeypatch.setattr(storage, "_IMAGE_BUDGET", 8 * 16 * 16)
    assert storage.open_dataset(key, 16).train.images.shape == (4, 1, 16, 16)
    with pytest.raises(ReaderError, match="17"):
        storage.open_dataset(key, 17)
