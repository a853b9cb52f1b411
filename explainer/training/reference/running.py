"""Carrying an experiment out, run by run; one that is killed goes on where it was."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch

from explainer.errors import ReaderError
from explainer.training.checkpoint import save_text
from explainer.training.data import Dataset, data_folder, drawn, load_dataset
from explainer.training.engine import fit
from explainer.training.measuring import evaluate
from explainer.training.recipe import Augmentation, Recipe
from explainer.training.reference.plans import PRETRAINED, Plan, Way

RESULTS = Path(__file__).parents[3] / "assets" / "reference"
"""``<name>.json`` holds what a plan came to."""


def carry_out(
    plan: Plan,
    runs: Path,
    results: Path,
    say: Callable[[str], object] = print,
    *,
    seeds: int | None = None,
) -> dict[str, Any]:
    """Train everything in a plan that has no result yet; return all results.

    A result counts only for the recipe that it was found with: where a plan has changed, it is found anew.
    All ways of a seed come before the next seed, so what is there at any time can be compared.

    Args:
        plan: what to do.
        runs: folder for the checkpoint of the run at work.
        results: where ``<name>.json`` is, or will be.
        say: told what each run came to.
        seeds: only the first so many of the plan's; all by default.

    Raises:
        ReaderError: images or weights are missing.
    """
    path = results / f"{plan.name}.json"
    weights = _weights(plan)
    found = _begun(plan, path, weights)
    todo = [
        (cell, way, size, seed)
        for seed in plan.seeds[:seeds]
        for cell, (way, size) in zip(found["cells"], plan.cells(), strict=True)
        if all(run["seed"] != seed for run in cell["runs"])
    ]
    data = cache(lambda side: load_dataset(plan.dataset, side=side))
    for number, (cell, way, size, seed) in enumerate(todo, 1):
        recipe = plan.recipe(way, size, seed)
        images = data(recipe.side)
        found["data"] = images.description
        found["created_with"] = f"torch {torch.__version__}, Python {platform.python_version()}"
        run = _run(recipe, images, runs, weights)
        cell["runs"] = sorted([*cell["runs"], {"seed": seed, **run}], key=lambda one: one["seed"])
        _save(path, found)
        say(f"{number} of {len(todo)}: {recipe.name}, test {run['test']:.1%}, training {run['train']:.1%}")
    _save(path, found)  # the plan's words may have changed since
    return found


def results_of(name: str, results: Path = RESULTS) -> dict[str, Any]:
    """Return what an experiment came to.

    Raises:
        ReaderError: it has not been done.
    """
    try:
        return json.loads((results / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ReaderError(
            "There are no results of {name}. Run: python -m explainer.training.reference {name}", name=name
        ) from error


def _save(path: Path, found: dict[str, Any]) -> None:
    save_text(path, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def _run(recipe: Recipe, data: Dataset, runs: Path, weights: Path | None) -> dict[str, float]:
    """Train one recipe and measure it, once, on the test images and on those it has learned from."""
    digest = hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]
    folder = runs / f"{recipe.name}-{digest}"  # a checkpoint of another recipe is of no use
    followed = dataclasses.replace(recipe, start=str(weights)) if recipe.start == PRETRAINED else recipe
    model = fit(followed, data, folder)
    learned = drawn(data.train, recipe.images_per_class, recipe.seed)
    found = {"test": evaluate(model, data.test, recipe), "train": evaluate(model, learned, recipe)}
    shutil.rmtree(folder)
    return {split: round(share, 6) for split, share in found.items()}


def _begun(plan: Plan, path: Path, weights: Path | None) -> dict[str, Any]:
    """Return the results with those runs that are there already and still follow the plan."""
    try:
        old = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        old = {}
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights else ""
    known = {
        json.dumps(cell["recipe"], sort_keys=True): cell["runs"]
        for cell in old.get("cells", ())
        if cell["recipe"].get("start", "") != PRETRAINED or old.get("weights", {}).get("sha256") == digest
    }
    cells = []
    for way, size in plan.cells():
        recipe = _fields(plan, way, size)
        runs = known.get(json.dumps(recipe, sort_keys=True), [])
        cells.append(
            {
                "way": way.key,
                "title": way.title,
                "images_per_class": size,
                "recipe": recipe,
                "runs": [run for run in runs if run["seed"] in plan.seeds],
            }
        )
    return {
        "name": plan.name,
        "question": plan.question,
        "command": f"python -m explainer.training.reference {plan.name}",
        "data": old.get("data", ""),
        "weights": {"file": PRETRAINED, "sha256": digest} if weights else {},
        "baseline": plan.baseline,
        "notes": list(plan.notes),
        "created_with": old.get("created_with", ""),
        "cells": cells,
    }


def _fields(plan: Plan, way: Way, size: int) -> dict[str, Any]:
    """Return the fields of a recipe that are not the usual ones, but for name and seed, as JSON has them."""
    recipe = dataclasses.asdict(plan.recipe(way, size, 0))
    usual = {field.name: field.default for field in dataclasses.fields(Recipe)}
    changes = dataclasses.asdict(Augmentation())
    augmentation = {
        name: value for name, value in recipe.pop("augmentation").items() if value != changes[name]
    }
    kept = {
        name: value for name, value in recipe.items() if name not in {"name", "seed"} and value != usual[name]
    }
    return json.loads(json.dumps(kept | ({"augmentation": augmentation} if augmentation else {})))


def _weights(plan: Plan) -> Path | None:
    """Return the file of pretrained weights, where the plan needs it."""
    if all(way.settings.get("start") != PRETRAINED for way in plan.ways):
        return None
    path = data_folder() / "weights" / PRETRAINED
    if not path.is_file():
        raise ReaderError(
            "The file weights/{name} is missing in the folder CONVSCOPE_DATA: torchvision's SqueezeNet 1.1, "
            "as a PyTorch state dict.",
            name=PRETRAINED,
        )
    return path
