"""The training loop: it learns, it resumes to the same bits, it leaves nothing half written."""

import dataclasses
import math

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.models.networks import build
from explainer.training import evaluate, fit
from explainer.training.data import Dataset, Split
from explainer.training.engine import Silent
from explainer.training.recipe import Augmentation

changed = dataclasses.replace


def same(one, other):
    return all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in one.state_dict().items())


def test_it_learns(halves, recipe, tmp_path):
    recipe = changed(recipe, epochs=6)
    model = fit(recipe, halves, tmp_path)
    assert evaluate(model, halves.test, recipe) > 0.95


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"network": "resnet20", "dropout": 0.3, "stochastic_depth": 0.5, "validation": 0.25},
        {"mixup": 0.4, "cutmix": 1.0, "optimizer": "sgd", "learning_rate": 0.05, "adversarial": 0.03},
        {"frozen_stages": -1, "average": 0.0, "augmentation": Augmentation()},
        {"frozen_stages": 3, "unfreeze_every": 1, "precision": "bfloat16", "schedule": "cosine"},
    ],
    ids=["averaged", "random layers", "mixed and attacked", "kept features", "thawing"],
)
def test_a_run_that_ends_anywhere_goes_on_to_the_same_bits(
    halves, recipe, settings, tmp_path, noting, killed
):
    recipe = changed(recipe, **settings)
    if recipe.network == "resnet20":
        halves = in_colour(halves)
    whole = fit(recipe, halves, tmp_path / "whole")
    folder = tmp_path / "killed"
    fit(recipe, halves, folder, noting(stop_at=2))  # within the first epoch
    with pytest.raises(killed):
        fit(recipe, halves, folder, noting(kill_at=4))  # within the second; its first steps are lost
    resumed = fit(recipe, halves, folder)
    assert same(whole, resumed)
    assert not list(folder.glob("*.part"))


def in_colour(data):
    return Dataset(
        Split(data.train.images.expand(-1, 3, -1, -1), data.train.labels),
        Split(data.test.images.expand(-1, 3, -1, -1), data.test.labels),
        data.classes,
        data.description,
    )


def test_one_step_is_that_of_a_plain_loop(halves, recipe, tmp_path):
    recipe = changed(
        recipe, epochs=1, batch_size=64, optimizer="sgd", average=0.0, augmentation=Augmentation()
    )
    found = fit(recipe, halves, tmp_path)

    torch.manual_seed(recipe.seed)
    model = build("lenet5", 2).train()
    images = halves.train.images.float() / 255
    F.cross_entropy(model(images), halves.train.labels).backward()
    rate = torch.optim.lr_scheduler.OneCycleLR(
        torch.optim.SGD(model.parameters(), lr=recipe.learning_rate), recipe.learning_rate, total_steps=1
    ).get_last_lr()[0]
    for name, parameter in model.named_parameters():
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        gradient = parameter.grad + decay * parameter.detach()
        expected = parameter.detach() - rate * (1 + recipe.momentum) * gradient  # Nesterov's first step
        assert torch.allclose(found.get_parameter(name), expected, atol=1e-6), name


def test_many_steps_are_those_of_a_plain_loop(halves, recipe, tmp_path, noting):
    recipe = changed(
        recipe, epochs=4, average=0.0, augmentation=Augmentation(), clip=0.5, label_smoothing=0.1,
        schedule="constant", warmup=0.0,
    )  # fmt: skip
    notes = noting()
    found = fit(recipe, halves, tmp_path, notes)

    from explainer.training.chance import generator_for

    torch.manual_seed(recipe.seed)
    model = build("lenet5", 2).train()
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate)
    images = halves.train.images.float() / 255
    losses = []
    for epoch in range(recipe.epochs):
        order = torch.randperm(64, generator=generator_for(recipe.seed, "order", epoch))
        for chosen in order.split(recipe.batch_size):
            loss = F.cross_entropy(model(images[chosen]), halves.train.labels[chosen], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            losses.append(float(loss.detach()))
    assert [line["loss"] for line in notes.steps] == pytest.approx(losses, rel=1e-4)
    for name, tensor in model.state_dict().items():
        assert torch.allclose(found.state_dict()[name], tensor, atol=1e-4), name


def test_frozen_means_unchanged_bits(halves, recipe, tmp_path):
    colours = in_colour(halves)
    recipe = changed(recipe, network="resnet20", average=0.0, frozen_stages=3, epochs=2)
    torch.manual_seed(recipe.seed)
    before = build("resnet20", 2).state_dict()
    after = fit(recipe, colours, tmp_path).state_dict()
    for name, tensor in before.items():
        frozen = name.startswith(("conv1", "bn1", "layer1", "layer2"))
        assert torch.equal(tensor, after[name]) == frozen, name


def test_features_of_a_frozen_backbone_are_those_of_the_whole_network(halves, recipe, tmp_path, monkeypatch):
    recipe = changed(
        recipe, network="resnet20", frozen_stages=-1, average=0.0, augmentation=Augmentation(), epochs=2
    )
    colours = in_colour(halves)
    kept = fit(recipe, colours, tmp_path / "kept")
    monkeypatch.setattr("explainer.training.engine.cut_frozen", lambda *models: None)
    plain = fit(recipe, colours, tmp_path / "plain")
    for name, tensor in kept.state_dict().items():
        assert torch.allclose(tensor, plain.state_dict()[name], atol=1e-5), name


@pytest.mark.parametrize(
    ("network", "settings"),
    [
        ("resnet20", {}),
        ("resnet20", {"average": 0.9, "augmentation": Augmentation(flip=0.5), "stochastic_depth": 0.3}),
        ("lenet5", {"frozen_stages": 3, "unfreeze_every": 2, "dropout": 0.5, "precision": "bfloat16"}),
        ("squeezenet1_1", {"channels_last": False}),
        ("squeezenet1_1", {"dropout": 0.3, "patience": 1, "learning_rate": 1e-6}),
    ],
    ids=["resnet20", "averaged", "thawed", "squeezenet", "dropout"],
)
def test_what_is_held_out_is_measured_to_the_same_bits_from_features(
    halves, recipe, network, settings, tmp_path, monkeypatch, noting
):
    usual = {"frozen_stages": -1, "average": 0.0, "augmentation": Augmentation(), "validation": 0.25}
    recipe = changed(recipe, network=network, epochs=4, **(usual | settings))
    found, calls = [], []
    for whole in (False, True):
        notes = noting()
        if whole:
            monkeypatch.setattr("explainer.training.engine.computed_by_batch", lambda *given: None)
        else:
            monkeypatch.setattr("explainer.training.engine.answered", counted(calls))
        fit(recipe, halves if network == "lenet5" else in_colour(halves), tmp_path / str(whole), notes)
        found.append([line["validation"] for line in notes.epochs])
        monkeypatch.undo()
    assert found[0] == found[1]
    thawing = 3 if "unfreeze_every" in settings else 0  # the network before training, and two epochs
    assert len(calls) == len(found[0]) - thawing > 1


def counted(calls):
    from explainer.training.measuring import answered

    def counting(*given):
        calls.append(1)
        return answered(*given)

    return counting


def test_only_some_images_of_each_class_are_learned_from(halves, recipe, tmp_path):
    from explainer.training.data import drawn
    from explainer.training.engine import Training
    from explainer.training.processes import World

    recipe = changed(recipe, images_per_class=10, validation=0.2, seed=3, epochs=2)
    run = Training(recipe, halves, tmp_path / "few", World())
    assert [len(run.train), len(run.validation), run.per_epoch] == [16, 4, 1]
    by_hand = changed(halves, train=drawn(halves.train, 10, 3))
    assert same(
        fit(recipe, halves, tmp_path / "few"),
        fit(changed(recipe, images_per_class=0), by_hand, tmp_path / "hand"),
    )


def test_the_best_epoch_is_kept_and_the_run_ends_when_it_gets_no_better(halves, recipe, tmp_path, noting):
    recipe = changed(
        recipe, epochs=30, validation=0.25, patience=2, average=0.0, optimizer="sgd", learning_rate=0.2,
        schedule="constant", warmup=0.0,
    )  # fmt: skip
    notes = noting()
    model = fit(recipe, halves, tmp_path, notes)
    losses = [line["validation"]["loss"] for line in notes.epochs]
    best = min(range(len(losses)), key=losses.__getitem__)
    assert len(losses) - 1 == best + 2 < 30

    from explainer.training.data import held_out
    from explainer.training.measuring import measure

    _, validation = held_out(halves.train, recipe.validation, recipe.seed)
    assert measure(model, validation, recipe).loss == pytest.approx(losses[best], rel=1e-5)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_what_was_learned(halves, recipe, tmp_path):
    fit(changed(recipe, epochs=1), halves, tmp_path)
    with pytest.raises(ReaderError, match="in the first epoch, so nothing has been learned"):
        fit(changed(recipe, optimizer="sgd", learning_rate=1e30, average=0.0), halves, tmp_path / "wild")
    with pytest.raises(ReaderError, match="in epoch 2"):
        fit(changed(recipe, average=0.0), halves, tmp_path / "later", Spoiling())
    for name in ("wild", "later"):
        state = torch.load(tmp_path / name / "last.pt", weights_only=True)
        assert all(bool(torch.isfinite(value).all()) for value in state["model"].values())


class Spoiling(Silent):
    """Makes a network compute nonsense from its second epoch on."""

    def epoch(self, line, measured, network):
        if line["epoch"] == 1:
            network.output.bias.data.fill_(math.nan)


def test_layer_wise_rates_reach_the_optimizer(halves, recipe, tmp_path):
    from explainer.training.engine import Training
    from explainer.training.processes import World

    run = Training(changed(recipe, rate_decay=0.5), halves, tmp_path, World())
    rate_of = {id(p): group["lr"] for group in run.optimizer.param_groups for p in group["params"]}
    found = {name: rate_of[id(p)] for name, p in run.model.named_parameters()}
    names = ["c1.weight", "c3.weight", "c5.weight", "f6.weight", "output.weight"]
    assert [found[name] for name in names] == pytest.approx([3e-3 * 0.5**n for n in (4, 3, 2, 1, 0)])


def test_a_second_cycle_goes_on_from_the_weights_of_the_first(halves, recipe, tmp_path):
    first = changed(recipe, name="first", average=0.0, epochs=1)
    second = changed(first, name="second", start="first", learning_rate=0.0)
    with pytest.raises(ReaderError, match="first"):
        fit(second, halves, tmp_path / "second")
    trained = fit(first, halves, tmp_path / "first")
    save_file(trained.state_dict(), tmp_path / "first" / "first.safetensors")
    again = fit(second, halves, tmp_path / "second")
    assert same(trained, again)


def test_a_recipe_that_cannot_be_followed_says_why(halves, recipe, tmp_path):
    from explainer.training.processes import World

    refused = [
        ({"network": "lenet6"}, "Did you mean"),
        ({"precision": "float16", "device": "cpu"}, "float16 needs a GPU"),
        ({"device": "cuda:17"}, "no device cuda:17"),
        ({"stochastic_depth": 0.1}, "no residual branches"),
        ({"network": "resnet20"}, "takes images of 3 channels, those of the data set have 1"),
        ({"teacher": "tiny_vgg"}, "10 classes apart, the data set has 2"),
        # A network of timm's that nobody has published weights for.
        ({"teacher": "timm:convnext_atto_rms"}, "weights of the teacher timm:convnext_atto_rms are not"),
    ]
    for settings, said in refused:
        with pytest.raises(ReaderError, match=said):
            fit(changed(recipe, **settings), halves, tmp_path)
    with pytest.raises(ReaderError, match="cannot be divided among 3"):
        fit(recipe, halves, tmp_path, world=World(0, 3))


def test_a_run_leaves_the_global_generator_alone(halves, recipe, tmp_path):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    fit(changed(recipe, epochs=1), halves, tmp_path)
    assert torch.equal(torch.rand(3), expected)
