"""The time of a forward pass, measured in a process of its own."""

import os

import pytest

from explainer.errors import ReaderError
from explainer.models import timing
from explainer.models.timing import Timing, machine, timed


def test_quartiles_are_those_of_the_passes():
    assert Timing("x", (4.0, 1.0, 3.0, 2.0, 5.0)).quartiles == (2.0, 3.0, 4.0)


def test_the_machine_has_a_name():
    assert machine().strip()


@pytest.mark.slow
def test_networks_are_timed_one_by_one_in_order():
    found = [one for one in timed(["lenet5", "squeezenet1_1"]) if one is not None]
    assert [one.key for one in found] == ["lenet5", "squeezenet1_1"]
    for one in found:
        low, middle, high = one.quartiles
        assert 0 < low <= middle <= high < 60
        assert timing.PASSES <= len(one.seconds) <= timing.MOST
    assert found[0].quartiles[1] < found[1].quartiles[1]


@pytest.mark.slow
def test_giving_up_ends_the_process():
    passes = timed(["lenet5", "vgg16"])
    assert next(one for one in passes if one is not None).key == "lenet5"
    process = passes.gi_frame.f_locals["process"]
    assert process.poll() is None
    passes.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


@pytest.mark.slow
def test_a_process_that_fails_is_told_in_words():
    with pytest.raises(ReaderError, match="ended early"):
        list(timed(["nothing_of_this_name"]))
