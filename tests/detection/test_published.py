"""Published weights as a start for training."""

import copy

import torch
from torch import nn

from explainer.detection.published import with_statistics
from explainer.detection.yolox import build_yolox


def test_true_statistics_leave_the_function_as_it_was():
    torch.manual_seed(0)
    model = build_yolox("yolox_nano", 2).eval()
    for one in model.modules():
        if isinstance(one, nn.BatchNorm2d):
            nn.init.uniform_(one.weight, 0.5, 1.5)
            nn.init.uniform_(one.bias, -0.2, 0.2)
    images = torch.rand(4, 3, 64, 64) * 255
    measured = with_statistics(copy.deepcopy(model), images)
    with torch.no_grad():
        torch.testing.assert_close(measured(images), model(images), rtol=1e-3, atol=1e-3)
        # In training mode the batch's own statistics are used: now they are the stored ones.
        before, after = (
            one.train()(images) - model.eval()(images) for one in (copy.deepcopy(model), measured)
        )
    assert after.abs().mean() < 0.2 * before.abs().mean()
    assert not any(one._forward_pre_hooks for one in measured.modules())
