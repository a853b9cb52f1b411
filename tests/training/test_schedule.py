"""Schedules against PyTorch's own."""

import dataclasses

import pytest
import torch
from torch.optim import lr_scheduler as theirs

from explainer.training.schedule import rate_factor

STEPS = 40


def rates_of(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(optimizer)
    found = []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


WARM = 8
CASES = {
    "one_cycle": lambda o: theirs.OneCycleLR(o, 1.0, total_steps=STEPS, pct_start=0.2, cycle_momentum=False),
    "constant": lambda o: theirs.LambdaLR(o, lambda step: min(1.0, (step + 1) / WARM)),
    "step": lambda o: theirs.SequentialLR(
        o,
        [theirs.LambdaLR(o, lambda step: (step + 1) / WARM), theirs.MultiStepLR(o, [20 - WARM, 30 - WARM])],
        [WARM],
    ),
    "cosine": lambda o: theirs.SequentialLR(
        o,
        [
            theirs.LambdaLR(o, lambda step: (step + 1) / WARM),
            theirs.CosineAnnealingLR(o, STEPS - WARM),
        ],
        [WARM],
    ),
}


@pytest.mark.parametrize("schedule", CASES)
def test_a_schedule_is_that_of_pytorch(recipe, schedule):
    recipe = dataclasses.replace(recipe, schedule=schedule, warmup=0.2)
    found = [rate_factor(recipe, step, STEPS) for step in range(STEPS)]
    assert found == pytest.approx(rates_of(CASES[schedule]), abs=1e-9)


@pytest.mark.parametrize("schedule", CASES)
@pytest.mark.parametrize("warmup", [0.0, 0.01, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_short_runs_have_rates_too(recipe, schedule, warmup, steps):
    recipe = dataclasses.replace(recipe, schedule=schedule, warmup=warmup)
    assert all(0 <= rate_factor(recipe, step, steps) <= 1 for step in range(steps))
