"""One of torchvision's data sets downloaded by a process of its own, which can be ended at any time.

torchvision says nowhere how much has come, and its download cannot be interrupted. So it runs apart, and what
has come is seen by the files that grow.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from explainer.errors import ReaderError
from explainer.progress import Progress
from explainer.training.published import PUBLISHED_SETS, download_place, load_published

_EVERY = 0.2
"""Seconds between looks."""
_one_at_a_time = threading.Lock()
"""What grows is taken for the download's, and removed if it is given up: it must not be of another one."""


def download(name: str, progress: Progress, folder: Path | None = None) -> None:
    """Download a data set to where ``load_published`` looks for it.

    Args:
        name: as in ``PUBLISHED_SETS``.
        progress: told how many megabytes have come, and about how many there are; what it raises ends the
            download.
        folder: of data sets; ``CONVSCOPE_DATA`` where it is not said.

    Raises:
        ReaderError: it cannot be downloaded.
    """
    total = PUBLISHED_SETS[name].megabytes
    while not _one_at_a_time.acquire(timeout=_EVERY):
        progress(0, total)
    try:
        _download(name, progress, folder)
    finally:
        _one_at_a_time.release()


def _download(name: str, progress: Progress, folder: Path | None) -> None:
    place, total = download_place(folder), PUBLISHED_SETS[name].megabytes
    before = _sizes(place)
    command = [sys.executable, "-m", __name__, name, *([str(folder)] if folder else [])]
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        command, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        while child.poll() is None:
            come = sum(size for path, size in _sizes(place).items() if size != before.get(path))
            progress(min(come // 1_000_000, total), total)
            time.sleep(_EVERY)
    except BaseException:
        child.kill()
        child.wait()
        _remove_halves(place, before)
        raise
    output = child.stdout.read() if child.stdout else b""
    if child.returncode:
        _remove_halves(place, before)
        raise _told(name, place, output)


def _told(name: str, place: Path, output: bytes) -> ReaderError:
    """Return what the process said before it ended, as the error that it was."""
    try:
        said = json.loads(output.splitlines()[-1])
        return ReaderError(said["template"], **said["values"])
    except (ValueError, LookupError, TypeError):  # it was ended from outside
        return ReaderError(
            "The download of {title} to {folder} ended before it was done. Try again.",
            title=PUBLISHED_SETS[name].title,
            folder=place,
        )


def _sizes(place: Path) -> dict[Path, int]:
    """Return the bytes of the files right in a folder and in its folders: archives, not what is unpacked."""
    found = {}
    for pattern in ("*", "*/*", "*/raw/*"):
        for path in place.glob(pattern):
            try:
                if path.is_file():
                    found[path] = path.stat().st_size
            except OSError:  # unpacked and removed meanwhile
                continue
    return found


def _remove_halves(place: Path, before: dict[Path, int]) -> None:
    """Remove what had not come whole: torchvision would begin anew, or take it for whole."""
    for path, size in _sizes(place).items():
        if size != before.get(path):
            path.unlink(missing_ok=True)


def main(name: str, folder: Path | None) -> None:
    """Download, and say what went wrong as JSON."""
    try:
        load_published(name, folder=folder, download=True)
    except ReaderError as error:
        values = {key: str(value) for key, value in error.values.items()}
        print(json.dumps({"template": error.template, "values": values}))
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
