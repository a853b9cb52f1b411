"""The preview shows what training will see, says what was done to it, and measures what it changes."""

import copy
import dataclasses
import re

import pytest
import torch
from torch import nn
from torchvision.transforms.v2 import functional as reference

from explainer.errors import ReaderError
from explainer.training import preview as module
from explainer.training.augment import augment
from explainer.training.chance import generator_for
from explainer.training.mixing import mix
from explainer.training.policies import OPERATIONS
from explainer.training.preview import effect, preview
from explainer.training.recipe import Augmentation

CLASSES = ("cat", "dog", "ship")
EVERYTHING = Augmentation(
    flip=0.5, shift=0.1, scale=0.2, rotate=10, brightness=0.3, cutout=0.3, crop=0.3, colour=0.5,
    perspective=0.3, erase=0.5, policy="randaugment",
)  # fmt: skip


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (4, 3, 24, 30), generator=generator, dtype=torch.uint8)


def shown(images, recipe, draws=1, seed=0, **settings):
    return preview(
        images, [0, 1, 2, 1], CLASSES, dataclasses.replace(recipe, **settings), draws=draws, seed=seed
    )


@pytest.mark.parametrize("mixing", [{}, {"mixup": 0.4}, {"cutmix": 1.0}], ids=str)
def test_a_preview_is_what_training_would_see(images, recipe, mixing):
    settings = dataclasses.replace(recipe, augmentation=EVERYTHING, **mixing)
    labels = torch.tensor([0, 1, 2, 1])
    draws = preview(images, labels.tolist(), CLASSES, settings, draws=3, seed=7)
    for number, draw in enumerate(draws):
        generator = generator_for(7, "preview", number)
        seen = augment(images, settings.augmentation, generator)
        seen, targets = mix(seen, labels, 3, settings, generator)
        assert torch.equal(torch.stack([one.image for one in draw]), seen)
        for one, target in zip(draw, targets, strict=True):
            shares = dict(one.shares)
            if mixing:
                assert target.tolist() == pytest.approx([shares.get(name, 0) for name in CLASSES])
            else:
                assert one.shares == ((CLASSES[int(target)], 1.0),)
            assert sum(shares.values()) == pytest.approx(1)
            assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_a_draw_depends_on_its_seed_and_place_alone(images, recipe):
    few = shown(images, recipe, draws=2, augmentation=EVERYTHING)
    many = shown(images, recipe, draws=4, augmentation=EVERYTHING)
    other = shown(images, recipe, draws=2, seed=1, augmentation=EVERYTHING)
    for first, again in zip(few, many, strict=False):
        for one, same in zip(first, again, strict=True):
            assert torch.equal(one.image, same.image)
            assert one.done == same.done
    assert not torch.equal(few[0][0].image, few[1][0].image)
    assert not torch.equal(few[0][0].image, other[0][0].image)


def test_nothing_done_is_nothing_said(images, recipe):
    ((first, *_),) = shown(images, recipe, augmentation=Augmentation())
    assert torch.equal(first.image, images[0] / 255)
    assert first.done == ()
    assert first.shares == (("cat", 1.0),)


def numbers(phrase):
    return [float(found) for found in re.findall(r"-?\d+\.?\d*", phrase)]


def test_what_is_said_of_movements_makes_the_same_image(images, recipe):
    for number in range(6):
        draw = shown(images, recipe, seed=number, augmentation=Augmentation(flip=0.5, shift=0.2))[0]
        for one, image in zip(draw, images / 255, strict=True):
            for phrase in one.done:
                if phrase == "Mirrored":
                    image = image.flip(2)
                else:
                    assert phrase.startswith("Moved by")
                    across, down = map(int, numbers(phrase))
                    image = reference.affine(image, 0.0, [across, down], 1.0, [0.0, 0.0])
            assert torch.equal(one.image, image)


def test_what_is_said_of_rotation_and_zoom_makes_the_same_image(recipe):
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    images = torch.stack([x, y, x + y]).div(126)[None].repeat(4, 1, 1, 1)
    settings = Augmentation(rotate=25, scale=0.2, shift=0.1)
    for one in shown(images, recipe, augmentation=settings)[0]:
        found = {phrase.template.split(" ")[0]: numbers(phrase) for phrase in one.done}
        across, down = found["Moved"]
        # The colours are the places, so that an image is moved, also by parts of a pixel, by other colours.
        moved = images[0] - torch.tensor([across, down, across + down])[:, None, None] / 126
        (scale,), (angle,) = found["Enlarged"], found["Rotated"]
        expected = reference.affine(
            moved, -angle, [0, 0], scale, [0.0, 0.0], reference.InterpolationMode.BILINEAR
        )
        middle = (slice(None), slice(24, 40), slice(24, 40))
        torch.testing.assert_close(one.image[middle], expected[middle], atol=2e-3, rtol=0)


def test_what_is_said_of_colours_and_gaps(images, recipe):
    settings = Augmentation(colour=0.5, brightness=0.3, cutout=0.3, erase=1.0, crop=0.3, perspective=0.3)
    for one in shown(images, recipe, augmentation=settings)[0]:
        words = " | ".join(one.done)
        for start in (
            "Cropped to", "In perspective", "Contrast ×", "Brightness ×", "Saturation ×", "Hues turned",
        ):  # fmt: skip
            assert words.count(start) == 1
        hidden = [phrase for phrase in one.done if phrase.endswith("set to the mean")]
        assert all(side <= 7 for phrase in hidden for side in numbers(phrase))
    flat = torch.full((4, 3, 24, 30), 0.5)
    for one in shown(flat, recipe, augmentation=Augmentation(erase=1.0))[0]:
        (phrase,) = one.done
        tall, wide = numbers(phrase)
        assert int((one.image[0] != 0.5).sum()) == tall * wide


@pytest.mark.parametrize("policy", ["randaugment", "trivialaugment", "augmix"])
def test_policies_are_said(images, recipe, policy):
    draws = shown(images, recipe, draws=40, augmentation=Augmentation(policy=policy))
    said = {phrase.template for draw in draws for one in draw for phrase in one.done}
    assert said >= {words for name, words in module._WORDS.items()}
    assert module._MOVED in said
    if policy == "augmix":
        percents = [numbers(phrase)[-1] for phrase in draws[0][0].done if "image" in phrase]
        assert len(percents) == 4
        assert sum(percents) == pytest.approx(100, abs=2)
    else:
        most = 2 if policy == "randaugment" else 1
        assert max(len(one.done) for draw in draws for one in draw) == most


def test_every_operation_has_words():
    assert {*module._WORDS, "Identity", "TranslateX", "TranslateY"} == set(OPERATIONS)


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
def test_the_partner_is_named_with_its_share(images, recipe, kind):
    labels = [0, 1, 2, 1]
    partners = 0
    for draw in shown(images, recipe, draws=8, augmentation=Augmentation(), **{kind: 1.0}):
        for one, label in zip(draw, labels, strict=True):
            for phrase in one.done:
                partners += 1
                share = phrase.values["amount"] / 100
                if phrase.values["name"] != CLASSES[label]:
                    assert dict(one.shares).get(phrase.values["name"], 0) == pytest.approx(share, abs=0.006)
    assert partners > 8


# --- the effect on a network -----------------------------------------------------------------------------


@pytest.fixture
def model():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(6, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3),
        ).eval()  # fmt: skip


@pytest.mark.parametrize("layer", ["4", "0", "2"])
def test_the_effect_is_what_plain_pytorch_finds(model, images, layer):
    before, after = images[:1] / 255, images[:1].flip(3) / 255 * 0.5
    state = copy.deepcopy(model.state_dict())
    found = effect(model, before, after, layer)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert not any(one._forward_hooks or one._forward_pre_hooks for one in model.modules())
    plain = copy.deepcopy(model)
    plain[2].inplace = False
    assert found.class_index == int(plain(before).argmax())
    for place, image in enumerate((before, after)):
        activation = plain[: int(layer) + 1](image).detach().requires_grad_()
        logits = plain[int(layer) + 1 :](activation)
        (slope,) = torch.autograd.grad(logits[0, found.class_index], activation)
        heat = (slope.mean((2, 3), keepdim=True) * activation).sum(1).relu()[0].detach()
        torch.testing.assert_close(found.activations[place], activation[0].detach())
        torch.testing.assert_close(found.maps[place], heat)
        torch.testing.assert_close(found.probabilities[place], logits[0].detach().softmax(0))
    first, second = found.activations
    for channel, moved in enumerate(found.change.tolist()):
        norm = float(first[channel].square().sum().sqrt())
        assert moved == pytest.approx(float((second - first)[channel].square().sum().sqrt()) / norm, rel=1e-4)
    cosine = float((first * second).sum() / (first.square().sum() * second.square().sum()).sqrt())
    assert found.likeness == pytest.approx(cosine, rel=1e-4)


def test_the_same_image_has_no_effect(model, images):
    found = effect(model, images[:1] / 255, images[:1] / 255, "3")
    assert torch.equal(found.change, torch.zeros(6))
    assert found.likeness == pytest.approx(1)


def test_what_has_no_effect_to_show_is_said(model, images):
    with pytest.raises(ReaderError, match="no layer called 99"):
        effect(model, images[:1] / 255, images[:1] / 255, "99")
    with pytest.raises(ReaderError):
        effect(model, images[:1] / 255, images[:1] / 255, "8")
