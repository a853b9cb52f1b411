"""Work in a process of its own, so that the one that serves readers goes on undisturbed.

Training seeds the global generator, exporting patches ``nn.Module`` while it traces, and measuring wants a
machine state that is known: none of it belongs beside the threads of a server.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, TypeVar

from explainer.errors import ReaderError
from explainer.progress import Progress

HEARTBEAT = 0.25
"""Seconds after which the caller may give up again, whether there is progress or not."""
T = TypeVar("T")


def aside(
    function: Callable[..., T], *arguments: Any, progress: Progress | None = None, threads: int = 0
) -> T:
    """Return what a function returns, called in a process of its own, which ends with this call.

    Args:
        function: of a module of this project, with a parameter ``progress``; what it takes and returns can be
            pickled.
        arguments: what it takes besides.
        progress: told what the function tells its own, and again every ``HEARTBEAT`` seconds; it may raise
            ``Cancelled``, which ends the process.
        threads: that PyTorch may use there; as many as it likes by default.

    Raises:
        ReaderError: the function raised it, or the process was killed.
        RuntimeError: the function raised anything else; its traceback is the message.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ | ({"OMP_NUM_THREADS": str(threads)} if threads else {}),
    )
    said: Queue[tuple[str, Any]] = Queue()
    reading = Thread(target=_listen, args=(process, said), daemon=True)
    reading.start()
    try:
        try:
            pickle.dump(sys.path, process.stdin)  # type: ignore[arg-type]
            pickle.dump((function, arguments, threads), process.stdin)  # type: ignore[arg-type]
            process.stdin.close()  # type: ignore[union-attr]
        except OSError:
            pass  # it has ended, which is noticed below
        done = (0, 1)
        while True:
            try:
                kind, value = said.get(timeout=HEARTBEAT)
            except Empty:
                kind, value = "progress", done
            if kind == "result":
                return value
            if kind == "problem":
                template, values = value
                raise ReaderError(template, **values)
            if kind == "broken":
                raise RuntimeError(value)
            if kind == "end":
                raise ReaderError(
                    "The process that works on it has ended early. There may not be enough memory: choose "
                    "smaller batches or images."
                )
            done = value
            if progress is not None:
                progress(*done)
    finally:
        process.kill()
        process.wait()
        reading.join()
        process.stdout.close()  # type: ignore[union-attr]


def _listen(process: subprocess.Popen[bytes], said: Queue[tuple[str, Any]]) -> None:
    """Put everything that the process says into a queue, and that it says nothing more."""
    try:
        while True:
            said.put(pickle.load(process.stdout))  # type: ignore[arg-type]
    except (EOFError, pickle.UnpicklingError, OSError, ValueError):
        said.put(("end", None))


def main() -> None:
    """Call the function that stands on the standard input, and write what it comes to on the output."""
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anything prints is not for the caller

    def say(kind: str, value: Any) -> None:
        pickle.dump((kind, value), stream)
        stream.flush()

    sys.path[:] = pickle.load(sys.stdin.buffer)  # where the function's module is found
    function, arguments, threads = pickle.load(sys.stdin.buffer)
    if threads:
        import torch

        torch.set_num_threads(threads)
    try:
        result = function(*arguments, progress=lambda done, total: say("progress", (done, total)))
    except ReaderError as error:
        values = {
            name: value if isinstance(value, int | float) else str(value)
            for name, value in error.values.items()
        }
        say("problem", (error.template, values))
    except Exception:  # noqa: BLE001 - the caller's process reports it
        say("broken", traceback.format_exc())
    else:
        say("result", result)


if __name__ == "__main__":
    main()
