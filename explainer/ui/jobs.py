"""Work that takes seconds or minutes, in threads: a few at a time, watched by the readers who want it.

A job lives as long as somebody looks at it. Threads write plain data; the script thread draws it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explainer.errors import Cancelled, ReaderError

AT_ONCE = 2
"""Jobs that run at the same time, for all readers together."""
WAITING = 8
"""Jobs that may wait for their turn."""
KEPT = 32
"""Results that are kept."""
_PATIENCE = 6.0
"""Seconds after which a job that nobody looks at ends."""
_log = logging.getLogger("convscope")


@dataclass(eq=False)
class Job:
    """One piece of work, as far as it is."""

    done: int = 0
    total: int = 1
    picture: Any = None
    """What there is to see so far, if anything."""
    values: list[tuple[int, float]] = field(default_factory=list)
    """What has been measured so far, if anything: at which step, and how much."""
    result: Any = None
    error: Exception | None = None
    finished: bool = False
    cancelled: bool = False
    begun: float = 0.0
    """When it got its turn; 0 while it waits."""
    watchers: dict[str, float] = field(default_factory=dict)
    """When each session last looked."""

    def report(self, done: int, total: int, picture: Any = None) -> None:
        """Note the progress; ``Cancelled`` where nobody looks any more."""
        self.done, self.total = done, total
        if picture is not None:
            self.picture = picture
        now = time.monotonic()
        if self.cancelled or all(now - seen > _PATIENCE for seen in list(self.watchers.values())):
            raise Cancelled


class Jobs:
    """All jobs of a server, by what they make."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="job")
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()

    def find(self, name: Hashable, watcher: str) -> Job | None:
        """Return a job that runs or has a result, and note that it is being watched."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.cancelled:
                return None
            job.watchers[watcher] = time.monotonic()
            self._jobs.move_to_end(name)
            return job

    def start(self, name: Hashable, watcher: str, work: Callable[[Job], Any]) -> Job:
        """Begin a job, or join the one that makes the same.

        Raises:
            ReaderError: too many are waiting.
        """
        job = self.find(name, watcher)
        if job is not None and not (job.finished and job.result is None):
            return job
        with self._lock:
            if sum(not one.finished for one in self._jobs.values()) >= AT_ONCE + WAITING:
                raise ReaderError("The server is busy with the work of other readers. Try again in a moment.")
            job = Job(watchers={watcher: time.monotonic()})
            self._jobs[name] = job
            self._jobs.move_to_end(name)
            finished = [key for key, one in self._jobs.items() if one.finished]
            for key in finished[: max(0, len(finished) - KEPT)]:
                del self._jobs[key]
        self._pool.submit(self._run, job, work)
        return job

    def leave(self, name: Hashable, watcher: str) -> None:
        """Stop watching; a job that nobody watches ends at its next report."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.finished:
                return
            job.watchers.pop(watcher, None)
            if not job.watchers:
                job.cancelled = True
                del self._jobs[name]

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        job.begun = time.monotonic()
        try:
            job.report(0, job.total)
            job.result = work(job)
        except Cancelled:
            job.cancelled = True
        except Exception as error:  # noqa: BLE001 - it is shown by whoever watches
            if not isinstance(error, ReaderError):
                _log.exception("a job failed")
            job.error = error
        finally:
            job.finished = True


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs of this server."""
    return Jobs()


def watcher() -> str:
    """Return a name for the reader's session."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else ""
