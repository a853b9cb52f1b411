import threading
import time

import pytest

from explainer.ui.memory import Memory


def test_the_least_recently_used_give_way():
    memory = Memory(budget=30, size_of=len)
    for key in "abc":
        memory.get(key, lambda: b"x" * 10)
    memory.get("a", lambda: pytest.fail("was at hand"))
    memory.get("d", lambda: b"x" * 10)
    assert ["a" in memory, "b" in memory, "c" in memory, "d" in memory] == [True, False, True, True]
    assert memory.used == 30


def test_too_large_a_value_is_returned_and_not_kept():
    memory = Memory(budget=5, size_of=len)
    memory.get("small", lambda: b"x" * 4)
    assert memory.get("big", lambda: b"x" * 10) == b"x" * 10
    assert "big" not in memory
    assert "small" in memory
    assert memory.used == 4


def test_a_failure_leaves_nothing_behind():
    memory = Memory(budget=10, size_of=len)
    with pytest.raises(ZeroDivisionError):
        memory.get("a", lambda: bytes(1 // 0))
    assert memory.get("a", lambda: b"good") == b"good"


def test_none_is_a_value():
    memory = Memory(budget=10, size_of=lambda _: 1)
    assert memory.get("a", lambda: None) is None
    assert memory.get("a", lambda: pytest.fail("was at hand")) is None


def test_readers_wait_for_one_computation():
    memory = Memory(budget=1000, size_of=len)
    made = []

    def make():
        time.sleep(0.05)
        made.append(1)
        return b"value"

    def read(answers):
        answers.append(memory.get("key", make))

    answers = []
    threads = [threading.Thread(target=read, args=(answers,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert answers == [b"value"] * 8


def test_many_threads_stay_within_the_budget():
    memory = Memory(budget=100, size_of=len)
    wrong = []

    def work(seed):
        for step in range(300):
            key = (seed * 7 + step * 13) % 40
            value = memory.get(key, lambda key=key: bytes([key]) * (key + 1))
            if value != bytes([key]) * (key + 1):
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert memory.used <= 100


def test_waiters_after_a_failure_try_themselves():
    memory = Memory(budget=100, size_of=len)
    first_runs, outcomes = threading.Event(), []

    def fails():
        first_runs.set()
        time.sleep(0.05)
        raise OSError

    def first():
        with pytest.raises(OSError):  # noqa: PT011
            memory.get("key", fails)

    def second():
        first_runs.wait()
        outcomes.append(memory.get("key", lambda: b"mine"))

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [b"mine"]
