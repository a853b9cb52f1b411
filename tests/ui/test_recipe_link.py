"""A recipe as a link says it: read once, checked, and written as it is read."""

import pytest

from explainer.ui.training.recipe_link import USUAL, read, usual, written


def test_a_link_is_read_once_however_often_a_page_asks():
    text = "epochs:5,flip:0.5,optimizer:sgd"
    assert read(text) is read(text)
    with pytest.raises(TypeError):
        read(text)["epochs"] = 6  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", {}),
        ("epochs:5,channels_last:0,flip:0.5", {"epochs": 5, "channels_last": False, "flip": 0.5}),
        ("mean:0.5/0.4/0.3,std:0.2", {"mean": (0.5, 0.4, 0.3), "std": (0.2,)}),
        ("dataset:own:0123456789abcdef0123", {"dataset": "own:0123456789abcdef0123"}),
    ],
)
def test_what_is_written_is_read_back(text, settings):
    assert dict(read(text)) == settings
    assert written(settings) == text


@pytest.mark.parametrize(
    "text",
    [
        "epochs:0",
        "epochs:5.5",
        "epochs",
        "flip:7",
        "flip:nan",
        "optimizer:lion",
        "mean:0.5/0.4",
        "mean:",
        "std:0",
        "std:0.2/-0.1/0.2",
        "network:../x",
        "teacher:tiny_vgg=/etc/passwd",
        "augmentation:flip",
        "name:other",
    ],
)
def test_what_makes_no_sense_is_left_out_and_the_rest_is_kept(text):
    assert dict(read(f"{text},batch_size:16")) == {"batch_size": 16}


def test_what_is_usual_is_not_written():
    assert written({"epochs": USUAL.epochs, "flip": usual("flip"), "batch_size": 64}) == "batch_size:64"
