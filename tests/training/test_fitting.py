"""Whether images suit a network: refused before a run begins, and the size that is best to learn from."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from explainer.errors import ReaderError
from explainer.models.entries import find
from explainer.training import room
from explainer.training.beginning import new_network
from explainer.training.data import Dataset, Split
from explainer.training.fitting import check_images, usual_side
from explainer.training.recipe import Recipe, dump_recipe
from explainer.training.runs import Run
from explainer.training.starter import starter

RECIPE = Recipe(
    name="small", network="tiny_vgg", dataset="starter", side=32, epochs=1, batch_size=32, optimizer="adamw",
    learning_rate=1e-3, weight_decay=0.0,
)  # fmt: skip


def of_size(count: int, channels: int, side: int) -> Dataset:
    """Very many images that take no memory: all are the same one."""
    images = torch.zeros(1, channels, side, side, dtype=torch.uint8).expand(count, -1, -1, -1)
    labels = torch.zeros(1, dtype=torch.int64).expand(count)
    return Dataset(Split(images[1:], labels[1:]), Split(images[:1], labels[:1]), ("a", "b"), "")


def test_the_command_line_refuses_images_that_are_pooled_away_before_it_begins(tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text(dump_recipe(RECIPE), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "explainer.training", str(file), "--runs", str(tmp_path), "--threads", "1"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    images = starter(train=2, test=1)
    small = replace(images, train=Split(images.train.images[..., ::2, ::2].contiguous(), images.train.labels))
    with pytest.raises(ReaderError) as refused:
        check_images(RECIPE, small)
    assert "takes no images of 32 × 32 pixels. It usually sees 64 × 64" in str(refused.value)
    assert (ended.returncode, ended.stderr.strip()) == (1, str(refused.value))
    run = Run(tmp_path / "small")
    assert (run.status().state, run.status().problem) == ("failed", refused.value.template)
    assert run.lines()[0] == []
    assert {path.name for path in run.folder.iterdir()} == {"recipe.toml", "status.json"}


def test_images_of_other_channels_or_scales_are_refused():
    with pytest.raises(ReaderError, match="takes images of 3 channels, those of the data set have 1"):
        check_images(RECIPE, of_size(4, 1, 64))
    with pytest.raises(ReaderError, match="fewer channels than the images"):
        check_images(replace(RECIPE, mean=(0.5,), std=(0.5,)), of_size(4, 3, 64))
    check_images(RECIPE, of_size(4, 3, 64))


@pytest.mark.parametrize(
    ("network", "count", "channels", "side"),
    [
        ("squeezenet1_1", 5_000, 3, 224),  # what it usually sees
        ("squeezenet1_1", 60_000, 3, 96),  # as many as CIFAR-10 has
        ("squeezenet1_1", 600_000, 3, 32),
        ("squeezenet1_1", 6_000_000, 3, 0),  # there is room for no size
        ("vit_b_16", 60_000, 3, 0),  # it takes no other size than its own
        ("squeezenet1_1", 100, 1, 0),
        ("lenet5", 60_000, 1, 32),
    ],
)
def test_the_side_to_resize_to_is_one_that_is_accepted(network, count, channels, side):
    data = of_size(count, channels, 32)
    assert usual_side(network, data) == side
    if side:
        assert room.bytes_of(count, channels, side) <= room.MOST
        resized = replace(data, train=of_size(2, channels, side).train)
        check_images(replace(RECIPE, network=network), resized)
        larger = range(side + room.STEP, find(network).size[0] + 1, room.STEP)
        assert all(room.bytes_of(count, channels, more) > room.MOST for more in larger)


@pytest.mark.parametrize("network", ["timm:repvgg_a0", "timm:resnet10t"])
def test_weights_that_cannot_be_had_are_said_in_the_words_of_a_run(network, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody answers there
    with pytest.raises(ReaderError) as refused:
        new_network(replace(RECIPE, network=network, start="published"), 2, tmp_path)
    said = str(refused.value)
    assert "the network starts untrained, from random ones" in said
    assert "put it at" in said
    assert "can be opened" not in said
