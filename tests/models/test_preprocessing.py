"""Preprocessing against torchvision's and timm's own transforms, and its geometry against pictures."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from explainer.models import Preprocessing, top_classes
from explainer.models.published import timm_config, timm_preprocessing, torchvision_preprocessing
from explainer.samples import sample

PHOTOS = [sample("chelsea").load(), sample("rocket").load(), sample("astronaut").load()]
TALL = PHOTOS[0].rotate(90, expand=True)


@pytest.mark.parametrize("name", ["resnet50", "squeezenet1_1", "inception_v3", "efficientnet_b3", "swin_t"])
def test_equals_torchvision(name):
    import torchvision

    weights = torchvision.models.get_model_weights(name).DEFAULT
    ours, theirs = torchvision_preprocessing(weights), weights.transforms()
    for photo in [*PHOTOS, TALL, PHOTOS[0].resize((40, 30))]:
        assert torch.equal(ours.apply(photo), theirs(photo).unsqueeze(0))


@pytest.mark.parametrize(
    "name",
    ["repvgg_a0", "convnext_tiny", "mobilenetv4_conv_small", "inception_v4", "vit_base_patch16_siglip_224"],
)
def test_equals_timm(name):
    from timm.data import create_transform, resolve_data_config

    config = timm_config(name)
    theirs = create_transform(**resolve_data_config({}, pretrained_cfg=config.to_dict()))
    ours = timm_preprocessing(config)
    for photo in [PHOTOS[0], TALL]:
        assert torch.allclose(ours.apply(photo), theirs(photo).unsqueeze(0), atol=1e-6)


CASES = [
    Preprocessing((64, 64), resize=64),
    Preprocessing((32, 32), mode="L", mean=(0.1,), std=(0.3,), resize=(32, 32)),
    Preprocessing((48, 80), mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4), resize=96, interpolation="bicubic"),
    Preprocessing((500, 500)),  # no resize: cut and padded
]


@pytest.mark.parametrize("case", CASES)
def test_the_code_makes_the_same_tensor(case, tmp_path):
    path = tmp_path / "photo.png"
    PHOTOS[0].save(path)
    space = {}
    exec(case.code(str(path)), space)
    assert space["images"].shape == (1, case.channels, *case.size)
    assert torch.allclose(space["images"], case.apply(PHOTOS[0]), atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_as_seen_undoes_the_normalisation(case):
    seen = case.as_seen(case.apply(PHOTOS[1]))
    assert seen.dtype == np.uint8
    assert seen.shape == (*case.size, 3)
    assert np.array_equal(seen, np.asarray(case.picture(PHOTOS[1]).convert("RGB")))
    wild = torch.full((1, case.channels, *case.size), 99.0)
    assert (case.as_seen(wild) == 255).all()


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (333, 777)])
def test_geometry_finds_a_spot_again(size):
    case = Preprocessing((96, 96), resize=128)
    photo = Image.new("RGB", size)
    middle = (size[0] // 2 + 9, size[1] // 2 - 21)
    ImageDraw.Draw(photo).rectangle(
        (middle[0] - 6, middle[1] - 6, middle[0] + 5, middle[1] + 5), fill="white"
    )
    spot = (middle[0] - 6, middle[1] - 6, middle[0] + 6, middle[1] + 6)
    bright = np.asarray(case.picture(photo).convert("L")).astype(float)
    y, x = np.mgrid[0:96, 0:96] + 0.5
    centre = (float((bright * x).sum() / bright.sum()), float((bright * y).sum() / bright.sum()))
    place = case.geometry(size)
    left, top, right, bottom = place.to_input(spot)
    assert centre == pytest.approx(((left + right) / 2, (top + bottom) / 2), abs=0.3)
    assert place.to_photo(place.to_input(spot)) == pytest.approx(spot)
    assert case.to_image_box(place.to_input(spot), size) == pytest.approx(spot)
    left, top, right, bottom = place.to_photo((0, 0, 96, 96))
    assert (right - left, bottom - top) == pytest.approx((min(size) * 0.75,) * 2, rel=0.02)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((size[0] / 2, size[1] / 2), abs=4)


@pytest.mark.parametrize("size", [(1, 1), (1_000, 10), (10, 1_000), (1, 3)])
def test_extreme_pictures(size):
    case = Preprocessing((224, 224), resize=256)
    ramp = Image.linear_gradient("L").convert("RGB").resize(size)
    tensor = case.apply(ramp)
    assert tensor.shape == (1, 3, 224, 224)
    if max(size) > 10:  # the middle of the strip, as if it had been resized whole
        whole = ramp.resize(case.geometry(size).resized, Image.Resampling.BILINEAR)
        left, top = case.geometry(size).offset
        expected = np.asarray(whole.crop((left, top, left + 224, top + 224))).astype(int)
        assert np.abs(case.as_seen(tensor).astype(int) - expected).max() <= 1


def test_cards():
    card = {
        "size": [64, 64],
        "mode": "RGB",
        "resize": 64,
        "mean": [0, 0, 0],
        "std": [1, 1, 1],
        "crop": "center",
    }
    assert Preprocessing.from_card(card) == Preprocessing((64, 64), resize=64)
    assert Preprocessing.from_card({"size": [32, 32], "mode": "L"}).mean == (0.0,)
    assert Preprocessing.from_card({"size": [32, 48], "crop": None}).resize == (32, 48)
    assert Preprocessing.from_card({"size": [32, 48], "resize": [40, 60]}).resize == (40, 60)


def test_top_classes():
    logits = torch.tensor([[0.0, 2.0, 1.0, 2.0]])
    best = top_classes(logits, ("a", "b"), k=3)
    assert [(one.index, one.name) for one in best] == [(1, "b"), (3, "class 3"), (2, "class 2")]
    assert best[0].probability == pytest.approx(np.exp(2) / (1 + np.e + 2 * np.exp(2)))
    assert best[2] == (2, "class 2", pytest.approx(np.e / (1 + np.e + 2 * np.exp(2))), 1.0)
    assert len(top_classes(logits[0], k=9)) == 4
