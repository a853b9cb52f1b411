"""A run that was never trained, in a folder: weights of some epochs, a log, and that it is finished."""

import json
from pathlib import Path

import torch

from explainer.models.networks import build
from explainer.training.recipe import Recipe
from explainer.training.runs import LOG, STATUS, Run


def filmed_run(runs: Path, name: str = "film", epochs: tuple[int, ...] = (0, 1, 2, 4)) -> Run:
    """Make the folder of the run; its network is tiny_vgg, its images those of the starter set."""
    run = Run.new(Recipe(name, "tiny_vgg", "starter", 4, 32, "sgd", 0.1, 0.0, validation=0.15), runs)
    lines = []
    for epoch in epochs:
        add_epoch(run, epoch)
        lines.append(
            {
                "kind": "epoch",
                "epoch": epoch,
                "step": epoch,
                "train": {"loss": 2.0 - 0.3 * epoch, "accuracy": 0.1 + 0.2 * epoch},
                "validation": {"loss": 2.2 - 0.3 * epoch, "accuracy": 0.1 + 0.15 * epoch},
            }
        )
    (run.folder / LOG).write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run.folder / STATUS).write_text(json.dumps({"state": "finished"}))
    return run


def add_epoch(run: Run, epoch: int) -> None:
    """Keep weights of one more epoch, random ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(epoch)
        run.history.add(epoch, build("tiny_vgg").state_dict())
