"""What modes find and where they draw it, on frames of any size."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from explainer.attribution import grad_cam
from explainer.detection.detections import Detections
from explainer.errors import ReaderError
from explainer.live.drawing import (
    COLOURS,
    DARK,
    LIGHT,
    chip,
    colour_of,
    coloured,
    cover,
    heat_layers,
    ink_on,
    write,
    written,
)
from explainer.live.modes import ClassBars, Detection, FeatureMaps, GradCam
from explainer.live.modes.classifier import view
from explainer.live.modes.maps import TILES, Places
from explainer.live.partial import map_layers, output_of
from explainer.models import load_model
from explainer.models.preprocessing import Preprocessing
from explainer.samples import sample
from explainer.tracing import trace


@pytest.fixture(scope="module")
def tiny():
    return load_model("tiny_vgg")


@pytest.fixture(scope="module")
def coffee():
    return np.asarray(sample("coffee").load().resize((320, 240)))


@dataclass(frozen=True)
class Found:
    """A detector that finds the same on every picture: two boxes, in shares of its size."""

    classes: tuple[str, ...] = ("face", "masked face", "mask worn incorrectly")
    key: str = "found"
    trained: bool = True
    side: int = 416
    model: nn.Module | None = None

    def detect(self, images, *, score=0.25, iou=0.45, side=None):
        found = []
        for image in images:
            height, width = image.shape[:2]
            boxes = torch.tensor([[0.25, 0.5, 0.75, 0.9], [0.1, 0.4, 0.2, 0.6]])
            boxes = boxes * torch.tensor([width, height, width, height])
            keep = torch.tensor([0.9, 0.4]) >= score
            found.append(Detections(boxes[keep], torch.tensor([1, 0])[keep], torch.tensor([0.9, 0.4])[keep]))
        return found


def near(picture: np.ndarray, colour) -> np.ndarray:
    return (np.abs(picture.astype(int) - np.array(colour)) <= 2).all(-1)


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (300, 500), (1280, 720)])
def test_boxes_are_drawn_where_they_belong_at_another_frame_size(size):
    result = Detection(Found()).run(np.full((480, 640, 3), 128, np.uint8))
    width, height = size
    canvas = result.draw(np.full((height, width, 3), 128, np.uint8))
    assert canvas.shape == (height, width, 3)
    rows = np.flatnonzero(near(canvas, colour_of(1))[:, round(0.7 * width)])
    columns = np.flatnonzero(near(canvas, colour_of(1))[round(0.75 * height)])
    line = max(2, round(height / 200))
    assert abs(columns.min() - 0.25 * width) <= line
    assert abs(columns.max() - 0.75 * width) <= line
    assert abs(rows.max() - 0.9 * height) <= line
    assert (canvas[round(0.8 * height), round(0.5 * width)] == 128).all(), "inside is the picture"


def test_the_frame_itself_is_left_alone(tiny, coffee):
    frame = coffee.copy()
    frame.flags.writeable = False
    modes = (Detection(Found()), ClassBars(tiny), GradCam(tiny, "conv_2_2"), FeatureMaps(tiny, "conv_1_2"))
    for mode in modes:
        result = mode.run(frame)
        drawn = result.draw(frame)
        assert drawn.dtype == np.uint8
        assert drawn.shape == frame.shape
        assert (drawn != coffee).any()
        assert (result.draw(frame) == drawn).all(), "drawn twice, it is the same"
        assert result.draw(np.ascontiguousarray(frame[::2, ::3])).shape == frame[::2, ::3].shape
    assert (frame == coffee).all()


def test_thresholds_and_classes_choose_what_is_shown(coffee):
    assert [one.name for one in Detection(Found()).run(coffee).said()] == ["masked face", "face"]
    assert [one.name for one in Detection(Found(), score=0.5).run(coffee).said()] == ["masked face"]
    assert [one.name for one in Detection(Found(), only=frozenset({0})).run(coffee).said()] == ["face"]
    assert Detection(Found(), only=frozenset()).run(coffee).said() == ()
    named = Detection(Found(), names=("顔", "マスクをした顔", "不適切")).run(coffee)
    assert [one.name for one in named.said()] == ["マスクをした顔", "顔"]
    empty = Detection(Found(), score=0.95).run(coffee)
    assert (empty.draw(coffee) == coffee).all()


def test_the_input_size_reaches_the_detector(coffee):
    asked = []

    class Asked(Found):
        def detect(self, images, *, side=None, **more):
            asked.append(side)
            return super().detect(images, **more)

    mode = Detection(Asked(), sides=(224, 416))
    mode.run(coffee, 224)
    mode.run(coffee)
    Detection(Asked()).run(coffee)
    assert asked == [224, 416, None]


def test_a_faster_engine_is_asked_for_and_finds_the_same(coffee):
    made = []

    class Quick(Found):
        def faster(self, engine):
            made.append(engine)
            quick = Found(classes=("quick", "quicker", "quickest"))
            object.__setattr__(quick, "engine", engine)
            return quick

    result = Detection(Quick(), engine="onnxruntime").run(coffee)
    assert (made, result.engine, result.said()[0].name) == (["onnxruntime"], "onnxruntime", "quicker")
    assert Detection(Quick()).run(coffee).engine == ""
    assert Detection(Found(), engine="onnxruntime").run(coffee).engine == "", "there is none for this one"
    assert made == ["onnxruntime"]


# --- classifiers ----------------------------------------------------------------------------------------


def test_bars_are_the_probabilities_of_the_network(tiny, coffee):
    result = ClassBars(tiny).run(coffee)
    with torch.no_grad():
        logits = tiny.model(tiny.preprocessing.apply(Image.fromarray(coffee)))[0]
    best = logits.softmax(0).sort(descending=True)
    assert [one.index for one in result.best] == best.indices[:5].tolist()
    assert [one.probability for one in result.best] == pytest.approx(best.values[:5].tolist(), abs=1e-6)
    assert result.said()[0].name == tiny.classes[best.indices[0]]


def test_bars_are_as_long_as_probabilities_are_large(tiny, coffee):
    result = ClassBars(tiny).run(coffee)
    canvas = result.draw(np.zeros((480, 640, 3), np.uint8))
    row = near(canvas, COLOURS[0]).sum(1).max()
    whole = 640 - round(0.36 * 640) - round(3.2 * 18) - 3 * 9
    assert row / whole == pytest.approx(result.best[0].probability, abs=0.01)


@pytest.mark.parametrize("class_index", [None, 3])
def test_the_live_map_is_the_grad_cam_of_the_library(tiny, coffee, class_index):
    result = GradCam(tiny, "conv_2_2", class_index).run(coffee)
    images = tiny.preprocessing.apply(Image.fromarray(coffee))
    expected = grad_cam(tiny.model, images, "conv_2_2", class_index)
    assert np.abs(result.heat - expected.numpy()).max() < 1e-6
    with torch.no_grad():
        shares = tiny.model(images)[0].softmax(0)
    index = int(shares.argmax()) if class_index is None else class_index
    assert result.name == tiny.classes[index]
    assert result.probability == pytest.approx(float(shares[index]), abs=1e-6)


def test_feature_maps_are_the_layers_own_numbers(tiny, coffee):
    result = FeatureMaps(tiny, "conv_1_2").run(coffee)
    recorded = trace(tiny.model, tiny.preprocessing.apply(Image.fromarray(coffee)))["conv_1_2"].output[0]
    assert sorted(result.channels) == list(range(10))
    for channel, values in zip(result.channels, result.maps, strict=True):
        assert np.abs(values - recorded[channel].numpy()).max() < 1e-5


def test_an_unknown_layer_is_told(tiny, coffee):
    for mode in (GradCam(tiny, "conv_9"), FeatureMaps(tiny, "conv_9")):
        with pytest.raises(ReaderError, match="no layer called conv_9"):
            mode.run(coffee)
    with pytest.raises(ReaderError, match="rows and columns"):
        GradCam(tiny, "output").run(coffee)
    with pytest.raises(ReaderError, match="no maps"):
        FeatureMaps(tiny, "output").run(coffee)


def test_modes_leave_the_shared_network_alone(tiny, coffee):
    before = {name: value.clone() for name, value in tiny.model.state_dict().items()}
    state = torch.random.get_rng_state()
    for mode in (ClassBars(tiny), GradCam(tiny, "conv_2_2"), FeatureMaps(tiny, "conv_1_2")):
        mode.run(coffee)
    assert torch.equal(state, torch.random.get_rng_state())
    assert not tiny.model.training
    for module in tiny.model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    for name, value in tiny.model.state_dict().items():
        assert torch.equal(value, before[name])
    assert all(parameter.grad is None for parameter in tiny.model.parameters())


def test_a_network_of_grey_pictures_works(coffee):
    lenet = load_model("lenet5")
    for mode in (ClassBars(lenet), GradCam(lenet, "c3"), FeatureMaps(lenet, "c1")):
        assert mode.run(coffee).draw(coffee).shape == coffee.shape


# --- half a forward pass --------------------------------------------------------------------------------


def test_a_forward_pass_ends_at_the_layer(tiny):
    ran = []

    class Noting(nn.Module):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def forward(self, x):
            ran.append(self.name)
            return x + 1

    model = nn.Sequential(Noting("a"), Noting("b"), Noting("c"))
    images = torch.zeros(1, 3, 4, 4)
    assert torch.equal(output_of(model, images, "1"), images + 2)
    assert ran == ["a", "b"]
    tiny.model(torch.zeros(1, 3, 64, 64))  # and nothing is left behind in this thread


def test_a_layer_that_does_not_run_is_told():
    model = nn.Sequential(nn.Conv2d(3, 3, 1))
    model.add_module("spare", nn.Identity())
    model.forward = lambda x: model[0](x)
    with pytest.raises(ReaderError, match="did not run"):
        output_of(model, torch.zeros(1, 3, 4, 4), "spare")


def test_layers_with_maps_are_listed_in_order(tiny):
    found = map_layers(tiny.model, torch.zeros(1, 3, 64, 64))
    assert [layer.name for layer in found] == [name for name, _ in tiny.model.named_children()][:10]
    assert found[-1].shape == (10, 13, 13)
    assert found[0].title == "conv_1_1 · Conv2d · 10×62×62"


# --- which channel stands where -------------------------------------------------------------------------


def test_strong_channels_come_in_and_the_others_keep_their_places():
    places = Places()
    strength = np.linspace(1, 2, 40, dtype=np.float32)
    first = places.choose(strength)
    assert first == list(range(40 - TILES, 40))
    wobbly = strength + np.tile([0.02, -0.02], 20).astype(np.float32)
    assert places.choose(wobbly) == first, "nearly as strong is not enough"
    strong = strength.copy()
    strong[3] = 10
    then = places.choose(strong)
    assert 3 in then
    assert sum(a != b for a, b in zip(first, then, strict=True)) == 1


# --- drawing --------------------------------------------------------------------------------------------


def test_a_view_is_the_part_that_the_network_sees():
    fed = Preprocessing((64, 64), resize=64)
    found = view(fed, (640, 480))
    assert (found.left, found.top, found.right, found.bottom) == pytest.approx((0.125, 0, 0.875, 1), abs=0.01)
    frame = np.full((480, 640, 3), 200, np.uint8)
    found.mark(frame)
    assert frame[240, 20, 0] == 100
    assert frame[240, 320, 0] == 200
    squeezed = view(Preprocessing((64, 64), resize=(64, 64)), (640, 480))
    assert (squeezed.left, squeezed.top, squeezed.right, squeezed.bottom) == (0, 0, 1, 1)


def test_ink_can_be_read_on_every_class_colour():
    def luminance(colour):
        c = np.array(colour) / 255
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)

    for colour in COLOURS:
        pair = sorted((luminance(colour), luminance(ink_on(colour))))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


def test_words_stay_within_the_frame_and_are_cut_off_where_they_cannot():
    frame = np.full((40, 60, 3), 128, np.uint8)
    chip(frame, "face 93%", 50, -9, 12, COLOURS[0])
    assert near(frame, COLOURS[0])[:15].any()
    for left, top in ((-30, -5), (55, 35), (500, 500), (-900, 0)):
        write(frame, "words", left, top, 14, LIGHT)
    assert written("face", 16).max() == 255
    assert (written("", 16) == 0).all()


def test_a_word_is_written_in_its_ink():
    frame = np.zeros((60, 200, 3), np.uint8)
    write(frame, "face", 10, 10, 30, (255, 128, 0), 700)
    assert near(frame, (255, 128, 0)).sum() > 50


def test_zero_is_dark_and_the_peak_has_the_last_colour():
    values = np.array([[-2.0, 0.0, 2.0, 4.0]], np.float32)
    signed = coloured(values, "signed", 2.0)[0]
    assert tuple(signed[1]) == (29, 34, 43)
    assert tuple(signed[0]) == (255, 194, 176)
    assert tuple(signed[2]) == tuple(signed[3]) == (196, 228, 250)
    assert tuple(coloured(np.zeros((1, 1), np.float32), "magnitude", 0.0)[0, 0]) == (29, 34, 43)


def test_heat_leaves_the_photo_where_there_is_none_and_covers_it_where_there_is():
    values = np.zeros((2, 2), np.float32)
    values[1, 1] = 1
    photo = np.full((64, 64, 3), (0, 200, 0), np.uint8)
    frame = photo.copy()
    cover(frame, *heat_layers(values, (64, 64), 0.6))
    assert np.abs(frame[0, 0].astype(int) - photo[0, 0]).max() <= 4
    last = np.array([255, 240, 208])
    alpha = 0.6 ** (1 / 1.72)
    assert np.abs(frame[-1, -1] - (last * alpha + photo[-1, -1] * (1 - alpha))).max() <= 3
    assert DARK < LIGHT
