"""Reference experiments: what their plans compare, how they go on, and what is made of their results."""

import dataclasses
import json
import statistics

import pytest
import torch

from explainer.errors import ReaderError
from explainer.training.recipe import recipe_from
from explainer.training.reference.__main__ import main
from explainer.training.reference.plans import ABLATION, HEAD, PLANS, PRETRAINED, short
from explainer.training.reference.running import carry_out, results_of
from explainer.training.reference.tables import as_table, points, rows_of, shares

NARROW = "\u202f"


def fields(recipe):
    return dataclasses.asdict(recipe)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_run_of_a_way_takes_as_many_steps(plan):
    for way, size in plan.cells():
        recipe = plan.recipe(way, size, 1)
        assert recipe_from(fields(recipe)) == recipe
        assert recipe.images_per_class == size
        assert recipe.seed == 1
        per_epoch = size * plan.classes // recipe.batch_size
        assert per_epoch * recipe.epochs == (way.steps or plan.steps)


def test_ways_of_the_ablation_differ_from_none_in_what_they_are_called():
    none, *others = (fields(ABLATION.recipe(way, 100, 0)) for way in ABLATION.ways)
    flat = [
        {name for name in one if name not in {"name", "augmentation"} and one[name] != none[name]}
        | {name for name in one["augmentation"] if one["augmentation"][name] != none["augmentation"][name]}
        for one in others
    ]
    assert flat == [
        {"flip", "shift"}, {"cutout"}, {"mixup"}, {"cutmix"}, {"policy"}, {"policy"}, {"label_smoothing"},
        {"dropout"}, {"weight_decay"}, set().union(*flat[:-1]),
    ]  # fmt: skip


def two_ways(**changes):
    plan = short(ABLATION)
    return dataclasses.replace(plan, ways=plan.ways[:2], **changes)


def test_what_was_interrupted_goes_on_and_what_is_done_is_not_done_again(tmp_path):
    plan, said = two_ways(), []

    def give_up(line):
        said.append(line)
        if len(said) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(plan, tmp_path / "runs", tmp_path, give_up)
    assert [line.split(",")[0] for line in said] == [
        "1 of 4: none-6-0", "2 of 4: flip_shift-6-0", "3 of 4: none-6-1",
    ]  # fmt: skip
    found = carry_out(plan, tmp_path / "runs", tmp_path, said.append)
    assert [line.split(",")[0] for line in said[3:]] == ["1 of 1: flip_shift-6-1"]
    assert not list((tmp_path / "runs").iterdir())
    whole = carry_out(plan, tmp_path / "other runs", tmp_path / "whole", said.append)
    assert whole["cells"] == found["cells"] == results_of("ablation", tmp_path)["cells"]

    count = len(said)
    renamed = dataclasses.replace(plan, question=HEAD.question)
    assert carry_out(renamed, tmp_path / "runs", tmp_path, said.append)["cells"] == found["cells"]
    assert results_of("ablation", tmp_path)["question"] == HEAD.question
    assert len(said) == count
    changed = dataclasses.replace(plan, common=plan.common | {"learning_rate": 1e-3})
    carry_out(changed, tmp_path / "runs", tmp_path, said.append, seeds=1)
    assert [line.split(":")[0] for line in said[count:]] == ["1 of 2", "2 of 2"]


def test_what_is_written_makes_the_same_recipe_anywhere(tmp_path):
    plan = two_ways()
    carry_out(plan, tmp_path / "runs", tmp_path, lambda line: None, seeds=1)
    text = (tmp_path / "ablation.json").read_text("utf-8")
    assert str(tmp_path) not in text
    cells = json.loads(text)["cells"]
    for (way, size), cell in zip(plan.cells(), cells, strict=True):
        assert recipe_from(cell["recipe"] | {"name": f"{way.key}-{size}-3", "seed": 3}) == plan.recipe(
            way, size, 3
        )


def test_pretrained_weights_that_are_missing_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_DATA", str(tmp_path))
    with pytest.raises(ReaderError, match=rf"weights/{PRETRAINED} is missing"):
        carry_out(short(HEAD), tmp_path / "runs", tmp_path)
    with pytest.raises(ReaderError, match=r"no results of head"):
        results_of("head", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_the_short_experiment_by_its_command(name, tmp_path, monkeypatch, capsys):
    from explainer.models.published import construct

    weights = tmp_path / "data" / "weights" / PRETRAINED
    weights.parent.mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(construct("squeezenet1_1").state_dict(), weights)
    monkeypatch.setenv("CONVSCOPE_DATA", str(tmp_path / "data"))
    words = [name, "--short", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path)]
    main(words)
    first = capsys.readouterr().out
    plan = PLANS[name]
    runs = 2 * len(plan.ways)
    assert f"{runs} of {runs}: " in first
    found = results_of(name, tmp_path)
    assert all([run["seed"] for run in cell["runs"]] == [0, 1] for cell in found["cells"])
    assert all(0 <= run["test"] <= 1 for cell in found["cells"] for run in cell["runs"])
    main(["table", *words])
    table = capsys.readouterr().out
    assert first.endswith(table)
    assert all(f"| {way.title} |" in table for way in plan.ways)
    assert f"`python -m explainer.training.reference {name}`" in table


def test_what_is_not_an_experiment_is_refused(capsys):
    for words in (["tail"], ["show", "head"], ["head", "--seeds", "0"]):
        with pytest.raises(SystemExit):
            main(words)
    assert "say one of head, ablation" in capsys.readouterr().err


def results(baseline="none"):
    cells = {
        ("none", 10): [(0, 0.50), (1, 0.60), (2, 0.55)],
        ("none", 50): [(0, 0.70)],
        ("more", 10): [(1, 0.66), (2, 0.58)],
        ("more", 50): [],
    }
    return {
        "question": "Which?", "baseline": baseline, "data": "noise", "notes": ["Beware."], "command": "do it",
        "cells": [
            {"way": way, "title": way.title(), "images_per_class": size,
             "runs": [{"seed": seed, "test": share, "train": 1.0} for seed, share in runs]}
            for (way, size), runs in cells.items()
        ],
    }  # fmt: skip


def test_means_spreads_and_gains_are_those_of_their_definition():
    none, many, more = rows_of(results())
    assert none.test.mean == pytest.approx(0.55)
    assert none.test.spread == pytest.approx((0.05**2 * 2 / 2) ** 0.5)
    assert (many.test.spread, many.test.count, none.gain, many.gain) == (None, 1, None, None)
    assert more.tests == (0.66, 0.58)
    # Against the same seeds only: 0.06 and 0.03.
    assert (more.gain.mean, more.gain.count) == (pytest.approx(0.045), 2)
    assert more.gain.spread == pytest.approx(statistics.stdev([0.06, 0.03]))
    assert shares(none.test) == f"55.0{NARROW}±{NARROW}5.0{NARROW}%"
    assert shares(many.test) == f"70.0{NARROW}%"
    assert points(more.gain) == f"+4.5{NARROW}±{NARROW}2.1"


def test_tables():
    by_gain = as_table(results()).replace(NARROW, " ")
    assert "| More | 10 | 62.0 ± 5.7 % | +4.5 ± 2.1 | 100.0 ± 0.0 % |" in by_gain
    assert "over 1 to 3 seeds. Noise." in by_gain
    assert by_gain.endswith("- Beware.\n\nAgain: `do it`")
    by_size = as_table(results("")).replace(NARROW, " ").splitlines()
    assert "| None | 55.0 ± 5.0 % | 70.0 % |" in by_size
    assert "| More | 62.0 ± 5.7 % |  |" in by_size


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_results_that_come_along_are_those_of_the_plan(plan):
    found = results_of(plan.name)
    assert found["question"] == plan.question
    assert found["notes"] == list(plan.notes)
    assert [cell["title"] for cell in found["cells"]] == [way.title for way, _ in plan.cells()]
    for (way, size), cell in zip(plan.cells(), found["cells"], strict=True):
        assert tuple(run["seed"] for run in cell["runs"]) == plan.seeds
        assert recipe_from(cell["recipe"] | {"name": f"{way.key}-{size}-0"}) == plan.recipe(way, size, 0)
