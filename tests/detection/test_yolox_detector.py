"""From photographs to boxes: the published accuracy, every stage, pictures of all shapes."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data as photographs
from torchvision.ops import batched_nms

from explainer.detection import load_detector
from explainer.detection.evaluation import Truth, evaluate
from explainer.detection.yolox_detector import YoloxDetector, fitted
from tests.detection.yolox_by_formula import network, picture

NUMBERS = json.loads(Path(__file__).with_name("yolox_numbers.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def made():
    return YoloxDetector("made", network("yolox_nano"), ("a", "b", "c"), side=96)


@pytest.fixture(scope="module")
def published(data_folder):
    return load_detector("yolox_nano", data_folder / "weights" / "yolox_nano.onnx")


@pytest.fixture(scope="module")
def coco(data_folder):
    """128 photographs and what is on them."""
    with zipfile.ZipFile(data_folder / "coco_train128.zip") as archive:
        listed = json.loads(archive.read("annotations.json"))
        pictures = [
            np.asarray(Image.open(io.BytesIO(archive.read(one["file"]))).convert("RGB")) for one in listed
        ]
    truths = [
        Truth(
            np.array([thing["bbox"] for thing in one["objects"]], float).reshape(-1, 4),
            np.array([thing["class_id"] for thing in one["objects"]], int),
        )
        for one in listed
    ]
    return pictures, truths


def same(one, other):
    return all(
        torch.equal(getattr(one, name), getattr(other, name)) for name in ("boxes", "labels", "scores")
    )


# --- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_written_down_when_it_agreed_with_onnxruntime(name):
    """Worked out in double precision by the code that gave the numbers of the published ONNX file."""
    stages = YoloxDetector("made", network(name), ("a", "b", "c"), side=96).stages(picture(60, 80))
    for cell, expected in NUMBERS[name].items():
        torch.testing.assert_close(stages.raw[int(cell)], torch.tensor(expected), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("wrong", [lambda x: x / 255, lambda x: x.flip(1)], ids=["0..1", "red first"])
def test_the_numbers_notice_wrong_scaling_and_order_of_colours(wrong):
    model = network("yolox_nano")
    stages = YoloxDetector("made", model, ("a", "b", "c"), side=96, run=lambda x: model(wrong(x))).stages(
        picture(60, 80)
    )
    off = [
        (stages.raw[int(cell)] - torch.tensor(expected)).abs().max()
        for cell, expected in NUMBERS["yolox_nano"].items()
    ]
    assert max(off) > 0.1


@pytest.mark.slow
def test_the_published_weights_reach_their_accuracy(published, coco):
    pictures, truths = coco
    found = published.detect(pictures, score=0.001, iou=0.65)
    reached = evaluate(truths, found, published.classes)
    assert reached.map == pytest.approx(0.335, abs=0.003)
    assert reached.ap50 == pytest.approx(0.514, abs=0.003)


def test_a_photograph_with_the_published_weights(published):
    (found,) = published.detect([photographs.astronaut()])
    assert [published.classes[label] for label in found.labels] == ["person"]
    assert float(found.scores[0]) == pytest.approx(0.926, abs=2e-3)
    torch.testing.assert_close(found.boxes[0], torch.tensor([11.5, 20.3, 368.9, 507.2]), atol=0.5, rtol=0)


# --- before the network ----------------------------------------------------------------------------------


def as_yolox_does(image, side):
    """``preproc`` of YOLOX's ``data_augment.py`` (Apache-2.0), for a picture whose blue comes first."""
    canvas = np.ones((side, side, 3), dtype=np.uint8) * 114
    ratio = min(side / image.shape[0], side / image.shape[1])
    scaled = cv2.resize(
        image,
        (int(image.shape[1] * ratio), int(image.shape[0] * ratio)),
        interpolation=cv2.INTER_LINEAR,
    ).astype(np.uint8)
    canvas[: int(image.shape[0] * ratio), : int(image.shape[1] * ratio)] = scaled
    return np.ascontiguousarray(canvas.transpose(2, 0, 1), dtype=np.float32), ratio


@pytest.mark.parametrize("shape", [(480, 640), (333, 127), (416, 416), (20, 31), (1200, 900)])
def test_the_canvas_is_that_of_yolox(shape):
    image = picture(*shape)
    expected, ratio = as_yolox_does(np.ascontiguousarray(image[:, :, ::-1]), 416)
    canvas, factor = fitted(image, 416)
    assert factor == ratio
    assert np.array_equal(canvas[0].numpy(), expected)


def test_red_is_the_last_plane_of_the_canvas():
    red = np.zeros((10, 20, 3), np.uint8)
    red[..., 0] = 200
    canvas, _ = fitted(red, 64)
    assert canvas[0, :, 0, 0].tolist() == [0, 0, 200]
    assert canvas[0, :, 63, 63].tolist() == [114, 114, 114]


def test_a_picture_of_another_kind_is_refused(made):
    for wrong in (
        np.zeros((9, 9)),
        np.zeros((9, 9, 3)),
        np.zeros((0, 9, 3), np.uint8),
        np.zeros((9, 9, 4), np.uint8),
    ):
        with pytest.raises(ValueError, match="a picture is"):
            made.detect([wrong])
    with pytest.raises(ValueError, match="multiple of 32"):
        made.detect([picture(9, 9)], side=100)


# --- stages ----------------------------------------------------------------------------------------------


def test_the_stages_of_fifty_photographs_end_where_detect_ends(published, coco):
    candidates = 0
    for image in coco[0][:50]:
        (found,) = published.detect([image], score=0.1, side=224)
        stages = published.stages(image, score=0.1, side=224)
        assert same(found, stages.result)
        candidates += len(stages.candidates)
    assert candidates > 300


def test_the_stages_hang_together(made):
    image = picture(60, 80)
    stages = made.stages(image, score=0.2, iou=0.3)
    assert len(stages.candidates) > len(stages.kept) > 3
    assert same(made.detect([image], score=0.2, iou=0.3)[0], stages.result)
    # By the paper's formulas, in double precision and one cell at a time.
    for cell in stages.candidates.tolist():
        raw = stages.raw[cell].double().numpy()
        (column, row), stride = stages.places[cell].tolist(), float(stages.strides[cell])
        x, y, w, h = (raw[0] + column) * stride, (raw[1] + row) * stride, *(np.exp(raw[2:4]) * stride)
        box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
        assert stages.boxes[cell].tolist() == pytest.approx(box, rel=1e-4, abs=1e-3)
        score = 1 / (1 + np.exp(-raw[4])) / (1 + np.exp(-raw[5:].max()))
        assert float(stages.scores[cell]) == pytest.approx(score, rel=1e-5)
        assert int(stages.labels[cell]) == raw[5:].argmax()
    others = torch.ones(len(stages.scores), dtype=torch.bool)
    others[stages.candidates] = False
    assert (stages.scores[others] < 0.2).all()
    assert stages.scores[stages.candidates].diff().le(0).all()
    boxes, scores = stages.boxes[stages.candidates], stages.scores[stages.candidates]
    expected = batched_nms(boxes, scores, stages.labels[stages.candidates], 0.3)
    assert torch.equal(stages.candidates[expected], stages.kept)
    assert [one.keeper for one in stages.rounds] == expected.tolist()
    carried = (
        (stages.boxes[stages.kept] / stages.factor).clamp(min=0).minimum(torch.tensor([80.0, 60, 80, 60]))
    )
    assert torch.equal(carried, stages.result.boxes)


def test_the_canvas_of_the_stages_is_what_the_network_saw(made):
    stages = made.stages(picture(60, 80))
    with torch.no_grad():
        torch.testing.assert_close(made.model(stages.canvas[None])[0], stages.raw, rtol=1e-4, atol=1e-4)


# --- pictures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 3), (97, 31), (700, 900)])
def test_boxes_lie_inside_pictures_of_any_shape(made, shape):
    (found,) = made.detect([picture(*shape)], score=0.05)
    assert len(found)
    left, top, right, bottom = found.boxes.unbind(1)
    assert (left >= 0).all()
    assert (left <= right).all()
    assert (right <= shape[1]).all()
    assert (top >= 0).all()
    assert (top <= bottom).all()
    assert (bottom <= shape[0]).all()
    assert same(found, made.stages(picture(*shape), score=0.05).result)


def test_several_pictures_are_each_found_as_if_alone(made):
    several = [picture(60, 80), picture(31, 200), picture(200, 31)]
    for alone, together in zip([made.detect([one])[0] for one in several], made.detect(several), strict=True):
        assert same(alone, together)
    assert made.detect([]) == []


def test_thresholds_at_their_ends(made):
    image = picture(60, 80)
    (every,) = made.detect([image], score=0, iou=1)
    assert len(every) == 144 + 36 + 9
    assert len(made.detect([image], score=1)[0]) == 0
    (fewer,) = made.detect([image], score=0.2, iou=0)
    assert 0 < len(fewer) < len(made.detect([image], score=0.2, iou=0.9)[0])


def test_another_side_gives_other_cells(made):
    assert len(made.stages(picture(60, 80), side=160).raw) == 20**2 + 10**2 + 5**2


def test_a_view_of_a_picture_is_a_picture(made):
    image = picture(120, 160)
    assert same(made.detect([image[::-1, ::2]])[0], made.detect([np.ascontiguousarray(image[::-1, ::2])])[0])


def test_readers_share_a_detector_and_nothing_changes_it(made):
    pictures = [picture(40 + 9 * number, 90) for number in range(8)]
    before = {key: value.clone() for key, value in made.model.state_dict().items()}
    state = torch.get_rng_state()
    alone = made.detect(pictures, score=0.1)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: made.stages(one, score=0.1).result, pictures))
    assert all(same(one, other) for one, other in zip(alone, together, strict=True))
    assert all(torch.equal(value, before[key]) for key, value in made.model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert not made.model.training
    assert not any(module._forward_hooks for module in made.model.modules())
