"""An epoch of training against a loop like torchvision's references: same network, batch, images (CPU time).

The peer decodes, crops, mirrors and normalises every JPEG in every epoch, image by image. Ours keeps the
decoded bytes, changes whole batches at once, and arranges its tensors as the processor likes them.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision.transforms import v2

from benchmarks.measure import Result, cpu_rounds, milliseconds, ratio
from explainer.models.published import construct
from explainer.samples import samples
from explainer.training.data import Dataset, Split
from explainer.training.engine import Silent, Training, Watcher, Wish
from explainer.training.measuring import Measured
from explainer.training.processes import World
from explainer.training.recipe import Augmentation, Recipe
from explainer.training.runs import Keeper, Run

SIDE = 64
IMAGES = 512
CLASSES = 10
ROUNDS = 4
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CASES = {"tiny_vgg": (64, 0.65, 0.40), "resnet18": (32, 0.90, 0.55)}
"""Batch size, and the bars without and with bfloat16."""
WATCHING_BAR = 1.05
FEATURES_BAR = 0.05
LATER = 20
"""Epochs on kept features that are measured together."""


def run() -> Iterator[Result]:
    """Measure with one thread; yields one result after the other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from _results(Path(folder))
    finally:
        torch.set_num_threads(threads)


def _results(folder: Path) -> Iterator[Result]:
    files, data = pictures()
    for network, (batch, plain_bar, short_bar) in CASES.items():
        recipe = Recipe(
            name=network, network=network, dataset="", epochs=10_000, batch_size=batch, optimizer="sgd",
            learning_rate=0.01, weight_decay=1e-4, schedule="constant", mean=MEAN, std=STD,
            augmentation=Augmentation(flip=0.5, crop=0.35),
        )  # fmt: skip
        short = replace(recipe, name=f"{network}_bfloat16", precision="bfloat16")
        watched = Run(folder / f"{network}_watched")
        keeper = Keeper(watched, recipe)
        ours = Training(recipe, data, folder / recipe.name, World())
        ours_short = Training(short, data, folder / short.name, World())
        ours_watched = Training(recipe, data, watched.folder, World())
        with keeper.at_work(ours_watched.saved, ours_watched.steps):
            seconds = cpu_rounds(
                {
                    "references": references(network, batch, files, data.train.labels),
                    "ours": epoch_of(ours, Silent()),
                    "ours, bfloat16": epoch_of(ours_short, Silent()),
                    "ours, watched": epoch_of(ours_watched, keeper),
                },
                ROUNDS,
                1,
            )
        for who, whom, bar, words in (
            ("ours", "references", plain_bar, "an epoch / torchvision references"),
            ("ours, bfloat16", "references", short_bar, "the same in bfloat16"),
            ("ours, watched", "ours", WATCHING_BAR, "log, history and events / without"),
        ):
            found = ratio(seconds, who, whom)
            said = f"{milliseconds(seconds[who])} against {milliseconds(seconds[whom])}, {IMAGES} images"
            yield Result(f"{network} {SIDE} px, {words}", found, bar, said)
    yield frozen(data, folder)
    yield two_processes()


def frozen(data: Dataset, folder: Path) -> Result:
    """Compare the later epochs of a head on kept features with the first, which computes them.

    All of them measure the head on the images held out, the first one also before it learns, and write
    checkpoints as often as a run does.
    """
    recipe = Recipe(
        name="head", network="resnet18", dataset="", epochs=10_000, batch_size=64, optimizer="sgd",
        learning_rate=0.01, weight_decay=0.0, schedule="constant", frozen_stages=-1, validation=0.15,
        mean=MEAN, std=STD,
    )  # fmt: skip
    seconds: dict[str, list[float]] = {"first": [], "later": []}
    for turn in range(ROUNDS):
        laps = Laps(1 + LATER, time.process_time)
        training = Training(recipe, data, folder / f"head{turn}", World())
        begun = time.process_time()
        training.go(laps)
        seconds["first"].append(laps.times[1] - begun)
        seconds["later"].append((laps.times[-1] - laps.times[1]) / LATER)
    said = f"{milliseconds(seconds['later'])} against {milliseconds(seconds['first'])}"
    return Result(
        "resnet18's head, later epochs / the first", ratio(seconds, "later", "first"), FEATURES_BAR, said
    )


class Laps(Silent):
    """Notes when each epoch ended, the network before the first one included; ends the run after some."""

    def __init__(self, epochs: int, clock: Callable[[], float]) -> None:
        self.epochs, self.clock = epochs, clock
        self.times: list[float] = []

    def epoch(self, line: dict[str, Any], measured: Measured | None, network: nn.Module) -> None:
        self.times.append(self.clock())

    def wish(self) -> Wish:
        return "stop" if len(self.times) > self.epochs else "go"


def two_processes() -> Result:
    """State the images per second of two processes of one thread each, to those of one (wall time)."""
    turns = [(rates_of(1), rates_of(2)) for _ in range(2)]
    one, two = (max(rate for turn in turns for rate in turn[place]) for place in (0, 1))
    said = f"{two:.0f} against {one:.0f} images per second (the best epoch), {os.cpu_count()} cores"
    return Result("resnet18, two DDP processes / one, wall time", two / one, None, said)


def rates_of(processes: int) -> list[float]:
    """Return images per second of some epochs, trained by processes of one thread each."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    done = subprocess.run(
        [*command, "-m", "benchmarks.training_pair"],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
    )
    return json.loads(done.stdout.splitlines()[-1])


def pictures() -> tuple[list[bytes], Dataset]:
    """Return JPEGs of 64 pixels, and the same decoded: cut out of the samples, ten classes by place."""
    random = np.random.default_rng(0)
    photos = [one.load().resize((256, 256)) for one in samples()[:8]]
    files = []
    for index in range(IMAGES):
        left, top = (int(at) for at in random.integers(0, 256 - SIDE, 2))
        stream = io.BytesIO()
        photos[index % 8].crop((left, top, left + SIDE, top + SIDE)).save(stream, "JPEG", quality=90)
        files.append(stream.getvalue())
    arrays = np.stack([np.asarray(Image.open(io.BytesIO(file))) for file in files])
    split = Split(torch.from_numpy(arrays).permute(0, 3, 1, 2).contiguous(), torch.arange(IMAGES) % CLASSES)
    nothing = split.part(torch.arange(0))
    return files, Dataset(split, nothing, tuple(map(str, range(CLASSES))), "cut-outs")


class _Files(TorchDataset[tuple[Any, int]]):
    """JPEGs that are decoded when they are asked for, as from a folder that is in memory already."""

    def __init__(self, files: list[bytes], labels: torch.Tensor) -> None:
        self.files, self.labels = files, labels.tolist()
        self.transform = v2.Compose(
            [
                v2.RandomResizedCrop(SIDE, antialias=True),
                v2.RandomHorizontalFlip(0.5),
                v2.PILToTensor(),
                v2.ToDtype(torch.float, scale=True),
                v2.Normalize(MEAN, STD),
                v2.ToPureTensor(),
            ]
        )

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(Image.open(io.BytesIO(self.files[index])).convert("RGB")), self.labels[index]


def references(network: str, batch: int, files: list[bytes], labels: torch.Tensor) -> Callable[[], None]:
    """Return what trains one epoch in the way of torchvision's references, with their default settings."""
    model = construct(network, CLASSES)
    loader = DataLoader(_Files(files, labels), batch, shuffle=True, drop_last=True)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=1e-4)
    criterion = nn.CrossEntropyLoss()

    def epoch() -> None:
        model.train()
        for images, targets in loader:
            output = model(images)
            loss = criterion(output, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()
            output.topk(5)[1].eq(targets[:, None]).sum().item()

    return epoch


class _OneEpoch:
    """Lets a run stop after each epoch; everything else goes to another watcher."""

    def __init__(self, training: Training, watcher: Watcher) -> None:
        self.training, self.watcher = training, watcher
        self.step, self.epoch = watcher.step, watcher.epoch

    def wish(self) -> str:
        self.watcher.wish()
        return "go" if self.training.step % self.training.per_epoch else "stop"


def epoch_of(training: Training, watcher: Watcher) -> Callable[[], None]:
    """Return what trains one more epoch of a run."""
    return lambda: training.go(_OneEpoch(training, watcher))  # type: ignore[arg-type]
