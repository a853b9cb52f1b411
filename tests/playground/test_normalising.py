"""Batch norm: statistics by hand, spreads by layer; dropout: the masks that PyTorch draws."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explainer.models import load_model
from explainer.playground.crops import batch
from explainer.playground.dropping import dropped, masks, usual_maps
from explainer.playground.normalising import follow, spreads


def test_running_statistics_follow_the_formula():
    found = follow(5, 6, size=4, momentum=0.2, seed=3)
    mean, variance = 0.0, 1.0
    conv, trained = load_model("resnet20").model.conv1, load_model("resnet20").model.bn1
    for number in range(6):
        with torch.no_grad():
            x = conv(batch(4, 3, number)[0]).double()
        own = x[:, 5]
        mean = 0.8 * mean + 0.2 * float(own.mean())
        variance = 0.8 * variance + 0.2 * float(own.var(correction=1))
        assert found.running_means[number + 1] == pytest.approx(mean, abs=1e-5)
        assert found.running_variances[number + 1] == pytest.approx(variance, rel=1e-4)
        value = float(x[0, 5, 16, 16])
        gamma, beta = float(trained.weight[5]), float(trained.bias[5])
        assert found.values[number] == pytest.approx(value, abs=1e-6)
        in_training = (
            gamma * (value - float(own.mean())) / (float(own.var(correction=0)) + 1e-5) ** 0.5 + beta
        )
        assert found.in_training[number] == pytest.approx(in_training, abs=1e-4)
        assert found.in_evaluation[number] == pytest.approx(
            gamma * (value - mean) / (variance + 1e-5) ** 0.5 + beta, abs=1e-4
        )
    assert (found.running_means[0], found.running_variances[0]) == (0.0, 1.0)


def test_following_leaves_the_network_alone():
    before = {k: v.clone() for k, v in load_model("resnet20").model.state_dict().items()}
    follow(0, 3)
    assert all(v.equal(before[k]) for k, v in load_model("resnet20").model.state_dict().items())


def test_batch_norm_keeps_every_layer_at_unit_spread():
    for one in spreads("small", True):
        assert one.deviation == pytest.approx(1, abs=0.02)
        assert one.mean == pytest.approx(0, abs=1e-4)
        assert sum(one.density) == pytest.approx(1, abs=1e-5)


def test_without_it_glorots_initialisation_loses_half_the_power_in_every_layer():
    found = spreads("glorot", False)
    assert len(found) == 19
    per_layer = (found[-1].deviation / found[0].deviation) ** (1 / 18)
    assert per_layer == pytest.approx(0.5**0.5, abs=0.1)
    assert spreads("small", False)[-1].deviation < 1e-15


@pytest.mark.parametrize("channels", [False, True])
def test_masks_are_those_that_pytorch_draws(channels):
    x = usual_maps()
    drawn = masks(tuple(x.shape), 0.3, 3, seed=11, channels=channels)
    layer = nn.Dropout2d(0.3) if channels else nn.Dropout(0.3)
    with torch.random.fork_rng():
        torch.manual_seed(11)
        for mask in drawn:
            assert layer(x[None])[0].equal(dropped(x, mask, 0.3))


def test_whole_maps_fall_together_and_numbers_alone():
    whole = masks((5, 4, 4), 0.5, 50, channels=True)
    assert (whole.flatten(2).amin(2) == whole.flatten(2).amax(2)).all()
    single = masks((5, 4, 4), 0.5, 50)
    assert not (single.flatten(2).amin(2) == single.flatten(2).amax(2)).all()


def test_the_mean_of_many_draws_is_the_input():
    x = usual_maps()
    drawn = masks(tuple(x.shape), 0.5, 4000, seed=1).float()
    assert torch.allclose((drawn.mean(0) / 0.5) * x, x, atol=0.12 * float(x.max()))
    assert F.dropout(x, 0.5, training=False).equal(x)


@pytest.mark.parametrize("p", [-0.1, 1.0, 2])
def test_impossible_probabilities_are_refused(p):
    with pytest.raises(ValueError, match="p is"):
        masks((1, 2, 2), p, 1)
