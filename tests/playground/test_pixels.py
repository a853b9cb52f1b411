"""Pixels: grey as Pillow makes it, codes, arrays, what a network is fed."""

import numpy as np
import pytest
import torch
from PIL import Image

from explainer.playground.pixels import (
    IMAGENET,
    LONGEST,
    LUMA,
    SIGNED,
    array,
    batch,
    bits_of,
    codes,
    fitted,
    grey,
    normalised,
    own_scale,
    restored,
)
from explainer.samples import sample


@pytest.fixture(scope="module")
def coffee():
    return array(fitted(sample("coffee").load()))


def test_one_value_in_three_arrays(coffee):
    x = batch(coffee)
    assert coffee.shape == (400, 600, 3)
    assert x.shape == (1, 3, 400, 600)
    picture = sample("coffee").load()
    assert tuple(coffee[12, 30].tolist()) == picture.getpixel((30, 12))
    assert x[0, 1, 12, 30] == coffee[12, 30, 1].float() / 255
    assert torch.equal(x[0].permute(1, 2, 0), coffee / 255)


def test_grey_is_pillow_s(coffee):
    noise = torch.randint(0, 256, (64, 64, 3), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    for pixels in (coffee, noise):
        expected = np.array(Image.fromarray(pixels.numpy()).convert("L"))
        assert np.array_equal(grey(pixels).numpy(), expected)
    exact = (noise.double() * torch.tensor(LUMA, dtype=torch.double)).sum(-1)
    assert (grey(noise) - exact).abs().max() < 0.51


def test_the_code_is_the_first_bits():
    levels = torch.arange(256).to(torch.uint8)
    for bits in range(1, 9):
        found = codes(levels, bits)
        assert found.tolist() == [level * 2**bits // 256 for level in range(256)]
        assert [f"{code:0{bits}b}" for code in found.tolist()] == [
            f"{level:08b}"[:bits] for level in range(256)
        ]
        shown = restored(found, bits)
        assert shown.tolist() == [int(255 * code / (2**bits - 1) + 0.5) for code in found.tolist()]
        assert (shown[0], shown[-1]) == (0, 255)
        assert len(set(shown.tolist())) == 2**bits
    assert torch.equal(restored(codes(levels, 8), 8), levels)
    with pytest.raises(ValueError, match="9 bits"):
        codes(levels, 9)


def test_normalised_values(coffee):
    x = batch(coffee)
    found = normalised(x, IMAGENET)
    assert found[0, 2, 5, 7].item() == pytest.approx((coffee[5, 7, 2].item() / 255 - 0.406) / 0.225, rel=1e-5)
    signed = normalised(x, SIGNED)
    assert signed.min() >= -1
    assert signed.max() <= 1
    own = normalised(x, own_scale(coffee))
    torch.testing.assert_close(own.mean((0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(own.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-4, rtol=0)


def test_a_picture_of_one_colour_has_a_scale():
    found = normalised(
        batch(torch.full((3, 3, 3), 9, dtype=torch.uint8)), own_scale(torch.full((3, 3, 3), 9))
    )
    assert found.isfinite().all()


def test_large_and_grey_pictures_are_made_to_fit():
    assert max(fitted(Image.new("RGB", (4000, 30))).size) == LONGEST
    assert fitted(Image.new("L", (20, 10), 7)).getpixel((3, 3)) == (7, 7, 7)
    assert array(fitted(Image.new("RGB", (1, 1)))).shape == (1, 1, 3)


def test_bits():
    assert bits_of(400, 600, 3) == 720_000
    assert bits_of(400, 600, 8, channels=3) // 8 == 720_000
