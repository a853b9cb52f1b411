"""``python -m explainer.training recipe [--out folder]``: train, measure, write weights and model card."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from explainer.training.data import Dataset, load_dataset
from explainer.training.engine import append_json, evaluate, fit
from explainer.training.recipe import Recipe, load_recipe

ASSETS = Path(__file__).parents[2] / "assets" / "weights"


def model_card(recipe: Recipe, data: Dataset, model: torch.nn.Module) -> dict[str, Any]:
    """Return what a reader must know of the weights, with accuracies measured now."""
    channels, height, width = data.train.images.shape[1:]
    return {
        "name": recipe.name,
        "architecture": (type(model).__doc__ or "").strip().splitlines()[0],
        "parameters": sum(p.numel() for p in model.parameters()),
        "data": data.description,
        "accuracy": {
            split: {"top1": evaluate(model, part, recipe), "count": len(part)}
            for split, part in (("train", data.train), ("test", data.test))
        },
        "how_chosen": f"The weights after the last epoch; no checkpoint was chosen. {recipe.note}".strip(),
        "preprocessing": {
            "size": [height, width],
            "mode": "L" if channels == 1 else "RGB",
            "mean": list(recipe.mean[:channels]),
            "std": list(recipe.std[:channels]),
        },
        "classes": list(data.classes),
        "recipe": dataclasses.asdict(recipe),
        "created_with": f"torch {torch.__version__}, Python {platform.python_version()}, CPU",
        "licence": "Apache-2.0",
    }


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

    recipe = load_recipe(options.recipe)
    data = load_dataset(recipe.dataset)
    folder = options.runs / recipe.name
    write = append_json(folder / "log.jsonl")

    def log(line: dict[str, Any]) -> None:
        write(line)
        print(line, flush=True)

    model = fit(recipe, data, folder, log)
    card = model_card(recipe, data, model)
    out = options.out or (ASSETS if recipe.name == recipe.network else folder)
    out.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), out / f"{recipe.name}.safetensors")
    (out / f"{recipe.name}.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card["accuracy"]), flush=True)


if __name__ == "__main__":
    main()
