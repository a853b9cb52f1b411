"""Write ``index.json``: what torchvision and timm offer, so that a page can list it without importing them.

Run ``python -m explainer.models.indexing`` after updating torchvision or timm (some minutes; every
architecture is built once to count its parameters). A test fails while the file is stale.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import timm
import torch
import torchvision
from timm.models import get_pretrained_cfg

from explainer.models.building import skeleton
from explainer.models.published import builder_arguments

INDEX = Path(__file__).with_name("index.json")

FEATURED = """
resnet18 resnet26d resnet50d resnext50_32x4d seresnet50 skresnet34 ecaresnet50t res2net50_26w_4s resnest26d
resnetv2_50 resnetblur50 gcresnet50t wide_resnet50_2 cspresnet50 cspresnext50 cspdarknet53 darknet53
repvgg_a0 repvgg_b0 mobileone_s0 ghostnet_100 ghostnetv2_100 repghostnet_100 hrnet_w18_small hrnet_w18
mobilenetv1_100 mobilenetv2_100 mobilenetv3_small_100 mobilenetv3_large_100 mobilenetv4_conv_small
mobilenetv4_conv_medium mnasnet_100 semnasnet_100 fbnetc_100 spnasnet_100 lcnet_050 tinynet_a tinynet_e
mixnet_s efficientnet_b0 efficientnet_lite0 tf_efficientnetv2_b0 efficientnetv2_rw_t efficientvit_b0
edgenext_xx_small
convnext_atto convnext_femto convnext_nano convnext_tiny convnextv2_atto convnextv2_nano convmixer_768_32
densenet121 dla34 dpn68 inception_v3 inception_v4 inception_resnet_v2 inception_next_tiny xception41
regnetx_002 regnety_002 selecsls42b ese_vovnet19b_dw nfnet_l0 rexnet_100 repvit_m0_9 rdnet_tiny starnet_s1
fasternet_t0 hgnetv2_b0 vgg11 vit_tiny_patch16_224 swin_tiny_patch4_window7_224
""".split()
"""The timm models a page offers before anything is searched: mostly convolutional, mostly small."""


def parameters(model: torch.nn.Module) -> int:
    """Return how many numbers training may change."""
    return sum(parameter.numel() for parameter in model.parameters())


def torchvision_title(name: str) -> str:
    """Return a name for people: ``"resnext50_32x4d"`` becomes ``"ResNeXt50 32x4d"``."""
    title = torchvision.models.get_model_weights(name).__name__.removesuffix("_Weights")
    title = re.sub(r"(\d+)X(\d+)D", r"\1x\2d", title)
    title = re.sub(r"_X(\d)_(\d)$", r" \1.\2x", title)  # ShuffleNet_V2_X0_5
    title = re.sub(r"(MNASNet)(\d)_(\d+)$", r"\1 \2.\3x", title)
    title = re.sub(r"(SqueezeNet)(\d)_(\d)$", r"\1 \2.\3", title)
    title = re.sub(r"(Wide_ResNet\d+)_2$", r"\1 2x", title)
    title = re.sub(r"(\d)_(\d)GF", r"\1.\2GF", title)
    return title.replace("_", " ")


def torchvision_row(name: str) -> dict[str, Any]:
    """Describe one torchvision classifier by its default published weights."""
    weights = torchvision.models.get_model_weights(name).DEFAULT
    model = skeleton(lambda: torchvision.models.get_model(name, weights=None, **builder_arguments(name)))
    size = weights.transforms().crop_size[0]
    return {
        "key": name,
        "title": torchvision_title(name),
        "parameters": parameters(model),
        "size": [size, size],
        "weights": True,
        "licence": "CC-BY-NC-4.0" if "SWAG" in weights.meta.get("license", "") else "BSD-3-Clause",
    }


def timm_row(name: str) -> dict[str, Any]:
    """Describe one timm architecture by its default published weights."""
    published = get_pretrained_cfg(name, allow_unregistered=True)
    assert published is not None, name
    model = skeleton(lambda: timm.create_model(name))
    return {
        "key": f"timm:{name}",
        "title": name,
        "parameters": parameters(model),
        "size": list(published.input_size[1:]),
        # "border" preprocessing (three vision transformers) is not something this project reproduces
        "weights": bool(published.hf_hub_id) and published.crop_mode != "border",
        "licence": published.license,
    }


def main() -> None:
    """Rewrite the index."""
    names = torchvision.models.list_models(module=torchvision.models)
    index: dict[str, list[Any]] = {
        "torchvision": [torchvision_row(name) for name in names],
        "timm": [timm_row(name) for name in timm.list_models()],
        "featured": [f"timm:{name}" for name in FEATURED],
    }
    sections = []
    for section, rows in index.items():
        lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        sections.append(f"{json.dumps(section)}:[\n{lines}\n]")
    INDEX.write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
