"""``python -m explainer.detection.learning recipe``: train a detector, measure it, write weights and card."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from explainer.detection.learning.card import save
from explainer.detection.learning.fit import (
    DetectorRecipe,
    Loss,
    batch,
    faster_rcnn_parts,
    fit,
    load_detector_recipe,
    yolox_parts,
)
from explainer.detection.learning.pictures import Labelled, fitted, read_labelled
from explainer.detection.published import load_onnx, with_statistics
from explainer.detection.small_faster_rcnn import TRAINED_SIDES, build_small_faster_rcnn
from explainer.detection.yolox import SIZES, build_yolox
from explainer.models.entries import WEIGHTS
from explainer.training.data import data_folder

WHOLE = "weights.safetensors"
"""What a finished run leaves in its folder, in full precision."""
MEASURED = 32
"""Pictures that say what published weights are like on these data."""


def prepared(
    recipe: DetectorRecipe, pictures: list[Labelled], runs: Path, device: str
) -> tuple[nn.Module, Loss]:
    """Return the network with its first weights, and its loss."""
    torch.manual_seed(recipe.seed)
    finished = {} if Path(recipe.start).suffix or not recipe.start else load_file(runs / recipe.start / WHOLE)
    if recipe.network not in SIZES:
        detector = build_small_faster_rcnn(len(recipe.classes), sides=TRAINED_SIDES)
        _take_over(detector.backbone.body, _backbone(finished))
        return detector, faster_rcnn_parts
    model = build_yolox(recipe.network, len(recipe.classes))
    if Path(recipe.start).suffix:
        published = load_onnx(data_folder() / recipe.start, build_yolox(recipe.network))
        images, _ = batch([fitted(one, recipe.side) for one in pictures[:MEASURED]], "cpu")
        finished = with_statistics(published, images).state_dict()
    _take_over(model, finished)
    return model, yolox_parts(recipe.side, device)


def _backbone(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    prefix = "backbone.backbone."
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _take_over(model: nn.Module, state: dict[str, torch.Tensor]) -> None:
    """Copy the tensors that fit; a head for other classes keeps its new weights."""
    own = model.state_dict()
    model.load_state_dict(own | {k: v for k, v in state.items() if k in own and own[k].shape == v.shape})


def main() -> None:
    """Train one recipe from the command line."""
    parser = argparse.ArgumentParser(prog="python -m explainer.detection.learning", description=__doc__)
    parser.add_argument("recipe", help="a TOML file, or the name of a recipe that comes with the project")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints and logs")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder for the weights and the model card")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    recipe = load_detector_recipe(options.recipe)
    folder = options.runs / recipe.name

    def log(line: dict[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(line, flush=True)

    pictures = read_labelled(data_folder() / "faces.zip", recipe.classes, "train")
    model, loss_of = prepared(recipe, pictures, options.runs, options.device)
    trained = fit(recipe, model, loss_of, pictures, folder, log, options.device).cpu()
    save_file(trained.state_dict(), folder / WHOLE)
    card = save(
        recipe, trained, read_labelled(data_folder() / "faces.zip", recipe.classes, "val"), options.out
    )
    print(json.dumps(card["ap"]), flush=True)


if __name__ == "__main__":
    main()
