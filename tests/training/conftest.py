"""A data set that is learned in a second, and a watcher that ends a run."""

import pytest
import torch

from explainer.training.data import Dataset, Split
from explainer.training.engine import Silent
from explainer.training.recipe import Augmentation, Recipe


@pytest.fixture(scope="session")
def halves():
    """Noise whose upper half (class 0) or lower half (class 1) is brighter."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(96) % 2
    images = (torch.rand(96, 1, 32, 32, generator=generator) * 80).byte()
    images[labels == 0, :, :16] += 150
    images[labels == 1, :, 16:] += 150
    return Dataset(
        Split(images[:64], labels[:64]), Split(images[64:], labels[64:]), ("upper", "lower"), "halves"
    )


@pytest.fixture(scope="session")
def recipe():
    return Recipe(
        name="halves", network="lenet5", dataset="halves", epochs=3, batch_size=16, optimizer="adamw",
        learning_rate=3e-3, weight_decay=1e-3, average=0.9, augmentation=Augmentation(shift=0.05, flip=0.5),
    )  # fmt: skip


class KilledError(Exception):
    """In place of a process that is killed."""


class Noting(Silent):
    """Notes everything; wants the run to stop, or kills it, before a step."""

    def __init__(self, stop_at=None, kill_at=None):
        self.stop_at, self.kill_at = stop_at, kill_at
        self.steps, self.epochs, self.asked = [], [], 0

    def step(self, line):
        self.steps.append(line)

    def epoch(self, line, measured, network):
        self.epochs.append(line)

    def wish(self):
        self.asked += 1
        if self.asked == self.kill_at:
            raise KilledError
        return "stop" if self.asked == self.stop_at else "go"


@pytest.fixture
def noting():
    return Noting


@pytest.fixture
def killed():
    return KilledError
