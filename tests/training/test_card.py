"""The model card: what it says is so, whatever the network and the data are called."""

import json
import math
from dataclasses import replace

import pytest
import torch

from explainer.models.preprocessing import Preprocessing
from explainer.models.transforms import preprocessing_of_file
from explainer.training import fit
from explainer.training.beginning import new_network
from explainer.training.card import _without_folders, model_card
from explainer.training.card_text import as_markdown, plain, wilson
from explainer.training.data import Dataset, Split, held_out


@pytest.fixture(scope="module")
def trained(halves, recipe, tmp_path_factory):
    """A recipe with a validation split, its network and its log."""
    from explainer.training.engine import Training
    from explainer.training.processes import World
    from explainer.training.runs import Keeper, Run

    recipe = replace(recipe, validation=0.25, epochs=4, patience=2, device="cpu")
    run = Run.new(recipe, tmp_path_factory.mktemp("runs"))
    keeper, training = Keeper(run, recipe), Training(recipe, halves, run.folder, World())
    with keeper.at_work(training.saved, training.steps):
        training.go(keeper)
    return recipe, training.result(), run.lines()[0]


def test_it_says_how_the_run_went(halves, trained):
    recipe, model, lines = trained
    card = model_card(recipe, halves, model, lines, torch.device("cpu"))
    assert json.loads(json.dumps(card))["classes"] == ["upper", "lower"]
    epochs = [line for line in lines if line["kind"] == "epoch"]
    losses = [line["validation"]["loss"] for line in epochs]
    assert card["run"]["epochs"] == epochs[-1]["epoch"] <= 4
    assert card["run"]["steps"] == 3 * card["run"]["epochs"]
    assert card["run"]["best_epoch"] == losses.index(min(losses))
    assert card["run"]["seconds"] == pytest.approx(sum(line.get("seconds", 0) for line in epochs), abs=0.06)
    assert card["run"]["device"]
    assert "licence" not in card  # the reader's own
    assert card["architecture"].startswith("LeNet-5 (LeCun et al., 1998")
    train, validation = held_out(halves.train, 0.25, recipe.seed)
    assert {name: part["count"] for name, part in card["accuracy"].items()} == {
        "train": len(train), "validation": len(validation), "test": len(halves.test),
    }  # fmt: skip
    with torch.no_grad():
        right = model(halves.test.images.float() / 255).argmax(1) == halves.test.labels
    assert card["accuracy"]["test"]["top1"] == pytest.approx(right.double().mean().item())


def test_without_a_log_it_says_nothing_of_it(halves, recipe, tmp_path):
    model = fit(replace(recipe, epochs=1), halves, tmp_path)
    card = model_card(recipe, halves, model)
    assert card["run"] == {}
    as_markdown(card)
    lines = [{"kind": "epoch", "epoch": 0, "step": 0}, {"kind": "step", "epoch": 0.5, "step": 2}]
    assert model_card(recipe, halves, model, lines)["run"] == {"epochs": 0, "steps": 0, "seconds": 0}


def test_it_says_that_only_some_images_were_learned_from(halves, recipe, tmp_path):
    some = replace(recipe, images_per_class=12, validation=0.25, seed=5)
    card = model_card(some, halves, new_network(some, 2, tmp_path).eval())
    counts = {name: part["count"] for name, part in card["accuracy"].items()}
    assert counts == {"train": 18, "validation": 6, "test": len(halves.test)}
    assert "at most 12 of each class were used, drawn by the seed 5" in card["data"]
    assert "images\\_per\\_class | 12 |" in as_markdown(card)
    whole = replace(recipe, images_per_class=0)
    assert model_card(whole, halves, new_network(whole, 2, tmp_path).eval())["data"] == "halves"


def test_the_projects_own_networks_have_its_licence(halves, recipe, tmp_path):
    card = model_card(replace(recipe, name="lenet5"), halves, new_network(recipe, 2, tmp_path).eval())
    assert card["licence"] == "Apache-2.0"


@pytest.mark.parametrize(
    ("key", "called"), [("resnet18", "ResNet18 (torchvision "), ("timm:test_resnet", "(timm ")]
)
def test_networks_of_others_are_called_what_the_catalogue_calls_them(recipe, key, called, tmp_path):
    recipe = replace(recipe, network=key, mean=(0.5,), std=(0.25,), side=40)
    split = Split(torch.zeros(4, 3, 40, 40, dtype=torch.uint8), torch.arange(4) % 2)
    data = Dataset(split, split, ("a", "b"), "black")
    card = model_card(recipe, data, new_network(recipe, 2, tmp_path).eval())
    assert called.lower() in card["architecture"].lower()
    expected = Preprocessing((40, 40), (0.5,) * 3, (0.25,) * 3, resize=40)
    assert preprocessing_of_file(card) == expected  # one number is that of all channels


def test_a_share_has_wilsons_interval():
    """Its ends are the shares from which the one seen is 1.96 standard deviations away."""
    for count, of in ((8, 10), (0, 20), (50, 50), (499, 1000)):
        share = count / of
        low, high = wilson(share, of)
        assert 0 <= low <= share <= high <= 1
        for end in (low, high):
            away = abs(end - share) - 1.959964 * math.sqrt(end * (1 - end) / of)
            assert away == pytest.approx(0, abs=1e-9)


def test_markdown_says_everything_and_nothing_marks_it_up(halves, trained):
    recipe, model, lines = trained
    recipe = replace(recipe, note="a | b\n# no heading", name="<script>*x*</script>")
    data = replace(halves, classes=("a|b", "[x](http://y)"), description="`code` $x$ ~~y~~")
    text = as_markdown(model_card(recipe, data, model, lines, torch.device("cpu")))
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads == [
        "# \\<script\\>\\*x\\*\\</script\\>", "## Accuracy", "## What the network is fed", "## Limits",
        "## Recipe",
    ]  # fmt: skip
    assert "a\\|b, \\[x\\](http://y)" in text
    assert "\\`code\\` \\$x\\$ \\~\\~y\\~\\~" in text
    assert "float32 [N, 1, 32, 32]" in text
    assert "- Trained: " in text
    assert "of the same source" in text
    table = text.split("| setting | value |")[1].strip().splitlines()[1:]
    assert all(row.replace("\\|", "").count("|") == 3 for row in table)
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in table}
    assert rows["learning\\_rate"] == "| learning\\_rate | 0.003 |"
    assert rows["augmentation.flip"] == "| augmentation.flip | 0.5 |"
    assert rows["mean"] == "| mean | 0, 0, 0 |"


def test_plain_text_stays_in_one_line():
    assert plain(" a\n\n| b ") == "a \\| b"


def test_a_card_names_no_folder_of_the_machine_it_was_made_on():
    fields = {
        "dataset": "/home/a/own.safetensors",
        "teacher": "resnet18=/home/a/w.pth",
        "start": "earlier",
        "note": "1/2",
    }
    assert _without_folders(fields) == {
        "dataset": "own.safetensors", "teacher": "resnet18=w.pth", "start": "earlier", "note": "1/2",
    }  # fmt: skip
