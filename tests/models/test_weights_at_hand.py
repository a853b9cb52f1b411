"""Which published weights open without the internet, by the files that are there."""

import pytest

from explainer.models.at_hand import knows_imagenet, weights_at_hand
from explainer.models.entries import find
from explainer.models.published import torchvision_weights


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CONVSCOPE_DATA", raising=False)


def downloaded(tmp_path, key):
    file = torchvision_weights(key).url.rsplit("/", 1)[-1]
    path = tmp_path / "home" / "hub" / "checkpoints" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_what_comes_with_the_project_is_always_there():
    assert weights_at_hand(find("tiny_vgg")) == "default"


def test_torchvision_only_once_it_has_been_downloaded(tmp_path):
    assert weights_at_hand(find("resnet18")) is None
    assert knows_imagenet() is None
    downloaded(tmp_path, "resnet50")
    downloaded(tmp_path, "resnet18")
    assert weights_at_hand(find("resnet18")) == "default"
    assert knows_imagenet() == find("resnet18")  # the smaller


def test_timm_is_not_asked():
    assert weights_at_hand(find("timm:repvgg_a0")) is None


def test_weights_beside_the_data(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_DATA", str(tmp_path))
    assert knows_imagenet() is None
    path = tmp_path / "weights" / "squeezenet1_1_fp16.pth"
    path.parent.mkdir()
    path.touch()
    assert weights_at_hand(find("squeezenet1_1")) == str(path)
    assert weights_at_hand(find("resnet18")) is None
    assert knows_imagenet() == find("squeezenet1_1")
