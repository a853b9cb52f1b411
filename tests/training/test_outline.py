"""A network in outline: which images it takes, without computing anything."""

import pytest
import torch

from explainer.errors import ReaderError
from explainer.models.published import construct
from explainer.training.outline import fits, outline


@pytest.mark.parametrize(
    ("network", "side", "taken"),
    [
        ("tiny_vgg", 64, True),
        ("tiny_vgg", 32, False),
        ("resnet20", 32, True),
        ("resnet20", 64, True),
        ("squeezenet1_1", 16, False),
        ("squeezenet1_1", 64, True),
        ("alexnet", 32, False),
        ("vit_b_16", 64, False),
        ("timm:repvgg_a0", 32, True),
    ],
)
def test_a_network_takes_the_sides_at_which_it_really_runs(network, side, taken):
    assert fits(network, 3, (3, side, side)) is taken
    if network == "vit_b_16":  # slow to build with its weights
        return
    try:
        construct(network, 3)(torch.zeros(2, 3, side, side))
    except (RuntimeError, ValueError, AssertionError):
        assert not taken
    else:
        assert taken


def test_a_network_that_is_none_is_refused():
    with pytest.raises(ReaderError, match="no network called nothing"):
        outline("nothing")
