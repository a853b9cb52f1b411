"""The catalogue of detectors: what a reader can open, listed without importing PyTorch."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from explainer.detection.coco import COCO, numbered
from explainer.errors import ReaderError
from explainer.wording import later

Kind = Literal["yolox", "faster_rcnn", "ssdlite"]

FACES = ("face", "masked face", "mask worn incorrectly")
"""What the bundled detectors find."""
COCO_NUMBERED = numbered()
"""What torchvision's networks find, with gaps."""
_MEGVII = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0"
_PYTORCH = "https://download.pytorch.org/models"


@dataclass(frozen=True)
class DetectorEntry:
    """A detector that ``load_detector(entry.key)`` opens."""

    key: str
    title: str
    """In English; the key of its translation."""
    kind: Kind
    network: str
    """What builds it: a size of YOLOX, a builder of torchvision, or ``"small_faster_rcnn"``."""
    parameters: int
    side: int
    """Of the square input, or the shorter side that pictures are scaled to, in pixels."""
    classes: tuple[str, ...]
    """Names of its labels, without the background; ``coco.UNUSED`` for labels that mean nothing."""
    url: str = ""
    """Where the weights are published; empty for bundled ones."""
    sha256: str = ""
    """Of the published file, or how it begins. Empty where no independent source states it: what arrives is
    then only known to come from ``url`` over HTTPS and to be weights of this network."""
    licence: str = ""
    """Of the weights, as their publisher states it."""

    @property
    def bundled(self) -> bool:
        """Whether it opens without the internet."""
        return not self.url


_ENTRIES = (
    DetectorEntry(
        "faces_yolox_nano",
        later("YOLOX-Nano · faces and masks"),
        "yolox",
        "yolox_nano",
        parameters=897_144,
        side=416,
        classes=FACES,
        licence="Apache-2.0",
    ),
    DetectorEntry(
        "faces_faster_rcnn",
        later("Small Faster R-CNN · faces and masks"),
        "faster_rcnn",
        "small_faster_rcnn",
        parameters=1_512_498,
        side=384,
        classes=FACES,
        licence="Apache-2.0",
    ),
    DetectorEntry(
        "yolox_nano",
        "YOLOX-Nano · COCO",
        "yolox",
        "yolox_nano",
        parameters=912_159,
        side=416,
        classes=COCO,
        url=f"{_MEGVII}/yolox_nano.pth",
        # Seven projects that have nothing else in common state this value for this address.
        sha256="cd28f55fbbc1829f99d9ac9b38a16d259a22889739c8728ea877610201feff7b",
        licence="Apache-2.0",
    ),
    DetectorEntry(
        "yolox_tiny",
        "YOLOX-Tiny · COCO",
        "yolox",
        "yolox_tiny",
        parameters=5_055_855,
        side=416,
        classes=COCO,
        url=f"{_MEGVII}/yolox_tiny.pth",
        licence="Apache-2.0",
    ),
    DetectorEntry(
        "yolox_s",
        "YOLOX-S · COCO",
        "yolox",
        "yolox_s",
        parameters=8_968_255,
        side=640,
        classes=COCO,
        url=f"{_MEGVII}/yolox_s.pth",
        licence="Apache-2.0",
    ),
    DetectorEntry(
        "fasterrcnn_mobilenet_v3_large_320_fpn",
        "Faster R-CNN MobileNetV3-320 · COCO",
        "faster_rcnn",
        "fasterrcnn_mobilenet_v3_large_320_fpn",
        parameters=19_386_354,
        side=320,
        classes=COCO_NUMBERED,
        url=f"{_PYTORCH}/fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
        sha256="907ea3f9",
        licence="BSD-3-Clause",
    ),
    DetectorEntry(
        "fasterrcnn_resnet50_fpn",
        "Faster R-CNN ResNet-50 · COCO",
        "faster_rcnn",
        "fasterrcnn_resnet50_fpn",
        parameters=41_755_286,
        side=800,
        classes=COCO_NUMBERED,
        url=f"{_PYTORCH}/fasterrcnn_resnet50_fpn_coco-258fb6c6.pth",
        sha256="258fb6c6",
        licence="BSD-3-Clause",
    ),
    DetectorEntry(
        "ssdlite320_mobilenet_v3_large",
        "SSDLite MobileNetV3-320 · COCO",
        "ssdlite",
        "ssdlite320_mobilenet_v3_large",
        parameters=3_440_060,
        side=320,
        classes=COCO_NUMBERED,
        url=f"{_PYTORCH}/ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
        sha256="a79551df",
        licence="BSD-3-Clause",
    ),
)


def detectors(kinds: tuple[str, ...] = ()) -> tuple[DetectorEntry, ...]:
    """Return the detectors of these kinds, bundled ones first; all of them for an empty tuple."""
    return tuple(entry for entry in _ENTRIES if not kinds or entry.kind in kinds)


def find_detector(key: str) -> DetectorEntry:
    """Return the entry of a key.

    Raises:
        ReaderError: there is no such detector; the message names the nearest.
    """
    for entry in _ENTRIES:
        if entry.key == key:
            return entry
    near = difflib.get_close_matches(key, [entry.key for entry in _ENTRIES], n=1, cutoff=0.0)[0]
    raise ReaderError("There is no detector called {key}. Did you mean {near}?", key=key, near=near)
