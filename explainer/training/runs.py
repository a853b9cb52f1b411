"""A run on disk: what it follows, how far it is, what it has learned, and what is wished of it.

The process that trains writes the folder, any other may read it at any time: each file is replaced as a
whole, and the log only grows. Who wants the run to pause or to stop leaves a word in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

from filelock import FileLock, Timeout
from torch import nn

from explainer.errors import ReaderError
from explainer.training.checkpoint import save_text
from explainer.training.engine import Wish
from explainer.training.history import History
from explainer.training.measuring import Measured
from explainer.training.recipe import RECIPE_FILE, Recipe, dump_recipe, load_recipe

State = Literal["new", "running", "paused", "stopped", "finished", "failed", "interrupted"]
LOG, STATUS, WISH, LOCK, OUTPUT, BEGUN, OWNER = (
    "log.jsonl", "status.json", "wish", "lock", "output.txt", "begun", "owner",
)  # fmt: skip
_WORST = 24
"""Mistakes whose images are noted."""
_TOLD_EVERY = 0.5
"""Seconds between two notes of how far a run is."""


_LONGEST_START = 60.0
"""Seconds that a process may take before it says that it trains."""
_PATIENCE = 2.0
"""Seconds to wait for the lock: who only asks whether a run is alive holds it for a moment, too."""


@dataclass(frozen=True)
class Status:
    """How far a run is."""

    state: State
    step: int = 0
    steps: int = 0
    epoch: int = 0
    epochs: int = 0
    time: float = 0.0
    """When this was written, in seconds since 1970."""
    problem: str = ""
    """Why it failed: a sentence with ``{name}`` fields, the key of its translation."""
    values: dict[str, Any] = field(default_factory=dict)
    """What the fields stand for."""


@dataclass(frozen=True)
class Run:
    """A run in a folder, whoever trains it."""

    folder: Path

    @classmethod
    def new(cls, recipe: Recipe, runs: Path, owner: str = "") -> Run:
        """Make the folder of a run that has not begun.

        Args:
            recipe: what it follows; its name becomes the folder's.
            runs: the folder of all runs.
            owner: who alone may steer it; anybody where it is not said.

        Raises:
            ReaderError: there is a run of this name.
        """
        folder = runs / recipe.name
        try:
            folder.mkdir(parents=True)
        except FileExistsError as error:
            raise ReaderError("There is a run called {name} already.", name=recipe.name) from error
        if owner:  # before the recipe, which makes the folder a run that others see
            save_text(folder / OWNER, owner)
        save_text(folder / RECIPE_FILE, dump_recipe(recipe))
        return cls(folder)

    @property
    def owner(self) -> str:
        """Who alone may steer it; empty for anybody."""
        try:
            return (self.folder / OWNER).read_text("utf-8")
        except OSError:
            return ""

    @property
    def name(self) -> str:
        """The recipe's, and the folder's."""
        return self.folder.name

    @property
    def recipe(self) -> Recipe:
        """What it follows."""
        return load_recipe(self.folder / RECIPE_FILE)

    @property
    def weights(self) -> Path:
        """Where the result is, once it is finished or stopped."""
        return self.folder / f"{self.name}.safetensors"

    @property
    def history(self) -> History:
        """The network after each epoch."""
        return History(self.folder / "history")

    def status(self) -> Status:
        """Return how far it is. A run whose process was killed is ``interrupted`` and can go on."""
        try:
            said = Status(**json.loads((self.folder / STATUS).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            said = Status("new")
        if said.state in {"running", "paused"} and not self.alive():
            return Status(**asdict(said) | {"state": "interrupted"})
        return said

    def alive(self) -> bool:
        """Whether a process trains it now."""
        try:
            with FileLock(self.folder / LOCK, timeout=0):
                return False
        except Timeout:
            return True

    def starting(self) -> bool:
        """Whether a process was started a moment ago and has not come so far as to train."""
        try:
            begun = float((self.folder / BEGUN).read_text("utf-8"))
        except (OSError, ValueError):
            return False
        waited = time.time() - begun
        return waited < _LONGEST_START and self.status().time < begun and not self.alive()

    def lines(self, after: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Return what the log says behind ``after`` bytes, and how many bytes were read in all."""
        try:
            with (self.folder / LOG).open("rb") as file:
                file.seek(after)
                text = file.read()
        except OSError:
            return [], after
        whole = text[: text.rfind(b"\n") + 1]  # the last line may be half written
        return [json.loads(line) for line in whole.splitlines()], after + len(whole)

    def wish(self, wish: Wish) -> None:
        """Ask the process that trains it to go on, to pause or to stop."""
        save_text(self.folder / WISH, wish)

    def start(self, threads: int | None = None) -> None:
        """Train it in a process of its own, from its last checkpoint if it has one.

        The process outlives this one. ``torchrun`` may be used instead, by hand.

        Raises:
            ReaderError: a process trains it already.
        """
        if self.alive():
            raise ReaderError("The run {name} is being trained already.", name=self.name)
        self.wish("go")
        save_text(self.folder / BEGUN, str(time.time()))
        command = [sys.executable, "-m", "explainer.training", str(self.folder / RECIPE_FILE)]
        command += ["--runs", str(self.folder.parent), "--out", str(self.folder)]
        if threads:
            command += ["--threads", str(threads)]
        with (self.folder / OUTPUT).open("ab") as output:
            subprocess.Popen(
                command,
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )


def runs_in(folder: Path) -> tuple[Run, ...]:
    """Return all runs of a folder, the newest first."""
    found = [path.parent for path in folder.glob(f"*/{RECIPE_FILE}")]
    return tuple(Run(path) for path in sorted(found, key=lambda path: -path.stat().st_mtime))


class Keeper:
    """Writes down what a run does: the watcher of the process that trains it."""

    def __init__(self, run: Run, recipe: Recipe) -> None:
        self.run = run
        self.recipe = recipe
        self._log = run.folder / LOG
        self._told = 0.0
        self._status = Status("new", epochs=recipe.epochs)

    @contextmanager
    def at_work(self, saved: int, steps: int) -> Iterator[None]:
        """Keep others from training the same run, and forget what was noted after its last checkpoint.

        Args:
            saved: step of that checkpoint, -1 without one.
            steps: of the whole run.

        Raises:
            ReaderError: another process trains it.
        """
        try:
            lock = FileLock(self.run.folder / LOCK, timeout=_PATIENCE)
            lock.acquire()
        except Timeout as error:
            raise ReaderError("The run {name} is being trained already.", name=self.run.name) from error
        try:
            lines, _ = self.run.lines()
            kept = [line for line in lines if line["step"] <= saved]
            save_text(self._log, "".join(json.dumps(line) + "\n" for line in kept))
            self._events.forget(saved)
            step = max(0, saved)
            self.tell("running", step=step, steps=steps, epoch=self.recipe.epochs * step // steps)
            yield
        finally:
            self._events.close()
            lock.release()

    def tell(self, state: State, **changes: Any) -> None:
        """Write how far the run is; whoever wished it to end has been heard then."""
        if state in {"stopped", "finished"}:
            self.run.wish("go")
        self._status = Status(
            **asdict(self._status)
            | {"state": state, "time": time.time(), "problem": "", "values": {}}
            | changes
        )
        save_text(self.run.folder / STATUS, json.dumps(asdict(self._status)))

    def failed(self, error: ReaderError) -> None:
        """Write why it ended."""
        values = {
            name: value if isinstance(value, int | float) else str(value)
            for name, value in error.values.items()
        }
        self.tell("failed", problem=error.template, values=values)

    def step(self, line: dict[str, Any]) -> None:
        """Take what a step came to."""
        self._append({"kind": "step"} | line)
        self._events.step(line)
        if time.monotonic() - self._told > _TOLD_EVERY:
            self._told = time.monotonic()
            self.tell("running", step=line["step"], epoch=int(line["epoch"]))

    def epoch(self, line: dict[str, Any], measured: Measured | None, network: nn.Module) -> None:
        """Take what an epoch came to, and keep the network as it is now."""
        if measured is not None:
            worst = measured.worst(_WORST)
            line = line | {
                "confusion": measured.confusion.tolist(),
                "worst": [
                    {
                        "image": int(at),
                        "probabilities": [round(float(p), 4) for p in measured.probabilities[at]],
                    }
                    for at in worst
                ],
            }
        self.run.history.add(line["epoch"], network.state_dict())
        self._append({"kind": "epoch"} | line)
        self._events.epoch(line)
        self.tell("running", step=line["step"], epoch=line["epoch"])

    def wish(self) -> Wish:
        """Return what is wished of the run."""
        try:
            said = (self.run.folder / WISH).read_text("utf-8")
        except OSError:
            return "go"
        wish = cast(Wish, said if said in {"go", "pause", "stop"} else "go")
        if (wish == "pause") != (self._status.state == "paused"):
            self.tell("paused" if wish == "pause" else "running")
        return wish

    def _append(self, line: dict[str, Any]) -> None:
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    @cached_property
    def _events(self) -> _Events:
        return _Events(self.run.folder / "events")


class _Events:
    """The same for TensorBoard."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writer: Any = None

    def forget(self, step: int) -> None:
        """Begin behind a step; what an earlier process wrote beyond it is shown no more."""
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter(
            str(self.folder), purge_step=step + 1 if step >= 0 else None, write_to_disk=True
        )

    def step(self, line: dict[str, Any]) -> None:
        for name in ("loss", "rate", "images_per_second"):
            self._writer.add_scalar(f"step/{name}", line[name], line["step"])

    def epoch(self, line: dict[str, Any]) -> None:
        for split in ("train", "validation"):
            for name, value in line.get(split, {}).items():
                self._writer.add_scalar(f"{split}/{name}", value, line["step"])
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
