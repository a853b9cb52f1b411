"""The training loop of detectors: what is killed goes on as if nothing had happened."""

import random
from collections import Counter

import numpy as np
import pytest
import torch

from explainer.detection.learning.fit import (
    RECIPES,
    DetectorRecipe,
    drawn,
    faster_rcnn_parts,
    fit,
    load_detector_recipe,
    yolox_parts,
)
from explainer.detection.learning.pictures import Labelled
from explainer.detection.small_faster_rcnn import build_small_faster_rcnn
from explainer.detection.yolox import build_yolox

RECIPE = DetectorRecipe(
    "tiny", "yolox_nano", ("a", "b"), side=64, epochs=2, batch_size=4, learning_rate=0.01, warmup=2,
    plain_epochs=1,
)  # fmt: skip


def pictures(count=8) -> list[Labelled]:
    made = []
    for number in range(count):
        generator = np.random.default_rng(number)
        pixels = generator.integers(0, 90, (60, 80, 3), dtype=np.uint8)
        pixels[20:44, 30:60] = 240
        made.append(Labelled(pixels, np.array([[30, 20, 60, 44]], np.float32), np.array([number % 2])))
    return made


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_weights(tmp_path):
    def network():
        torch.manual_seed(3)
        return build_yolox("yolox_nano", 2)

    def kill(line):
        raise KeyboardInterrupt

    lines: list[dict] = []
    whole = fit(RECIPE, network(), yolox_parts(64), pictures(), tmp_path / "whole", lines.append)
    with pytest.raises(KeyboardInterrupt):
        fit(RECIPE, network(), yolox_parts(64), pictures(), tmp_path / "killed", kill)
    resumed = fit(RECIPE, network(), yolox_parts(64), pictures(), tmp_path / "killed")
    assert not resumed.training
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    assert [line["epoch"] for line in lines] == [1, 2]
    assert "l1" not in lines[0]
    assert "l1" in lines[1]


@pytest.mark.slow
def test_the_two_stage_network_trains_by_the_same_loop(tmp_path):
    lines: list[dict] = []
    torch.manual_seed(0)
    trained = fit(RECIPE, build_small_faster_rcnn(2), faster_rcnn_parts, pictures(), tmp_path, lines.append)
    assert lines[-1]["loss_classifier"] < lines[0]["loss_classifier"]
    (found,) = trained([torch.rand(3, 48, 64, generator=torch.Generator().manual_seed(0))])
    assert found["boxes"].shape[1] == 4
    assert sum(parameter.numel() for parameter in trained.parameters()) * 2 < 8 << 20


def test_pictures_of_rare_classes_are_drawn_more_often():
    rare = [Labelled(one.pixels, one.boxes, np.array([int(n == 0)])) for n, one in enumerate(pictures(16))]
    assert sorted(drawn(rare, 2, 0.0, random.Random(0))) == list(range(16))
    counts = Counter(i for seed in range(500) for i in drawn(rare, 2, 1.0, random.Random(seed)))
    # sqrt(1 / (1/16)) = 4 against sqrt(1 / (15/16)), by hand.
    often = sum(counts[i] for i in range(1, 16)) / 15
    assert counts[0] / often == pytest.approx(4 / (16 / 15) ** 0.5, rel=0.1)


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_recipes_can_be_read(path):
    recipe = load_detector_recipe(path.stem)
    assert recipe.name == path.stem
    assert recipe.side % 32 == 0
