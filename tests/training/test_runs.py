"""Runs as processes of their own: killed, paused, stopped, started twice, shared; and what they leave."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from explainer.errors import ReaderError
from explainer.models import load_model
from explainer.training.checkpoint import LAST
from explainer.training.recipe import Augmentation, Recipe
from explainer.training.runs import Run, runs_in

pytestmark = pytest.mark.slow

RECIPE = Recipe(
    name="digits", network="lenet5", dataset="mnist_10k", epochs=4, batch_size=32, optimizer="adamw",
    learning_rate=3e-3, weight_decay=1e-3, validation=0.1, augmentation=Augmentation(shift=0.05),
)  # fmt: skip


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A folder of data with a file of the name that the recipe asks for: stripes, 10 classes."""
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    labels = (np.arange(9100) % 10).astype(np.uint8)
    images = random.integers(0, 90, (len(labels), 28, 28), dtype=np.uint8)
    for label in range(10):
        images[labels == label, 2 * label : 2 * label + 4] += 120
    np.savez(folder / "mnist_10k.npz", images=images, labels=labels)
    return folder


@pytest.fixture(autouse=True)
def at_hand(digits, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_DATA", str(digits))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def until(run, *states, step=0):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        status = run.status()
        if status.state in states and status.step >= step:
            return status
        assert status.state != "failed", (status, (run.folder / "output.txt").read_text())
        time.sleep(0.05)
    raise AssertionError(f"{run.status()}: {(run.folder / 'output.txt').read_text()}")


def kill(run):
    """End the process of a run as if the machine had lost its power."""
    for process in os.listdir("/proc"):
        try:
            command = Path("/proc", process, "cmdline").read_text("utf-8")
        except OSError:
            continue
        if str(run.folder / "recipe.toml") in command and "explainer.training" in command:
            os.kill(int(process), signal.SIGKILL)
            return
    raise AssertionError("it is not running")


def changed(name, **settings):
    return replace(RECIPE, name=name, **settings)


@pytest.fixture(scope="module")
def finished(digits, tmp_path_factory):
    """A run that nobody disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVSCOPE_DATA", str(digits))
        patch.setenv("OMP_NUM_THREADS", "1")
        run = Run.new(changed("whole"), tmp_path_factory.mktemp("runs"))
        assert run.status().state == "new"
        run.start(threads=1)
        status = until(run, "finished")
    assert (status.epoch, status.step) == (4, status.steps)
    return run


def test_a_killed_run_goes_on_to_the_same_bits(finished, tmp_path):
    run = Run.new(changed("killed"), tmp_path)
    steps = finished.status().steps
    for share in (0.3, 0.6):
        run.start(threads=1)
        until(run, "running", step=int(share * steps))
        kill(run)
        deadline = time.monotonic() + 10
        while run.status().state != "interrupted":
            assert time.monotonic() < deadline
    run.start(threads=1)
    until(run, "finished")
    expected, found = load_file(finished.weights), load_file(run.weights)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    epochs = [line["epoch"] for line in run.lines()[0] if line["kind"] == "epoch"]
    assert epochs == [0, 1, 2, 3, 4], "what was done twice is told once"
    told = [
        [(line["step"], line["loss"]) for line in one.lines()[0] if line["kind"] == "step"]
        for one in (finished, run)
    ]
    assert told[0] == told[1]
    assert not list(run.folder.rglob("*.part"))


def test_the_log_says_what_the_run_came_to(finished):
    lines, read = finished.lines()
    assert finished.lines(read) == ([], read)
    last = [line for line in lines if line["kind"] == "epoch"][-1]
    assert last["train"]["accuracy"] > 0.95
    confusion = np.array(last["confusion"])
    assert confusion.shape == (10, 10)
    assert confusion.sum() == 900
    assert np.trace(confusion) / 900 == pytest.approx(last["validation"]["accuracy"])
    assert len(last["worst"]) == min(24, 900 - np.trace(confusion))
    step = next(line for line in lines if line["kind"] == "step")
    assert len(step["norms"]) == 5
    assert step["images_per_second"] > 0


def test_tensorboard_opens_it(finished):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(finished.folder / "events"))
    events.Reload()
    lines = [line for line in finished.lines()[0] if line["kind"] == "step"]
    found = events.Scalars("step/loss")
    assert [one.step for one in found] == [line["step"] for line in lines]
    assert [one.value for one in found] == pytest.approx([line["loss"] for line in lines], rel=1e-6)
    assert len(events.Scalars("validation/accuracy")) == 5


def test_the_result_opens_as_the_network_it_is(finished):
    loaded = load_model("lenet5", finished.weights)
    card = json.loads(finished.weights.with_suffix(".json").read_text())
    assert loaded.classes == tuple("0123456789")
    assert loaded.card["accuracy"] == card["accuracy"]
    assert card["accuracy"]["validation"]["count"] == 900


def test_every_epoch_can_be_looked_at_again(finished):
    assert finished.history.epochs() == (0, 1, 2, 3, 4)
    before, last = finished.history.weights(0), finished.history.weights(4)
    assert not torch.equal(before["c1.weight"], last["c1.weight"])
    state = torch.load(finished.folder / "last.pt", weights_only=True)["model"]
    for name, value in state.items():
        assert torch.allclose(last[name], value, rtol=1e-3, atol=1e-6), name


def test_a_run_pauses_goes_on_and_stops_with_what_it_has(tmp_path):
    run = Run.new(changed("held", epochs=40), tmp_path)
    run.start(threads=1)
    until(run, "running", step=1)
    with pytest.raises(ReaderError, match="being trained already"):
        run.start()
    run.wish("pause")
    step = until(run, "paused").step
    time.sleep(0.6)
    assert run.status().step - step <= 50, "a note may be behind, but no epoch goes by"
    state = torch.load(run.folder / "last.pt", weights_only=True)
    time.sleep(0.6)
    assert torch.load(run.folder / "last.pt", weights_only=True)["step"] == state["step"]
    run.wish("go")
    until(run, "running", step=int(state["step"]) + 1)
    run.wish("stop")
    until(run, "stopped")
    assert load_model("lenet5", run.weights).trained
    run.start(threads=1)
    until(run, "running", step=run.status().step + 1)
    run.wish("stop")
    until(run, "stopped")


def test_what_went_wrong_is_said_in_a_sentence(tmp_path):
    run = Run.new(changed("wild", optimizer="sgd", learning_rate=1e30), tmp_path)
    run.start(threads=1)
    deadline = time.monotonic() + 60
    while run.status().state != "failed":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    status = run.status()
    assert "no longer a number" in ReaderError(status.problem, **status.values).args[0]
    assert "Traceback" not in (run.folder / "output.txt").read_text()


def test_a_run_that_breaks_is_failed_and_the_output_says_why(tmp_path):
    run = Run.new(changed("broken", network="tiny_vgg", dataset="starter"), tmp_path)
    (run.folder / LAST).write_bytes(b"no checkpoint")
    run.start(threads=1)
    deadline = time.monotonic() + 60
    while run.status().state != "failed":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    output = (run.folder / "output.txt").read_text()
    assert "Traceback" in output
    assert "in saved_state" in output


def test_runs_are_listed_and_their_names_are_taken_once(finished, tmp_path):
    one = Run.new(changed("one"), tmp_path)
    with pytest.raises(ReaderError, match="called one already"):
        Run.new(changed("one"), tmp_path)
    assert runs_in(tmp_path) == (one,)
    assert one.recipe == changed("one")


def test_two_processes_learn_the_same(finished, tmp_path):
    recipe = Run.new(changed("double"), tmp_path).folder / "recipe.toml"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += ["-m", "explainer.training", str(recipe), "--runs", str(tmp_path), "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    run = Run(tmp_path / "double")
    assert run.status().state == "finished"
    validation = [
        [line for line in one.lines()[0] if line["kind"] == "epoch"][-1]["validation"]["accuracy"]
        for one in (finished, run)
    ]
    assert validation[1] == pytest.approx(validation[0], abs=0.03)
