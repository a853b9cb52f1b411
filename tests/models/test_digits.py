import numpy as np
import pytest
from PIL import Image, ImageDraw

from explainer.models.digits import BOX, FIELD, centre_digit


def centre_of_mass(image: Image.Image) -> tuple[float, float]:
    pixels = np.asarray(image, dtype=float)
    ys, xs = np.indices(pixels.shape)
    return (xs * pixels).sum() / pixels.sum(), (ys * pixels).sum() / pixels.sum()


@pytest.mark.parametrize("box", [(3, 40, 9, 54), (30, 5, 50, 12), (0, 0, 55, 55), (20, 20, 20, 20)])
def test_digits_are_scaled_and_centred_by_their_mass(box):
    drawn = Image.new("L", (56, 56))
    ImageDraw.Draw(drawn).rectangle(box, fill=255)
    digit = centre_digit(drawn)
    assert digit.size == (FIELD, FIELD)
    left, top, right, bottom = digit.getbbox()
    assert max(right - left, bottom - top) == BOX
    assert centre_of_mass(digit) == pytest.approx((16, 16), abs=0.51)


def test_proportions_are_kept():
    drawn = Image.new("L", (100, 100))
    ImageDraw.Draw(drawn).rectangle((10, 10, 29, 49), fill=255)
    left, top, right, bottom = centre_digit(drawn).getbbox()
    assert (right - left, bottom - top) == (10, 20)


def test_an_uneven_digit_lies_by_its_mass_not_by_its_box():
    drawn = Image.new("L", (40, 40))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 30, 39, 39), fill=255)  # a heavy foot
    pen.rectangle((18, 0, 21, 39), fill=255)
    digit = centre_digit(drawn)
    _, top, _, bottom = digit.getbbox()
    assert centre_of_mass(digit)[1] == pytest.approx(16, abs=0.51)
    assert (top + bottom) / 2 < 14


def test_an_empty_picture_gives_an_empty_field():
    assert centre_digit(Image.new("L", (56, 56))).getbbox() is None
    assert centre_digit(Image.new("RGB", (1, 1))).size == (FIELD, FIELD)


def test_mnist_digits_are_left_as_they_are(data_folder):
    """MNIST's own pictures are the oracle: drawn large and prepared again they come back."""
    images = np.load(data_folder / "mnist_10k.npz")["images"][:300]
    errors = []
    for pixels in images:
        drawn = Image.fromarray(pixels).resize((280, 280), Image.Resampling.NEAREST)
        expected = np.pad(pixels, 2).astype(float)
        errors.append(np.abs(np.asarray(centre_digit(drawn), dtype=float) - expected).mean())
    assert max(errors) < 0.5, "mean difference in grey values of 0..255"
