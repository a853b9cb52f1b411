"""The policies' operations and strengths are torchvision's; every image gets its own."""

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as reference

from explainer.training.policies import (
    OPERATIONS,
    SIGNED,
    Chosen,
    apply_policy,
    choose,
    operate,
    strengths,
)

THEIRS = {"randaugment": v2.RandAugment, "trivialaugment": v2.TrivialAugmentWide, "augmix": v2.AugMix}
LEVELS = {"randaugment": 31, "trivialaugment": 31, "augmix": 10}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def photos(count=6, channels=3, side=32):
    """Smooth pictures of bytes with a little noise, nowhere black; the third is dark."""
    generator = seeded(4)
    coarse = torch.rand(count, channels, 5, 5, generator=generator)
    images = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)
    images = 0.05 + images * 0.85 + 0.1 * torch.rand(images.shape, generator=generator)
    images[2:3] *= 0.4
    return (images * 255).round().byte()


@pytest.mark.parametrize("policy", THEIRS)
def test_strengths_are_torchvisions(policy):
    ours = strengths(policy, 40, 56)
    theirs = THEIRS[policy]._AUGMENTATION_SPACE
    assert ours.keys() == theirs.keys()
    for name, (magnitudes, signed) in theirs.items():
        expected = magnitudes(LEVELS[policy], 40, 56)
        expected = torch.zeros(LEVELS[policy]) if expected is None else expected.float()
        torch.testing.assert_close(ours[name], expected, rtol=1e-6, atol=1e-6)
        assert (name in SIGNED) == signed


@pytest.mark.parametrize("channels", [3, 1])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_torchvisions(name, channels):
    images = photos(channels=channels)
    strength = {
        "ShearX": [0.3, -0.2], "ShearY": [0.3, -0.2], "TranslateX": [7.6, -3.2], "TranslateY": [7.6, -3.2],
        "Rotate": [30, -12], "Posterize": [4, 2], "Solarize": [0.7, 0.2],
    }.get(name, [0.9, -0.6])  # fmt: skip
    strength = torch.tensor(strength).repeat(3).float()
    ours = operate(images / 255, torch.full((6,), OPERATIONS.index(name)), strength)
    tool = v2.RandAugment(interpolation=v2.InterpolationMode.BILINEAR)
    moving = name in OPERATIONS[1:6]
    for image, own, by in zip(ours, images, strength.tolist(), strict=True):
        # In bytes where torchvision counts them, else in floats, which it does not round in between.
        given = own if name in ("Posterize", "Equalize") else own / 255
        theirs = tool._apply_image_or_video_transform(
            given, name, by, v2.InterpolationMode.BILINEAR, {torch.Tensor: None}
        )
        theirs = theirs.float() / 255 if theirs.dtype == torch.uint8 else theirs
        if moving:  # beyond the edge there is black, and here the image's mirror image
            inside = tool._apply_image_or_video_transform(
                torch.ones_like(given), name, by, v2.InterpolationMode.BILINEAR, {torch.Tensor: None}
            )
            assert 0.5 < float((inside == 1).float().mean()) < 1
            image, theirs = image[inside == 1], theirs[inside == 1]
            assert float(ours.min()) > 0, "no black border"
        torch.testing.assert_close(image, theirs, atol=2e-5, rtol=0)


def test_equalising_follows_pillow_to_the_byte():
    images = torch.cat([photos(4), photos(1) // 16, torch.full((1, 3, 32, 32), 77, dtype=torch.uint8)])
    images[4, :, 0, 0] = 255
    ours = operate(images / 255, torch.full((6,), OPERATIONS.index("Equalize")), torch.zeros(6))
    assert torch.equal((ours * 255).round().byte(), reference.equalize(images))


@pytest.mark.parametrize("policy", THEIRS)
def test_every_image_gets_its_own_choice_and_repeats_it(policy):
    images = photos(1).repeat(48, 1, 1, 1) / 255
    first = apply_policy(images, choose(policy, 48, 32, 32, seeded(1)))
    again = apply_policy(images, choose(policy, 48, 32, 32, seeded(1)))
    assert torch.equal(first, again)
    assert 0 <= float(first.min()) <= float(first.max()) <= 1
    assert len({image.numpy().tobytes() for image in first}) > 24


@pytest.mark.parametrize("policy", THEIRS)
def test_an_image_is_changed_as_if_it_were_alone(policy):
    images = photos() / 255
    chosen = choose(policy, 6, 32, 32, seeded(2))
    together = apply_policy(images, chosen)
    for place in range(6):
        own = slice(place, place + 1)
        weights = None if chosen.weights is None else chosen.weights[own]
        alone = apply_policy(images[own], Chosen(chosen.operation[own], chosen.strength[own], weights))
        torch.testing.assert_close(together[own], alone, atol=1e-6, rtol=0)


def test_randaugment_does_two_operations_of_level_nine():
    chosen = choose("randaugment", 7000, 32, 32, seeded())
    assert chosen.operation.shape == (7000, 2)
    assert (chosen.operation.flatten().bincount() - 1000).abs().max() < 150, "each of 14 as often"
    assert not torch.equal(chosen.operation[:, 0], chosen.operation[:, 1])
    rotations = chosen.strength[chosen.operation == OPERATIONS.index("Rotate")]
    assert rotations.abs().unique().tolist() == pytest.approx([9.0])
    assert 0.4 < float((rotations > 0).float().mean()) < 0.6


def test_trivialaugment_does_one_operation_of_any_level():
    chosen = choose("trivialaugment", 7000, 32, 32, seeded())
    assert chosen.operation.shape == (7000, 1)
    rotations = chosen.strength[chosen.operation == OPERATIONS.index("Rotate")]
    assert sorted(rotations.abs().unique().tolist()) == pytest.approx([4.5 * level for level in range(31)])
    bits = chosen.strength[chosen.operation == OPERATIONS.index("Posterize")]
    assert bits.unique().tolist() == [2, 3, 4, 5, 6, 7, 8]


def test_augmix_weighs_three_chains_of_one_to_three_operations():
    chosen = choose("augmix", 4000, 32, 32, seeded())
    torch.testing.assert_close(chosen.weights.sum(1), torch.ones(4000))
    # Beta(1, 1) has mean 1/2 and variance 1/12; a third of the rest is each chain's.
    means = chosen.weights.mean(0).tolist()
    assert means == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6], abs=0.02)
    assert float(chosen.weights[:, 0].var()) == pytest.approx(1 / 12, abs=0.005)
    # Dirichlet(1, 1, 1): variance of a share 2 / (9 * 4).
    shares = chosen.weights[:, 1] / (1 - chosen.weights[:, 0])
    assert float(shares.var()) == pytest.approx(1 / 18, abs=0.005)
    lengths = (chosen.operation.view(4000, 3, 3) > 0).sum(2)
    assert lengths.flatten().bincount().tolist()[1:] == pytest.approx([4000] * 3, abs=250)
    rotations = chosen.strength[chosen.operation == OPERATIONS.index("Rotate")]
    assert sorted(rotations.abs().unique().tolist()) == pytest.approx([0, 30 / 9, 60 / 9], abs=1e-5)


def test_augmix_adds_its_chains():
    images = photos(2) / 255
    number = {name: OPERATIONS.index(name) for name in OPERATIONS}
    operation = torch.zeros(2, 9, dtype=torch.long)
    operation[:, 0], operation[:, 3], operation[:, 4] = (
        number["Brightness"], number["AutoContrast"], number["Solarize"],
    )  # fmt: skip
    strength = torch.zeros(2, 9)
    strength[:, 0], strength[:, 4] = -0.5, 0.5
    weights = torch.tensor([[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
    mixed = apply_policy(images, Chosen(operation, strength, weights))
    for image, own, (kept, first, second, third) in zip(mixed, images, weights.tolist(), strict=True):
        chain = reference.solarize(reference.autocontrast(own), 0.5)
        expected = kept * own + first * own / 2 + second * chain + third * own
        torch.testing.assert_close(image, expected, atol=1e-6, rtol=0)


def test_no_policy_draws_nothing():
    generator = seeded()
    assert choose("none", 5, 32, 32, generator) is None
    assert torch.equal(generator.get_state(), seeded().get_state())
