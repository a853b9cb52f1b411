"""What the logs of runs say: read once for all readers, and of a run that learns only what is new."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.training.runs import LOG

if TYPE_CHECKING:
    from explainer.training.runs import Run, Status

_LINES = 400_000
"""Lines of all logs together that are kept; the logs looked at longest ago give way."""


@dataclass(frozen=True, eq=False)
class _Read:
    """A log as far as it has been read."""

    file: int = 0
    """Its inode: a run that goes on after a restart writes a new one."""
    after: int = 0
    """Bytes read so far."""
    lines: tuple[dict[str, Any], ...] = ()


class Logs:
    """The logs of runs, by the folder of the run."""

    def __init__(self, most: int = _LINES) -> None:
        """Keep at most so many lines, but always those of the run asked for last."""
        self.most = most
        self._lock = threading.Lock()
        self._read: OrderedDict[Path, _Read] = OrderedDict()

    def of(self, run: Run) -> tuple[dict[str, Any], ...]:
        """Return all lines of a run's log; nothing may be changed in them."""
        with self._lock:
            known = self._read.get(run.folder, _Read())
            try:
                stat = (run.folder / LOG).stat()
            except OSError:
                self._read.pop(run.folder, None)
                return ()
            if stat.st_size < known.after or stat.st_ino != known.file:
                known = _Read(stat.st_ino)
            fresh, after = run.lines(known.after)
            if fresh:
                known = _Read(stat.st_ino, after, known.lines + tuple(fresh))
            self._read[run.folder] = known
            self._read.move_to_end(run.folder)
            while len(self._read) > 1 and sum(len(one.lines) for one in self._read.values()) > self.most:
                self._read.popitem(last=False)
            return known.lines


@st.cache_resource(show_spinner=False)
def _logs() -> Logs:
    return Logs()


def log_of(run: Run) -> tuple[dict[str, Any], ...]:
    """Return all lines of a run's log, which all readers share."""
    return _logs().of(run)


def best_of(run: Run) -> float | None:
    """Return the best accuracy on validation images so far."""
    found = [
        line["validation"]["accuracy"]
        for line in log_of(run)
        if line["kind"] == "epoch" and "validation" in line
    ]
    return max(found, default=None)


def time_left(run: Run, status: Status) -> float | None:
    """Return how many seconds a run that learns has still to go; ``None`` where that is not known."""
    if status.state != "running" or not status.steps:
        return None
    lines = log_of(run)
    seconds = [line["seconds"] for line in lines if line["kind"] == "epoch" and "seconds" in line][-5:]
    if seconds:
        per_step = sum(seconds) / len(seconds) * status.epochs / status.steps
    else:
        steps = [line for line in lines if line["kind"] == "step"]
        if not steps:
            return None
        per_step = run.recipe.batch_size / max(steps[-1]["images_per_second"], 1e-9)
    since = max(0.0, time.time() - status.time)
    return max(0.0, (status.steps - status.step) * per_step - since)
