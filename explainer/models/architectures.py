"""The landmarks from LeNet-5 to ConvNeXt: what each brought, and its structure as the tracer measured it.

What is told (year, idea, paper) is written here; every number is read from ``architectures.json``, which
``explainer.models.structure`` makes from traces and from the metadata of torchvision's weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from explainer.models.entries import WEIGHTS, find, read_card
from explainer.wording import later

FILE = Path(__file__).with_name("architectures.json")


@dataclass(frozen=True)
class Block:
    """One block of a network's picture."""

    name: str
    """Path of its module (``layer1.0``), or name of its node."""
    kind: str
    """Class of its module (``Bottleneck``), or kind of its node."""
    shape: tuple[int, ...]
    """Of its output without the batch: [C, H, W] or [F]."""
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Structure:
    """What a trace says of a network, for one picture."""

    size: tuple[int, int]
    """Height and width of the input."""
    parameters: int
    """Numbers that training adjusts; buffers (running means and variances) are none."""
    multiply_adds: int
    """Of convolutions and matrix products; a bias, a normalisation, an activation count nothing. FLOPs are
    twice as many."""
    activations: int
    """Numbers in the outputs of all convolutions and linear layers (Radosavovic et al., 2020)."""
    depth: int
    """Convolutions and linear layers on the longest path from input to output."""
    operations: int
    """All operations that ran."""
    blocks: tuple[Block, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it in the form of ``architectures.json``."""
        return {
            "size": list(self.size),
            "parameters": self.parameters,
            "multiply_adds": self.multiply_adds,
            "activations": self.activations,
            "depth": self.depth,
            "operations": self.operations,
            "blocks": [
                [block.name, block.kind, list(block.shape), block.parameters, block.multiply_adds]
                for block in self.blocks
            ],
        }


@dataclass(frozen=True)
class Published:
    """What is published with trained weights: accuracies in percent, on ImageNet-1K's validation pictures."""

    name: str
    """Of torchvision's enumeration: ``ResNet50_Weights.IMAGENET1K_V1``."""
    file: str
    top1: float
    top5: float
    parameters: int
    """``num_params`` of the metadata."""
    gmacs: float
    """``_ops`` of the metadata: 10⁹ multiply-adds."""


@dataclass(frozen=True)
class Architecture:
    """A landmark."""

    key: str
    """As in ``catalog()``."""
    title: str
    year: int
    """When it was first made public (a preprint may be a year older than its conference)."""
    tag: str
    """The idea in a few words."""
    idea: str
    """The idea in a sentence."""
    authors: str
    paper: str
    venue: str
    builds_on: tuple[str, ...] = ()
    """Keys of the landmarks whose ideas it takes up."""

    @property
    def structure(self) -> Structure:
        """Its structure as measured."""
        return _structure(self.key)

    @property
    def published(self) -> tuple[Published, ...]:
        """Its published weights, the oldest first; none for our LeNet-5."""
        return tuple(Published(**row) for row in _measured()[self.key]["weights"])


ARCHITECTURES = (
    Architecture(
        "lenet5",
        "LeNet-5",
        1998,
        later("Convolution, subsampling, learned end to end"),
        later(
            "Small kernels shared over the whole picture alternate with subsampling, and all weights are "
            "learned together by gradient descent from the pixels to the digit."
        ),
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
        "Gradient-Based Learning Applied to Document Recognition",
        "Proceedings of the IEEE 86 (11), 1998",
    ),
    Architecture(
        "alexnet",
        "AlexNet",
        2012,
        later("Deep on a GPU: ReLU, dropout, a million photos"),
        later(
            "The same recipe, larger and trained on 1.2 million photos with graphics cards: ReLU instead of "
            "tanh keeps gradients alive, dropout holds the large linear layers in check."
        ),
        "A. Krizhevsky, I. Sutskever, G. E. Hinton",
        "ImageNet Classification with Deep Convolutional Neural Networks",
        "NIPS 2012; in the one-column form of A. Krizhevsky, arXiv:1404.5997, 2014",
        ("lenet5",),
    ),
    Architecture(
        "vgg16",
        "VGG-16",
        2014,
        later("Nothing but 3 × 3, twice as deep"),
        later(
            "Stacks of 3 × 3 convolutions see as far as one large kernel with fewer weights and more ReLUs "
            "between them, so a plain network can be 16 layers deep."
        ),
        "K. Simonyan, A. Zisserman",
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "ICLR 2015, arXiv:1409.1556",
        ("alexnet",),
    ),
    Architecture(
        "googlenet",
        "GoogLeNet",
        2014,
        later("Inception: several kernel sizes side by side"),
        later(
            "Each module looks with 1 × 1, 3 × 3 and 5 × 5 windows at once (3 × 3 for the 5 × 5 in this "
            "version); 1 × 1 convolutions first make the channels few, and a mean over the map replaces the "
            "large linear layers."
        ),
        "C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, "
        "A. Rabinovich",
        "Going Deeper with Convolutions",
        "CVPR 2015, arXiv:1409.4842",
        ("alexnet",),
    ),
    Architecture(
        "inception_v3",
        "Inception v3",
        2015,
        later("Large kernels split into small ones"),
        later(
            "Inception modules with their large windows factorised: 5 × 5 into two 3 × 3, and 7 × 7 into "
            "1 × 7 followed by 7 × 1; with batch normalisation throughout."
        ),
        "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna",
        "Rethinking the Inception Architecture for Computer Vision",
        "CVPR 2016, arXiv:1512.00567",
        ("googlenet", "vgg16"),
    ),
    Architecture(
        "resnet18",
        "ResNet-18",
        2015,
        later("The shortcut: learn what to add"),
        later(
            "Two 3 × 3 convolutions compute only what is to be added to their input; the sum passes values "
            "forward and gradients back unchanged, so depth stops hurting."
        ),
        "K. He, X. Zhang, S. Ren, J. Sun",
        "Deep Residual Learning for Image Recognition",
        "CVPR 2016, arXiv:1512.03385",
        ("vgg16",),
    ),
    Architecture(
        "resnet50",
        "ResNet-50",
        2015,
        later("The bottleneck makes depth affordable"),
        later(
            "A residual block as a bottleneck: 1 × 1 to a quarter of the channels, the 3 × 3 there, 1 × 1 "
            "back up, so 50 layers cost little more than 34 with plain blocks."
        ),
        "K. He, X. Zhang, S. Ren, J. Sun",
        "Deep Residual Learning for Image Recognition",
        "CVPR 2016, arXiv:1512.03385",
        ("resnet18", "googlenet"),
    ),
    Architecture(
        "squeezenet1_1",
        "SqueezeNet 1.1",
        2016,
        later("AlexNet's accuracy with a fiftieth of its weights"),
        later(
            "Fire modules squeeze the channels by 1 × 1 convolutions before they expand them again by 1 × 1 "
            "and 3 × 3, and no linear layer is left."
        ),
        "F. N. Iandola, S. Han, M. W. Moskewicz, K. Ashraf, W. J. Dally, K. Keutzer",
        "SqueezeNet: AlexNet-level Accuracy with 50x Fewer Parameters and < 0.5 MB Model Size",
        "arXiv:1602.07360, 2016",
        ("alexnet", "googlenet"),
    ),
    Architecture(
        "densenet121",
        "DenseNet-121",
        2016,
        later("Every layer reads all before it"),
        later(
            "Inside a dense block each layer is given the outputs of all layers before it side by side and "
            "adds only 32 new channels, so features are used again instead of learned again."
        ),
        "G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger",
        "Densely Connected Convolutional Networks",
        "CVPR 2017, arXiv:1608.06993",
        ("resnet50",),
    ),
    Architecture(
        "mobilenet_v2",
        "MobileNet v2",
        2018,
        later("Depthwise separable, turned inside out"),
        later(
            "An inverted residual: 1 × 1 widens the channels, a depthwise 3 × 3 filters each alone, 1 × 1 "
            "narrows them again without an activation, and the shortcut joins the narrow ends."
        ),
        "M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen",
        "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        "CVPR 2018, arXiv:1801.04381",
        ("resnet50",),
    ),
    Architecture(
        "mobilenet_v3_large",
        "MobileNet v3 (large)",
        2019,
        later("Found by search, gated channels"),
        later(
            "Inverted residuals arranged by an automatic search for speed on a phone, with squeeze-and-"
            "excitation gates that weigh the channels and the cheap hard-swish activation."
        ),
        "A. Howard, M. Sandler, G. Chu, L.-C. Chen, B. Chen, M. Tan, W. Wang, Y. Zhu, R. Pang, "
        "V. Vasudevan, Q. V. Le, H. Adam",
        "Searching for MobileNetV3",
        "ICCV 2019, arXiv:1905.02244",
        ("mobilenet_v2",),
    ),
    Architecture(
        "efficientnet_b0",
        "EfficientNet-B0",
        2019,
        later("Depth, width and resolution in step"),
        later(
            "A searched network of gated inverted residuals, the smallest of a family that grows depth, "
            "width and resolution together by one common factor."
        ),
        "M. Tan, Q. V. Le",
        "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
        "ICML 2019, arXiv:1905.11946",
        ("mobilenet_v2",),
    ),
    Architecture(
        "convnext_tiny",
        "ConvNeXt-T",
        2022,
        later("A convolutional network relearns from transformers"),
        later(
            "A residual network brought up to date step by step: patches instead of a stem, depthwise 7 × 7, "
            "an inverted bottleneck, layer normalisation, GELU, and a modern training recipe."
        ),
        "Z. Liu, H. Mao, C.-Y. Wu, C. Feichtenhofer, T. Darrell, S. Xie",
        "A ConvNet for the 2020s",
        "CVPR 2022, arXiv:2201.03545",
        ("resnet50", "mobilenet_v2"),
    ),
)
"""In the order of their years."""

_BY_KEY = {one.key: one for one in ARCHITECTURES}


def architecture(key: str) -> Architecture:
    """Return a landmark by its key; ``KeyError`` if there is none."""
    return _BY_KEY[key]


def entry_size(key: str) -> tuple[int, int]:
    """Return height and width of the input that the weights of a network were trained for."""
    return find(key).size


def digit_accuracy() -> tuple[float, int]:
    """Return the accuracy of the bundled LeNet-5 (0..1) on handwritten digits, and on how many, by its card.

    Ten digits are another task than a thousand kinds of objects: the number stands beside no other.
    """
    test = read_card(WEIGHTS / "lenet5.json")["accuracy"]["test"]
    return float(test["top1"]), int(test["count"])


def pareto(points: Iterable[tuple[str, float, float]]) -> tuple[str, ...]:
    """Return the names of the points that no other beats: none is as cheap and better, the cheapest first.

    Args:
        points: name, cost (smaller is better), quality (larger is better).
    """
    front: list[tuple[str, float, float]] = []
    for point in sorted(points, key=lambda point: (point[1], -point[2])):
        if not front or point[2] > front[-1][2]:
            front.append(point)
    return tuple(name for name, _, _ in front)


@cache
def _measured() -> dict[str, Any]:
    return json.loads(FILE.read_text("utf-8"))


@cache
def _structure(key: str) -> Structure:
    row = dict(_measured()[key]["structure"])
    parts: Sequence[Any] = row.pop("blocks")
    height, width = row.pop("size")
    return Structure(
        size=(height, width),
        blocks=tuple(Block(name, kind, tuple(shape), p, m) for name, kind, shape, p, m in parts),
        **row,
    )
