"""Long work in threads: shared, bounded, ended when nobody looks."""

import threading
import time

import pytest

from explainer.errors import Cancelled, ReaderError
from explainer.ui import jobs as module
from explainer.ui.jobs import Job, Jobs


def wait(condition) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.005)


class Work:
    """Goes on until it is let go."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.runs = 0
        self.ended_by: type | None = None

    def __call__(self, job: Job) -> str:
        self.runs += 1
        for step in range(100_000):
            try:
                job.report(step, 100_000)
            except Cancelled:
                self.ended_by = Cancelled
                raise
            if self.open.wait(0.005):
                return "done"
        return "late"


def test_two_readers_share_one_job() -> None:
    jobs, work = Jobs(), Work()
    first = jobs.start("a", "anna", work)
    assert jobs.start("a", "ben", work) is first
    jobs.leave("a", "anna")
    assert not first.cancelled, "ben still looks"
    work.open.set()
    wait(lambda: first.finished)
    assert first.result == "done"
    assert work.runs == 1
    assert jobs.start("a", "carla", work) is first, "the result is kept"
    assert work.runs == 1


def test_a_job_that_nobody_wants_ends() -> None:
    jobs, work = Jobs(), Work()
    job = jobs.start("a", "anna", work)
    wait(lambda: job.done > 0)
    jobs.leave("a", "anna")
    wait(lambda: job.finished)
    assert work.ended_by is Cancelled
    assert job.result is None
    assert jobs.find("a", "anna") is None
    again = Work()
    again.open.set()
    other = jobs.start("a", "anna", again)
    wait(lambda: other.finished)
    assert other.result == "done"


def test_a_reader_who_left_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.2)
    jobs, work = Jobs(), Work()
    job = jobs.start("a", "anna", work)
    for _ in range(10):
        time.sleep(0.05)
        assert jobs.find("a", "anna") is job, "while anna looks it runs"
    wait(lambda: job.finished)
    assert job.cancelled


def test_few_run_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    monkeypatch.setattr(module, "WAITING", 1)
    jobs, first, second = Jobs(at_once=1), Work(), Work()
    running = jobs.start("a", "anna", first)
    wait(lambda: running.begun)
    waiting = jobs.start("b", "anna", second)
    with pytest.raises(ReaderError, match="busy"):
        jobs.start("c", "anna", Work())
    assert not waiting.begun
    first.open.set()
    second.open.set()
    wait(lambda: waiting.finished)
    assert waiting.result == "done"


def test_what_goes_wrong_is_kept_for_whoever_looks_and_may_be_tried_again() -> None:
    jobs = Jobs()

    def fails(job: Job) -> None:
        raise ReaderError("The file {name} is empty.", name="x")

    job = jobs.start("a", "anna", fails)
    wait(lambda: job.finished)
    assert str(job.error) == "The file x is empty."
    second = jobs.start("a", "anna", lambda job: 5)
    wait(lambda: second.finished)
    assert second.result == 5


def test_old_results_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    jobs = Jobs()
    for number in range(6):
        job = jobs.start(number, "anna", lambda job: "x")
        wait(lambda job=job: job.finished)
    assert jobs.find(0, "anna") is None
    assert jobs.find(5, "anna") is not None
