"""The model cards tell the truth: accuracies measured again, through the door that readers use."""

import pytest
import torch
from PIL import Image

from explainer.models import load_model
from explainer.training.data import load_dataset

REACHED = {"tiny_vgg": 0.78, "lenet5": 0.985, "resnet20": 0.88}
"""The least that the card of each network has to state."""


def accuracy(name, split):
    """Top-1 of pictures that go the way of an upload: image, preprocessing, network."""
    loaded = load_model(name)
    mode = "L" if split.images.shape[1] == 1 else "RGB"
    right = 0
    with torch.no_grad():
        for pixels, label in zip(split.images, split.labels, strict=True):
            array = pixels.squeeze(0).numpy() if mode == "L" else pixels.permute(1, 2, 0).numpy()
            images = loaded.preprocessing.apply(Image.fromarray(array))
            right += int(loaded.model(images).argmax()) == int(label)
    return right / len(split)


@pytest.mark.parametrize("name", REACHED)
def test_a_card_states_what_was_aimed_at(name):
    assert load_model(name).card["accuracy"]["test"]["top1"] >= REACHED[name]


@pytest.mark.parametrize(("name", "dataset"), [("tiny_vgg", "tiny_imagenet_10"), ("lenet5", "mnist_10k")])
def test_the_stated_accuracy_is_measured_again(name, dataset, data_folder):
    stated = load_model(name).card["accuracy"]["test"]
    split = load_dataset(dataset, data_folder).test
    assert len(split) == stated["count"]
    # One picture may fall to the other side where another machine rounds otherwise.
    assert accuracy(name, split) == pytest.approx(stated["top1"], abs=1.5 / len(split))


@pytest.mark.slow
def test_resnet20_reaches_its_accuracy_on_every_tenth_test_image(data_folder):
    split = load_dataset("cifar10", data_folder).test
    part = type(split)(split.images[::10], split.labels[::10])
    stated = load_model("resnet20").card["accuracy"]["test"]["top1"]
    spread = (stated * (1 - stated) / len(part)) ** 0.5
    assert accuracy("resnet20", part) == pytest.approx(stated, abs=3 * spread)
