"""Logs of runs as the page reads them: bit by bit, anew where they were written anew, bounded."""

import json

import pytest

from explainer.training.runs import LOG, Run
from explainer.ui.training.logs import Logs


def line(step: int) -> str:
    return json.dumps({"kind": "step", "step": step}) + "\n"


@pytest.fixture
def run(tmp_path):
    return made(tmp_path, "one", 2)


def made(folder, name: str, steps: int) -> Run:
    (folder / name).mkdir()
    (folder / name / LOG).write_text("".join(map(line, range(steps))))
    return Run(folder / name)


def steps(found) -> list[int]:
    return [one["step"] for one in found]


def test_what_is_new_comes_behind_what_was_read_and_a_half_line_is_waited_for(run):
    logs = Logs()
    first = logs.of(run)
    assert steps(first) == [0, 1]
    with (run.folder / LOG).open("a") as file:
        file.write(line(2) + line(3)[:9])
    second = logs.of(run)
    assert steps(second) == [0, 1, 2]
    assert all(a is b for a, b in zip(first, second, strict=False))  # not read again
    with (run.folder / LOG).open("a") as file:
        file.write(line(3)[9:])
    assert steps(logs.of(run)) == [0, 1, 2, 3]


def test_a_log_that_is_written_anew_is_read_anew(run):
    logs = Logs()
    assert steps(logs.of(run)) == [0, 1]
    new = run.folder / "new"
    new.write_text(line(7) + line(8) + line(9))  # longer than the one before
    new.replace(run.folder / LOG)
    assert steps(logs.of(run)) == [7, 8, 9]
    (run.folder / LOG).unlink()
    assert logs.of(run) == ()


def test_all_of_them_together_are_bounded_and_each_is_whole(tmp_path):
    runs = [made(tmp_path, name, 40) for name in "abc"]
    logs = Logs(most=100)
    kept = [logs.of(run) for run in runs]
    assert [len(found) for found in kept] == [40, 40, 40]
    assert logs.of(runs[2]) is kept[2]
    assert logs.of(runs[1]) is kept[1]
    again = logs.of(runs[0])  # gave way, and is read again
    assert again is not kept[0]
    assert steps(again) == list(range(40))
    assert len(Logs(most=3).of(runs[0])) == 40
