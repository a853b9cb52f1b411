"""``python -m explainer.training recipe``: train, measure, write weights and model card.

``torchrun --nproc-per-node=2 -m explainer.training recipe`` does the same with two processes. A run that was
ended at any time, by whatever, goes on from its last checkpoint when the same command is given again.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from explainer.errors import ReaderError
from explainer.training.card import model_card
from explainer.training.checkpoint import save_text, save_weights
from explainer.training.data import load_dataset
from explainer.training.engine import Silent, Training
from explainer.training.fitting import check_images
from explainer.training.measuring import Measured
from explainer.training.processes import World, joined, leave
from explainer.training.recipe import RECIPE_FILE, Recipe, dump_recipe, load_recipe
from explainer.training.runs import Keeper, Run

ASSETS = Path(__file__).parents[2] / "assets" / "weights"


class _Printing(Keeper):
    """Says the epochs on the terminal, too."""

    def epoch(self, line: dict[str, Any], measured: Measured | None, network: nn.Module) -> None:
        super().epoch(line, measured, network)
        print(json.dumps(line), flush=True)


def main() -> None:
    """Train one recipe from the command line."""
    parser = argparse.ArgumentParser(prog="python -m explainer.training", description=__doc__)
    parser.add_argument("recipe", help="a TOML file, or the name of a recipe that comes with the project")
    parser.add_argument(
        "--out",
        type=Path,
        help="folder for the weights and the model card; by default the app's own for a recipe that is named "
        "after its network, else the run's",
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints and logs")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        recipe = load_recipe(options.recipe)
        out = options.out or (ASSETS if recipe.name == recipe.network else options.runs / recipe.name)
        with joined() as world:
            train(recipe, Run(options.runs / recipe.name), out, world)
        if world.size > 1:
            leave()
    except ReaderError as error:
        sys.exit(str(error))


def train(recipe: Recipe, run: Run, out: Path, world: World) -> None:
    """Train in this process, write what happens into the run's folder and what comes out into ``out``.

    Raises:
        ReaderError: it cannot be done, with what to do about it. The run's folder says so, too.
    """
    if world.first:
        run.folder.mkdir(parents=True, exist_ok=True)
        save_text(run.folder / RECIPE_FILE, dump_recipe(recipe))
    keeper = _Printing(run, recipe)
    if world.first:
        # A polite request to end is a wish to stop: the step is finished and a checkpoint written.
        for kind in (signal.SIGTERM, signal.SIGINT):
            signal.signal(kind, lambda number, frame: run.wish("stop"))
    try:
        data = load_dataset(recipe.dataset, side=recipe.side)
        check_images(recipe, data)
        training = Training(recipe, data, run.folder, world)
        if not world.first:
            training.go(Silent())
            return
        with keeper.at_work(training.saved, training.steps):
            training.go(keeper)
            model = training.result()
            card = model_card(recipe, data, model, run.lines()[0], training.device)
            out.mkdir(parents=True, exist_ok=True)
            save_weights(out / f"{recipe.name}.safetensors", model.state_dict())
            save_text(out / f"{recipe.name}.json", json.dumps(card, indent=2) + "\n")
            keeper.tell("stopped" if training.stopped else "finished", step=training.step)
            print(json.dumps(card["accuracy"]), flush=True)
    except ReaderError as error:
        if world.first:
            keeper.failed(error)
        raise
    except (MemoryError, torch.OutOfMemoryError) as error:
        short = ReaderError(
            "There is not enough memory for batches of {images} images. Choose smaller batches or images.",
            images=recipe.batch_size,
        )
        if world.first:
            keeper.failed(short)
        raise short from error
    except Exception:
        if world.first:
            keeper.tell("failed")  # a fault of the program: it is in the output
        raise


if __name__ == "__main__":
    main()
