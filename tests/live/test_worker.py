"""The worker: newest frame only, no growing delay, modes exchanged in the stream, threads that end."""

import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from explainer.errors import ReaderError
from explainer.live.modes import Said
from explainer.live.worker import LiveWorker


def frame(number: int, width: int = 64, height: int = 48) -> np.ndarray:
    """A frame that carries its number in its first pixel."""
    made = np.zeros((height, width, 3), np.uint8)
    made[0, 0] = (number >> 8, number & 255, 0)
    return made


def number_of(picture: np.ndarray) -> int:
    return int(picture[0, 0, 0]) << 8 | int(picture[0, 0, 1])


@dataclass(frozen=True)
class Read:
    number: int

    def draw(self, picture):
        drawn = picture.copy()
        drawn[1, 0] = picture[0, 0]
        drawn[2, 0] = (self.number >> 8, self.number & 255, 255)
        return drawn

    def said(self):
        return (Said(str(self.number)),)


@dataclass(frozen=True)
class Reading:
    """Reads a frame's number, slowly."""

    seconds: float = 0.0
    name: str = ""
    sides: tuple[int, ...] = ()
    fails: bool = False
    log: list = field(default_factory=list, compare=False)
    go: threading.Event | None = field(default=None, compare=False)

    @property
    def weight(self):
        return self.name

    def run(self, picture, side=None):
        if self.go is not None:
            assert self.go.wait(10)
        time.sleep(self.seconds)
        self.log.append((number_of(picture), side))
        if self.fails == "words":
            raise ReaderError("No {thing}.", thing="luck")
        if self.fails:
            raise RuntimeError("broken")
        return Read(number_of(picture))


def until(holds, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.002)


@pytest.fixture
def worker():
    made = LiveWorker()
    yield made
    made.close()


def test_only_the_newest_frame_is_run(worker):
    mode = worker.mode = Reading(go=threading.Event())
    worker.offer(frame(0))
    until(lambda: worker._box is None)  # the first is being run; it waits at the gate
    for number in range(1, 50):
        worker.offer(frame(number))
    mode.go.set()
    until(lambda: len(mode.log) == 2)
    assert [number for number, _ in mode.log] == [0, 49]


def test_offering_does_not_wait(worker):
    mode = worker.mode = Reading(go=threading.Event())
    worker.offer(frame(0))
    begun = time.perf_counter()
    for number in range(200):
        worker.show(frame(number))
    assert time.perf_counter() - begun < 1.0, "the network is still at the first"
    mode.go.set()


def test_the_delay_of_a_slow_mode_does_not_grow(worker):
    worker.mode = Reading(0.08)
    delays = []
    seen = None
    for number in range(100):
        worker.show(frame(number))
        if worker.latest() is not seen:
            seen = worker.latest()
            delays.append(time.monotonic() - seen.at)
        time.sleep(0.01)
    assert len(delays) >= 6
    first, last = sorted(delays[: len(delays) // 2]), sorted(delays[len(delays) // 2 :])
    assert last[len(last) // 2] < 2 * first[len(first) // 2]
    figures = worker.figures()
    assert 0.08 <= figures.delay < 0.5
    assert figures.frames > figures.results > 1
    assert figures.run >= 0.08


def test_the_latest_result_is_drawn_on_the_present_frame(worker):
    worker.mode = Reading()
    worker.show(frame(7))
    until(lambda: worker.latest() is not None)
    shown = worker.show(frame(8, 32, 24))
    assert shown.shape == (24, 32, 3)
    assert number_of(shown) == 8, "the present picture"
    assert list(shown[2, 0]) == [0, 7, 255], "what was read in the one before"
    assert number_of(worker.latest().drawn) == 7, "the frame that belongs to the result"


def test_what_it_is_given_is_not_written_to(worker):
    worker.mode = Reading()
    for number in range(20):
        given = frame(number)
        given.flags.writeable = False
        worker.show(given)
        time.sleep(0.002)


def test_modes_are_exchanged_without_stopping(worker):
    worker.mode = Reading(name="first")
    worker.offer(frame(1))
    until(lambda: worker.latest() is not None)
    thread = worker._thread
    second = worker.mode = Reading(name="second")
    worker.offer(frame(2))
    until(lambda: worker.latest().mode is second)
    assert worker._thread is thread


def test_the_result_of_a_mode_that_was_exchanged_meanwhile_is_forgotten(worker):
    slow = worker.mode = Reading(name="slow", go=threading.Event())
    worker.offer(frame(1))
    until(lambda: worker._box is None)
    quick = worker.mode = Reading(name="quick")
    slow.go.set()
    until(lambda: slow.log)
    worker.offer(frame(2))
    until(lambda: worker.latest() is not None)
    assert worker.latest().mode is quick


def test_the_same_mode_again_loses_nothing(worker):
    first = worker.mode = Reading(name="same")
    worker.mode = Reading(name="same")
    assert worker.mode is first


@pytest.mark.parametrize(
    ("fails", "words"), [(True, "The network could not be run"), ("words", "No {thing}.")]
)
def test_a_failing_mode_is_told_and_the_stream_goes_on(worker, fails, words):
    worker.mode = Reading(fails=fails)
    shown = worker.show(frame(3))
    until(lambda: worker.figures().error is not None)
    assert worker.figures().error.template.startswith(words)
    assert number_of(shown) == 3
    assert number_of(worker.show(frame(4))) == 4
    worker.mode = Reading(name="sound")
    worker.offer(frame(5))
    until(lambda: worker.latest() is not None)
    assert worker.figures().error is None


def test_an_old_result_is_not_drawn():
    now = [100.0]
    worker = LiveWorker(Reading(), clock=lambda: now[0])
    worker.offer(frame(1))
    until(lambda: worker.latest() is not None)
    worker.mode = Reading(fails=True)
    now[0] += 1
    assert worker.show(frame(2))[2, 0].any()
    now[0] += 2
    assert not worker.show(frame(3))[2, 0].any()
    worker.close()


def test_the_input_size_follows_the_load(worker):
    mode = worker.mode = Reading(0.12, sides=(224, 416))
    for number in range(60):
        worker.offer(frame(number))
        time.sleep(0.03)
        if worker.figures().side == 224:
            break
    figures = worker.figures()
    assert (figures.side, figures.why) == (224, "slower")
    assert mode.log[0][1] == 416
    worker.mode = Reading(0.12, sides=(224, 416), name="other")
    assert worker.figures().side == 416, "another network begins anew"


# --- threads ------------------------------------------------------------------------------------------------


def workers() -> int:
    return sum(thread.name == "live-worker" for thread in threading.enumerate())


def test_threads_return_to_the_start_after_ten_openings():
    before = threading.active_count()
    for number in range(10):
        worker = LiveWorker(Reading(0.005))
        for _ in range(5):
            worker.show(frame(number))
            time.sleep(0.002)
        worker.close()
        worker.close()
        worker.offer(frame(number))  # a frame that comes late starts nothing
    until(lambda: threading.active_count() <= before)
    assert workers() == 0


def test_the_thread_ends_when_no_frames_come_and_starts_again_when_they_do():
    worker = LiveWorker(Reading(), patience=0.05)
    worker.offer(frame(1))
    until(lambda: worker.latest() is not None)
    until(lambda: not worker.running)
    assert worker.latest() is None, "no picture is kept"
    assert workers() == 0
    worker.offer(frame(2))
    until(lambda: worker.latest() is not None)
    worker.close()


def test_resting_lets_pictures_go_and_keeps_the_mode(worker):
    mode = worker.mode = Reading()
    worker.offer(frame(1))
    until(lambda: worker.latest() is not None)
    worker.rest()
    until(lambda: workers() == 0)
    assert worker.latest() is None
    assert worker.mode is mode
    assert worker.figures().frames == 0
