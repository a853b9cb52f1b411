"""Where this server keeps what its readers train, and whose it is."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.training import room
from explainer.ui.memory import Memory

if TYPE_CHECKING:
    from explainer.progress import Progress
    from explainer.training.data import Dataset
    from explainer.training.runs import Run

OWN_DATA = "own:"
"""Before the name of a data set that a reader brought along."""
AT_ONCE = 2
"""Runs that are trained at the same time, of all readers together."""
_COOKIE = "convscope_reader"
_READER = "training_reader"
_WORD = re.compile(r"[0-9a-f]{32}")
RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_DATA = "data"
DRAFT = "draft"
"""Stands for the run that a recipe would be, before there is one; nothing is written there."""
BESIDE_RUNS = (_DATA, DRAFT)
"""Names among the runs that no run may have: whoever deleted it would delete all readers' data sets."""
_DATA_BUDGET = 4 << 30
"""Bytes of readers' data sets on the disk; the oldest that no run needs give way."""
_IMAGE_BUDGET = room.MOST + room.MOST // 16
"""Bytes of images in memory: the largest set that is let in fits with its labels, and is read only once."""


def runs_folder() -> Path:
    """Return the folder of all runs: ``CONVSCOPE_RUNS``, else ``runs`` beside the app."""
    told = os.environ.get("CONVSCOPE_RUNS", "")
    return Path(told).expanduser() if told else Path(__file__).parents[3] / "runs"


@contextmanager
def writing() -> Iterator[None]:
    """Turn a disk that takes nothing into a sentence.

    Raises:
        ReaderError: something could not be written, or deleted.
    """
    try:
        yield
    except OSError as error:
        raise ReaderError(
            "This server cannot change its folder of runs ({problem}). Whoever looks after it can free "
            "space, allow it to write there, or name another folder in CONVSCOPE_RUNS.",
            problem=error.strerror or error,
        ) from error


def reader() -> str:
    """Return who sits at this browser: a random word in a cookie, which is kept for a year."""
    known: str | None = st.session_state.get(_READER)
    if known is None:
        told = st.context.cookies.get(_COOKIE)
        new = not (isinstance(told, str) and _WORD.fullmatch(told))
        known = st.session_state[_READER] = uuid.uuid4().hex if new else str(told)
        if new:
            cookie = f"{_COOKIE}={known}; path=/; max-age=31536000; SameSite=Strict"
            st.html(f"<script>document.cookie = '{cookie}'</script>", unsafe_allow_javascript=True)
    return known


def is_mine(run: Run) -> bool:
    """Whether the reader may steer a run: it is theirs, or was started on the command line."""
    return run.owner in ("", owner())


def owner() -> str:
    """Return what the reader is called where others may read it."""
    return hashlib.sha256(reader().encode()).hexdigest()


def my_runs() -> tuple[Run, ...]:
    """Return the reader's runs, the newest first."""
    from explainer.training.runs import runs_in

    return tuple(run for run in runs_in(runs_folder()) if is_mine(run))


def find_run(name: str) -> Run | None:
    """Return the run that a link names, whoever's it is."""
    from explainer.training.runs import RECIPE_FILE, Run

    if not RUN_NAME.fullmatch(name) or not (runs_folder() / name / RECIPE_FILE).is_file():
        return None
    return Run(runs_folder() / name)


def trained_now() -> int:
    """Return how many runs of this server are being trained."""
    from explainer.training.runs import runs_in

    return sum(run.alive() for run in runs_in(runs_folder()))


def remove(run: Run) -> None:
    """Delete a run with everything it has learned.

    Raises:
        ReaderError: it is being trained.
    """
    if run.alive():
        raise ReaderError("Stop the run {name} before you delete it.", name=run.name)
    shutil.rmtree(run.folder)


# --- data sets --------------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def _datasets() -> Memory[Dataset]:
    return Memory(
        _IMAGE_BUDGET,
        lambda data: sum(split.images.nbytes + split.labels.nbytes for split in (data.train, data.test)),
    )


def is_open(key: str) -> bool:
    """Whether a data set is in memory, at its own size."""
    return (key, 0) in _datasets()


def open_dataset(key: str, side: int = 0, progress: Progress | None = None) -> Dataset:
    """Return a data set by the key in the link, read once for everybody.

    Args:
        key: a name that ``load_dataset`` knows, or ``own:`` and what ``keep_dataset`` returned. Never a path.
        side: pixels that images are resized to; 0 leaves them as they are.
        progress: told how many images are read, and of how many, while they are.

    Raises:
        ReaderError: there is no such data set, or it would not fit in memory at this size.
    """
    from explainer.training.data import load_dataset

    if side and (key, side) not in _datasets():
        _check_room(open_dataset(key), side)
    return _datasets().get((key, side), lambda: load_dataset(dataset_name(key), side=side, progress=progress))


def _check_room(data: Dataset, side: int) -> None:
    """Refuse a size at which images would fill the memory: a link may ask for any."""
    count = len(data.train) + len(data.test)
    size = room.bytes_of(count, data.train.images.shape[1], side)
    if size > room.MOST:
        raise ReaderError(
            "At {side} × {side} pixels, {count} images take {size} GB of memory, more than the {most} GB "
            "that this page keeps for them. Choose a smaller side in the recipe, or other data.",
            side=side,
            count=f"{count:,}",
            size=f"{size / 1e9:.1f}",
            most=f"{room.MOST / 1e9:.0f}",
        )


def dataset_of(run: Run) -> Dataset:
    """Return the images of a run at the size it learns from, read once for everybody.

    Raises:
        ReaderError: they are no longer here.
    """
    from explainer.training.data import load_dataset

    recipe = run.recipe
    return _datasets().get(
        (recipe.dataset, recipe.side), lambda: load_dataset(recipe.dataset, side=recipe.side)
    )


def dataset_name(key: str) -> str:
    """Return what a recipe calls the data set of a link.

    Raises:
        ReaderError: it is not here, or the link names a path.
    """
    if key.startswith(OWN_DATA):
        path = _data_path(key.removeprefix(OWN_DATA))
        if path is None or not path.is_file():
            raise ReaderError("These pictures are no longer on this server. Bring them along again.")
        return str(path)
    if not re.fullmatch(r"[\w:]+", key):
        raise ReaderError("A link cannot name a folder of the server. Upload your pictures instead.")
    return key


def keep_dataset(data: Dataset) -> str:
    """Keep a reader's data set for runs that outlive this session; return its key, the same for the same.

    Raises:
        ReaderError: the folder of runs takes nothing.
    """
    from explainer.training.data import save_dataset

    digest = hashlib.sha256(repr((data.classes, data.description)).encode())
    for split in (data.train, data.test):
        digest.update(split.images.numpy().tobytes())
        digest.update(split.labels.numpy().tobytes())
    name = digest.hexdigest()[:20]
    path = _data_path(name)
    assert path is not None
    with writing():
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            save_dataset(data, path)
            _make_room(path)
        else:
            path.touch()  # wanted again, so that it is not the next to give way
    return OWN_DATA + name


def _data_path(name: str) -> Path | None:
    if not re.fullmatch(r"[0-9a-f]{20}", name):
        return None
    return sets_folder() / f"{name}.safetensors"


def sets_folder() -> Path:
    """Return the folder of readers' data sets, which may not exist yet."""
    return runs_folder() / _DATA


def titles_beside(path: Path) -> Path:
    """Return the file that says what its readers call a data set."""
    return path.with_suffix(".json")


def _make_room(newest: Path) -> None:
    from explainer.training.runs import runs_in

    needed = {newest}
    for run in runs_in(runs_folder()):
        try:
            needed.add(Path(run.recipe.dataset))
        except (ReaderError, OSError):  # edited by hand, or deleted meanwhile
            continue
    files = []
    for path in newest.parent.glob("*.safetensors"):
        try:
            files.append((path.stat().st_mtime, path.stat().st_size, path))
        except OSError:  # another reader's set made room meanwhile
            continue
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total > _DATA_BUDGET and path not in needed:
            total -= size
            path.unlink(missing_ok=True)
            titles_beside(path).unlink(missing_ok=True)
