"""Frames of augmentation, against the preview's own tensors and against PyTorch."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explainer.render.augmented import effect_frame, grid_frame, picture_of
from explainer.render.augmented_code import augmented_code
from explainer.render.wire import pack, unpack
from explainer.training.preview import effect, preview
from explainer.training.recipe import Augmentation, Recipe

CLASSES = ("cat", "dog", "ship")
LABELS = (0, 1, 2, 1)
RECIPE = Recipe(
    name="preview", network="tiny_vgg", dataset="starter", epochs=1, batch_size=4, optimizer="adamw",
    learning_rate=0.001, weight_decay=0.0,
    augmentation=Augmentation(flip=0.5, rotate=20, colour=0.5, policy="augmix"),
)  # fmt: skip


def drawn(channels=3, **settings):
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (4, channels, 20, 28), generator=generator, dtype=torch.uint8)
    draws = preview(images, LABELS, CLASSES, dataclasses.replace(RECIPE, **settings), 5, 3)
    frame = grid_frame(images, LABELS, CLASSES, draws, lambda text: f"<{text}>")
    return images, draws, unpack(pack(frame))


@pytest.mark.parametrize(
    "mixing", [{}, {"mixup": 0.4}, {"cutmix": 1.0}, {"mixup": 1.0, "cutmix": 1.0}], ids=str
)
def test_shares_sum_to_one_and_belong_to_their_classes(mixing):
    _, draws, frame = drawn(**mixing)
    for row, label in enumerate(LABELS):
        assert frame["rows"][row]["label"] == label
        for number, one in enumerate(frame["rows"][row]["draws"]):
            assert sum(one["shares"]) == pytest.approx(1, abs=1e-6)
            shares = {
                CLASSES[place]: share for place, share in zip(one["classes"], one["shares"], strict=True)
            }
            assert shares == pytest.approx(dict(draws[number][row].shares))
            assert mixing or one["shares"] == [1.0]
            assert all(word.startswith("<") for word in one["done"])
            assert len(one["done"]) == len(draws[number][row].done)


@pytest.mark.parametrize("channels", [1, 3])
def test_every_picture_stands_in_its_place(channels):
    images, draws, frame = drawn(channels, mixup=0.4)
    for row in range(4):
        original = images[row].expand(3, -1, -1).permute(1, 2, 0).numpy()
        assert (picture_of(frame, row, -1) == original).all()
        for number, draw in enumerate(draws):
            exact = draw[row].image.expand(3, -1, -1).permute(1, 2, 0).numpy() * 255
            assert np.abs(picture_of(frame, row, number) - exact).max() <= 0.501


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.head = nn.Linear(6, 3)

    def forward(self, images):
        return self.head(F.relu(self.conv(images)).mean((2, 3)))


def test_channels_come_by_how_far_they_moved():
    torch.manual_seed(0)
    model = Small().eval()
    before, after = torch.rand(1, 3, 12, 12), torch.rand(1, 3, 12, 12)
    pictures = [np.zeros((12, 12, 3), np.uint8)] * 2
    frame = unpack(pack(effect_frame(effect(model, before, after, "conv"), CLASSES, pictures)))
    with torch.no_grad():
        one, two = model.conv(before)[0], model.conv(after)[0]
        answers = torch.stack([model(before)[0].softmax(0), model(after)[0].softmax(0)])
    moved = (two - one).flatten(1).norm(dim=1) / one.flatten(1).norm(dim=1)
    order = moved.argsort(descending=True)
    assert frame["channels"].tolist() == order.tolist()
    assert frame["change"] == pytest.approx(moved[order].numpy(), rel=1e-5)
    for sent, exact in zip(frame["activations"], (one, two), strict=True):
        assert sent.reshape(6, 10, 10) == pytest.approx(exact[order].numpy(), abs=1e-6)
    assert frame["class"] == CLASSES[int(answers[0].argmax())]
    for row in frame["answers"]:
        assert row["values"] == pytest.approx(answers[:, CLASSES.index(row["name"])].tolist(), abs=1e-6)
    assert frame["likeness"] == pytest.approx(float(F.cosine_similarity(one.flatten(), two.flatten(), dim=0)))


def test_a_silent_channel_that_wakes_up_comes_first():
    torch.manual_seed(0)
    model = Small().eval()
    with torch.no_grad():
        model.conv.weight[4] = 0
        model.conv.bias[4] = 0
        model.conv.weight[4, 0, 1, 1] = 1
    before, after = torch.rand(1, 3, 12, 12), torch.rand(1, 3, 12, 12)
    before[:, 0] = 0
    frame = effect_frame(effect(model, before, after, "conv"), CLASSES, [np.zeros((12, 12, 3), np.uint8)] * 2)
    assert frame["channels"][0] == 4
    assert frame["change"][0] == torch.inf
    assert np.isinf(unpack(pack(frame))["change"][0])


def test_the_code_makes_the_first_draw_again(capsys):
    from explainer.training.data import load_dataset

    recipe = dataclasses.replace(RECIPE, cutmix=1.0)
    indices = [3, 400, 999]
    found = {}
    exec(compile(augmented_code(recipe, indices, seed=5), "panel", "exec"), found)
    data = load_dataset("starter")
    part = data.train.part(torch.tensor(indices))
    shown = preview(part.images, part.labels.tolist(), data.classes, recipe, 1, 5)[0]
    assert torch.equal(found["images"], torch.stack([one.image for one in shown]))
    for row, one in zip(found["labels"], shown, strict=True):
        assert {data.classes[int(at)]: float(row[at]) for at in row.nonzero()[:, 0]} == pytest.approx(
            dict(one.shares)
        )
    assert "torch.Size([3, 3, 64, 64])" in capsys.readouterr().out
