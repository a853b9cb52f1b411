"""Which recipes an experiment compares: ways to train, each for some numbers of images and some seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from explainer.tracing.arithmetic.text import Phrase
from explainer.training.recipe import Augmentation, Recipe

PRETRAINED = "squeezenet1_1_fp16.pth"
"""SqueezeNet 1.1 as torchvision trained it on ImageNet: a state dict in ``weights`` beside the data."""


@dataclass(frozen=True)
class Way:
    """One way to train."""

    key: str
    title: Phrase
    settings: Mapping[str, Any]
    """Fields of ``Recipe`` in which it differs from the plan's others."""
    steps: int = 0
    """Of training; the plan's where it is 0."""


@dataclass(frozen=True)
class Plan:
    """An experiment: every way, with every number of images, with every seed."""

    name: str
    question: Phrase
    dataset: str
    classes: int
    sizes: tuple[int, ...]
    """Training images of each class."""
    seeds: tuple[int, ...]
    """Each draws its own training images, first weights and order."""
    steps: int
    """Of training, whatever the number of images: the fewer there are, the more often each is seen."""
    common: Mapping[str, Any]
    """Fields of ``Recipe`` that all ways share."""
    ways: tuple[Way, ...]
    baseline: str
    """Key of the way that the others are compared with; empty for none."""
    notes: tuple[Phrase, ...]
    """What a reader of the figures must know."""

    def cells(self) -> Iterator[tuple[Way, int]]:
        """Yield each way with each number of images."""
        for way in self.ways:
            for size in self.sizes:
                yield way, size

    def recipe(self, way: Way, size: int, seed: int) -> Recipe:
        """Return what one run follows; where weights are to come from a file, ``start`` is its bare name."""
        settings = {**self.common, **way.settings}
        images = size * self.classes
        return Recipe(
            name=f"{way.key}-{size}-{seed}",
            dataset=self.dataset,
            images_per_class=size,
            seed=seed,
            epochs=max(1, (way.steps or self.steps) * min(settings["batch_size"], images) // images),
            **settings,
        )


_CHANGED = Augmentation(flip=0.5, shift=0.1)
_IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
_CIFAR10 = {"mean": (0.4914, 0.4822, 0.4465), "std": (0.2470, 0.2435, 0.2616)}

HEAD = Plan(
    name="head",
    question=Phrase("What are pretrained features worth, with few images and with many?"),
    dataset="tiny_imagenet_10",
    classes=10,
    sizes=(20, 100, 500),
    seeds=(0, 1, 2),
    steps=800,
    common={"batch_size": 50, "optimizer": "adamw", "weight_decay": 1e-2, "side": 64, **_IMAGENET},
    ways=(
        Way(
            "head128",
            Phrase("SqueezeNet, head alone, images enlarged to 128 px"),
            {"network": "squeezenet1_1", "start": PRETRAINED, "frozen_stages": -1, "learning_rate": 3e-3,
             "side": 128},
        ),
        Way(
            "head64",
            Phrase("SqueezeNet, head alone, 64 px"),
            {"network": "squeezenet1_1", "start": PRETRAINED, "frozen_stages": -1, "learning_rate": 3e-3},
        ),
        Way(
            "tuned",
            Phrase("SqueezeNet, all stages from pretrained weights, 64 px"),
            # Ten stages, the first at a tenth of the head's rate.
            {"network": "squeezenet1_1", "start": PRETRAINED, "learning_rate": 3e-4,
             "rate_decay": round(0.1 ** (1 / 9), 3), "augmentation": _CHANGED},
            steps=400,
        ),
        Way(
            "scratch",
            Phrase("SqueezeNet from random weights, 64 px"),
            {"network": "squeezenet1_1", "learning_rate": 1e-3, "augmentation": _CHANGED},
        ),
        Way(
            "small",
            Phrase("Tiny VGG from random weights, 64 px"),
            {"network": "tiny_vgg", "learning_rate": 3e-3, "augmentation": _CHANGED},
        ),
    ),
    baseline="",
    notes=(
        Phrase(
            "Every run has 800 steps of 50 images (400 for all stages from pretrained weights), so "
            "networks that begin with random weights see 500 images a class only 8 times each: longer "
            "runs would bring them closer."
        ),
        Phrase(
            "Learning rates are those of the app's advice and were not tuned, except that of SqueezeNet "
            "from random weights, chosen from two by the training loss of a short run."
        ),
        Phrase(
            "Tiny ImageNet is made of ImageNet's own images, so the pretrained network knows these ten "
            "classes and has probably seen many of the images, those of the test among them: the most "
            "favourable case."
        ),
        Phrase(
            "The head alone is trained without augmentation, so that its features are computed once; the "
            "others are trained with mirror images and shifts."
        ),
        Phrase(
            "The test has 500 images: by chance alone, a share of 85 % is uncertain by 1.6 points (one "
            "standard error). All ways are tested on the same images, so their differences are less "
            "uncertain."
        ),
        Phrase(
            "Each run was tested once, after its last step; nothing was chosen by the test images."
        ),
    ),
)  # fmt: skip

ABLATION = Plan(
    name="ablation",
    question=Phrase("What does each kind of augmentation and regularisation bring, with 1,000 images?"),
    dataset="cifar10",
    classes=10,
    sizes=(100,),
    seeds=(0, 1, 2),
    steps=400,
    common={
        "network": "resnet20", "batch_size": 50, "optimizer": "adamw", "learning_rate": 3e-3,
        "weight_decay": 0.0, "precision": "bfloat16", **_CIFAR10,
    },
    ways=(
        Way("none", Phrase("none"), {}),
        Way("flip_shift", Phrase("flip + shift"), {"augmentation": Augmentation(flip=0.5, shift=0.125)}),
        Way("cutout", Phrase("Cutout"), {"augmentation": Augmentation(cutout=0.5)}),
        Way("mixup", Phrase("Mixup"), {"mixup": 1.0}),
        Way("cutmix", Phrase("CutMix"), {"cutmix": 1.0}),
        Way("randaugment", Phrase("RandAugment"), {"augmentation": Augmentation(policy="randaugment")}),
        Way(
            "trivialaugment",
            Phrase("TrivialAugment"),
            {"augmentation": Augmentation(policy="trivialaugment")},
        ),
        Way("smoothing", Phrase("label smoothing"), {"label_smoothing": 0.1}),
        Way("dropout", Phrase("dropout"), {"dropout": 0.2}),
        Way("decay", Phrase("weight decay"), {"weight_decay": 0.05}),
        Way(
            "all",
            Phrase("all of them"),
            {
                "augmentation": Augmentation(flip=0.5, shift=0.125, cutout=0.5, policy="trivialaugment"),
                "mixup": 1.0, "cutmix": 1.0, "label_smoothing": 0.1, "dropout": 0.2, "weight_decay": 0.05,
            },
        ),
    ),
    baseline="none",
    notes=(
        Phrase(
            "Strengths are those of the papers or usual ones; neither they nor the learning rate were "
            "tuned."
        ),
        Phrase(
            "Runs are short (each image is seen 20 times): what makes the task harder often pays off only"
            " in longer ones."
        ),
        Phrase(
            "Differences are taken between runs of the same seed, which have the same images and first "
            "weights."
        ),
        Phrase(
            "Each run was tested once, on all 10,000 test images, after its last step; nothing was chosen"
            " by them."
        ),
    ),
)  # fmt: skip

PLANS = {plan.name: plan for plan in (HEAD, ABLATION)}


def short(plan: Plan) -> Plan:
    """Return a plan that is done in seconds: small drawings, few of each class, one epoch, two seeds."""
    size = 6
    steps = -(-size * plan.classes // plan.common["batch_size"])
    ways = tuple(dataclasses.replace(way, steps=steps) for way in plan.ways)
    common = {"side": 16, **plan.common}
    return dataclasses.replace(
        plan, dataset="starter", sizes=(size,), seeds=(0, 1), steps=steps, ways=ways, common=common
    )
