"""Work in a process of its own: what comes back, what does not, and that it ends."""

import os
import signal
import time

import pytest
import torch

from explainer.errors import Cancelled, ReaderError
from explainer.training.aside import aside


def doubled(number, progress):
    print("this is not for the caller")
    progress(1, 2)
    torch.manual_seed(number)
    return 2 * number, torch.get_num_threads(), os.getpid()


def refused(name, progress):
    raise ReaderError("There is no {name} of {size}.", name=name, size=3)


def killed(progress):
    os.kill(os.getpid(), signal.SIGKILL)


def broken(progress):
    raise KeyError("a mistake of ours")


def endless(path, progress):
    path.write_text(str(os.getpid()))
    while True:
        time.sleep(1)


def test_it_returns_what_the_function_returns():
    told = []
    state = torch.get_rng_state()
    number, threads, process = aside(doubled, 21, progress=lambda *done: told.append(done), threads=1)
    assert (number, threads) == (42, 1)
    assert process != os.getpid()
    assert (1, 2) in told
    assert torch.equal(torch.get_rng_state(), state)


def test_what_goes_wrong_is_said():
    with pytest.raises(ReaderError) as said:
        aside(refused, "that")
    assert (said.value.template, said.value.values) == (
        "There is no {name} of {size}.", {"name": "that", "size": 3},
    )  # fmt: skip
    with pytest.raises(ReaderError, match="ended early"):
        aside(killed)
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        aside(broken)


def test_giving_up_ends_the_process(tmp_path):
    path = tmp_path / "process"

    def give_up(done, total):
        if path.exists() and path.read_text():
            raise Cancelled

    with pytest.raises(Cancelled):
        aside(endless, path, progress=give_up)
    with pytest.raises(ProcessLookupError):
        os.kill(int(path.read_text()), 0)
