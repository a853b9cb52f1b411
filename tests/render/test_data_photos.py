"""Images of a data set in true colours."""

import pytest
import torch

from explainer.render.photo import rgb


@pytest.mark.parametrize("channels", [1, 3])
def test_every_pixel_has_its_three_colours(channels):
    image = torch.arange(channels * 2 * 5, dtype=torch.uint8).reshape(channels, 2, 5)
    found = rgb(image)
    assert found.shape == (2, 5, 3)
    assert found.flags["C_CONTIGUOUS"]
    for row in range(2):
        for column in range(5):
            wanted = [int(image[colour % channels, row, column]) for colour in range(3)]
            assert found[row, column].tolist() == wanted
