"""Detectors of torchvision step by step: the end is the network's own; anchors and RoIAlign by hand."""

import copy
import math

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou, roi_align

from explainer.detection.roi_align import sampling
from explainer.detection.two_stage import TwoStageDetector, as_input
from explainer.detection.two_stage_steps import with_thresholds
from tests.detection.two_stage_models import (
    mobilenet_detector,
    picture,
    small_detector,
    ssd_detector,
)

OWN = {"score": 0.05, "iou": 0.5}
"""The thresholds of both Faster R-CNNs here."""


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def small():
    return small_detector()


@pytest.fixture(scope="module")
def stages(small):
    return small.stages(picture(0), **OWN)


def answer(detector, image):
    with torch.no_grad():
        return detector.model([as_input(image)])[0]


def assert_same(found, wanted):
    assert torch.equal(found.boxes, wanted["boxes"])
    assert torch.equal(found.labels, wanted["labels"] - 1)
    assert torch.equal(found.scores, wanted["scores"])


def many():
    """Return pictures of many shapes."""
    shapes = [(180, 240), (240, 180), (97, 301), (400, 400), (60, 50), (31, 333), (1, 1), (13, 200)]
    return [picture(seed, *shapes[seed % len(shapes)]) for seed in range(50)]


def test_the_last_step_is_what_the_network_returns(small):
    counts = []
    for image in many():
        found = small.stages(image, **OWN)
        assert_same(found.result, answer(small, image))
        counts.append(len(found.result))
        assert found.result.scores.max() > 0.5
    assert min(counts) > 5
    assert max(counts) == 100  # the network's own limit


@pytest.mark.slow
def test_the_last_step_of_a_published_architecture_too():
    detector = mobilenet_detector()
    for image in many()[:6]:
        assert_same(detector.stages(image, **OWN).result, answer(detector, image))
        assert_same(detector.detect([image], **OWN)[0], answer(detector, image))


def test_detect_is_the_network_and_keeps_pictures_apart(small):
    images = [picture(1), picture(2, 300, 90)]
    for found, image in zip(small.detect(images, **OWN), images, strict=True):
        assert_same(found, answer(small, image))


@pytest.mark.parametrize(("score", "iou"), [(0.25, 0.45), (0.6, 0.1), (0.0, 0.9), (0.999, 0.5)])
def test_other_thresholds_are_those_of_a_network_built_with_them(small, score, iou):
    other = copy.deepcopy(small.model)
    other.roi_heads.score_thresh, other.roi_heads.nms_thresh = score, iou
    image = picture(3)
    with torch.no_grad():
        wanted = other([as_input(image)])[0]
    assert_same(small.detect([image], score=score, iou=iou)[0], wanted)
    assert_same(small.stages(image, score=score, iou=iou).result, wanted)
    assert_same(with_thresholds(small.stages(image, **OWN), score, iou).result, wanted)


def test_the_shared_network_stays_as_it_was(small):
    before = copy.deepcopy(small.model.state_dict())
    numbers = dict(vars(small.model.roi_heads))
    scales = list(small.model.roi_heads.box_roi_pool.scales)
    torch.manual_seed(4)
    state = torch.get_rng_state()
    small.detect([picture(5, 20, 400)], score=0.7, iou=0.1)
    small.stages(picture(5, 20, 400), score=0.7, iou=0.1)
    assert all(torch.equal(before[name], tensor) for name, tensor in small.model.state_dict().items())
    assert vars(small.model.roi_heads) == numbers
    assert small.model.roi_heads.box_roi_pool.scales == scales == [1 / 8, 1 / 16, 1 / 32]
    assert not small.model.training
    assert torch.equal(torch.get_rng_state(), state)


def test_the_first_picture_does_not_decide_for_later_ones(small):
    """torchvision guesses the pyramid's scales from the first picture: a narrow one misleads it."""
    model = copy.deepcopy(small.model)
    pool = model.roi_heads.box_roi_pool
    pool.scales = pool.map_levels = None
    with torch.no_grad():
        model([as_input(picture(0, 13, 333))])
    assert pool.scales != [1 / 8, 1 / 16, 1 / 32]
    detector = TwoStageDetector("small", small.classes, model, trained=False, side=512)
    assert pool.scales == [1 / 8, 1 / 16, 1 / 32]
    detector.detect([picture(0, 13, 333)])
    assert pool.scales == [1 / 8, 1 / 16, 1 / 32]


def test_the_resize_in_numbers(small):
    fitted = small.stages(picture(0, 300, 500)).fitted
    assert fitted.factor == pytest.approx(512 / 500)  # 384 / 300 would make the long side 640
    assert fitted.size == (307, 512)
    assert fitted.input.shape == (1, 3, 320, 512)
    assert fitted.scale == (512 / 500, 307 / 300)
    assert not fitted.input[0, :, 307:].any()


def test_anchors_stand_at_every_place_in_all_sizes_and_shapes(stages):
    level = stages.levels[1]
    assert level.stride == (16, 16)
    anchor = level.anchors[3, 5]  # row 3, column 5
    assert torch.equal((anchor[:, :2] + anchor[:, 2:]) / 2, torch.tensor([[5 * 16.0, 3 * 16.0]]).expand(6, 2))
    sides = anchor[:, 2:] - anchor[:, :2]
    wanted = [
        (side / math.sqrt(shape), side * math.sqrt(shape)) for shape in (1, 1.35) for side in (42, 64, 96)
    ]
    assert (sides - torch.tensor(wanted)).abs().max() <= 1  # torchvision rounds the corners to whole pixels
    assert stages.anchor_count == sum(h * w * 6 for h, w in ((48, 64), (24, 32), (12, 16)))


def test_a_decoded_anchor_worked_out_by_hand(stages):
    """Ren et al., 2015, section 3.1.2: x = x_a + w_a t_x, w = w_a exp(t_w)."""
    level = stages.levels[2]
    left, top, right, bottom = level.anchors[4, 7, 2].tolist()
    dx, dy, dw, dh = level.deltas[4, 7, 2].tolist()
    x, y = (left + right) / 2 + (right - left) * dx, (top + bottom) / 2 + (bottom - top) * dy
    w, h = (right - left) * math.exp(dw), (bottom - top) * math.exp(dh)
    wanted = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
    assert level.decoded[4, 7, 2].tolist() == pytest.approx(wanted, rel=1e-4, abs=1e-3)
    assert abs(dx) > 1e-3
    assert stages.rpn_weights == (1, 1, 1, 1)


def test_a_refined_box_worked_out_by_hand(stages):
    regions = stages.regions
    region, label = divmod(int((regions.refined[:, 1:, :2] > 1).all(-1).float().argmax()), 3)
    left, top, right, bottom = regions.boxes[region].tolist()
    dx, dy, dw, dh = (
        d / w for d, w in zip(regions.deltas[region, label + 1].tolist(), (10, 10, 5, 5), strict=True)
    )
    x, y = (left + right) / 2 + (right - left) * dx, (top + bottom) / 2 + (bottom - top) * dy
    w, h = (right - left) * math.exp(dw), (bottom - top) * math.exp(dh)
    height, width = stages.fitted.size
    wanted = [
        max(0, x - w / 2),
        max(0, y - h / 2),
        min(width, x + w / 2),
        min(height, y + h / 2),
    ]
    assert regions.refined[region, label + 1].tolist() == pytest.approx(wanted, rel=1e-4, abs=1e-3)
    assert stages.head_weights == (10, 10, 5, 5)


def test_proposals_are_those_of_the_proposal_network(small, stages):
    model = small.model
    images, _ = model.transform([as_input(picture(0))])
    with torch.no_grad():
        (wanted,), _ = model.rpn(images, model.backbone(images.tensors))
    assert torch.equal(stages.regions.boxes, wanted)
    assert len(stages.proposals.boxes) + stages.proposals.dropped == 3 * 600
    assert stages.proposals.levels.bincount().max() <= 600
    assert len(stages.proposals.kept) == 200 < len(stages.proposals.nms.keep) < 1800


def test_who_is_suppressed_overlaps_a_surer_one_that_stays(stages):
    for boxes, scores, groups, nms, iou in (
        (
            stages.proposals.boxes,
            stages.proposals.scores,
            stages.proposals.levels,
            stages.proposals.nms,
            stages.rpn_iou,
        ),
        (
            stages.final.boxes,
            stages.final.scores,
            stages.final.labels,
            stages.final.nms,
            stages.iou,
        ),
    ):
        gone = torch.where(nms.by >= 0)[0]
        assert len(gone) + len(nms.keep) == len(boxes)
        assert len(gone) > 20
        keeper = nms.by[gone]
        assert (nms.by[keeper] == -1).all()
        assert (scores[keeper] >= scores[gone]).all()
        assert torch.equal(groups[keeper], groups[gone])
        overlap = box_iou(boxes, boxes)
        assert (overlap[keeper, gone] > iou - 1e-3).all()


def test_a_detection_knows_its_proposal_and_its_anchor(stages):
    for number in range(len(stages.result)):
        origin = stages.origin(number)
        level = stages.levels[origin.level]
        place = (origin.row, origin.column, origin.which)
        kept = stages.proposals.kept[origin.region]
        assert torch.sigmoid(level.objectness[place]) == stages.proposals.scores[kept]
        label = stages.result.labels[number] + 1
        assert stages.regions.scores[origin.region, label] == stages.result.scores[number]
        clipped = level.decoded[place].clamp(min=0)
        assert torch.equal(
            clipped[:2].clamp(max=max(stages.fitted.size)), stages.regions.boxes[origin.region][:2]
        )
    with pytest.raises(IndexError, match="no anchor"):
        stages.place(stages.anchor_count)


def test_each_proposal_is_read_from_the_level_of_its_size(stages):
    """Lin et al., 2017, equation 1: k = floor(4 + log2(sqrt(w h) / 224)), here from 3 to 5."""
    boxes = stages.regions.boxes
    for box, level in zip(boxes.tolist(), stages.regions.levels.tolist(), strict=True):
        size = math.sqrt((box[2] - box[0]) * (box[3] - box[1]))
        assert level == min(5, max(3, math.floor(4 + math.log2(size / 224) + 1e-6))) - 3


def test_sampling_points_give_what_was_pooled(stages):
    for region in range(0, len(stages.regions.boxes), 7):
        level = stages.levels[stages.regions.maps[int(stages.regions.levels[region])]]
        found = stages.sampling(region)
        assert found.points.shape == (7, 7, 2, 2, 2)
        wanted = stages.regions.pooled[region]
        assert (found.pool(level.features) - wanted).abs().max() < 1e-5 * wanted.abs().max()


@pytest.mark.parametrize("ratio", [1, 2, 3, 0])
def test_sampling_is_torchvisions_on_boxes_of_all_kinds(ratio):
    """Inside, over the edge, wholly beside the map, thinner than a cell."""
    generator = torch.Generator().manual_seed(ratio)
    features = torch.randn(1, 3, 12, 17, generator=generator)
    corners = torch.rand(60, 2, generator=generator) * 400 - 100
    sides = torch.rand(60, 2, generator=generator) ** 3 * 250
    boxes = torch.cat((corners, corners + sides), 1)
    for box in boxes:
        found = sampling(box, 1 / 16, (12, 17), bins=(5, 4), ratio=ratio)
        wanted = roi_align(features, [box[None]], (5, 4), 1 / 16, ratio)[0]
        assert torch.allclose(found.pool(features[0]), wanted, atol=1e-5)


def test_one_bin_by_hand():
    """A box from (16, 0) to (48, 32) on a map of stride 16, one bin, one point: at x = 2, y = 1."""
    features = torch.arange(12.0).reshape(1, 3, 4)
    found = sampling(torch.tensor([16.0, 0, 48, 32]), 1 / 16, (3, 4), bins=(1, 1), ratio=1)
    assert found.points.flatten().tolist() == [2, 1]
    assert found.pool(features).item() == 6
    found = sampling(torch.tensor([16.0, 0, 48, 40]), 1 / 16, (3, 4), bins=(1, 1), ratio=1)
    assert found.points.flatten().tolist() == [2, 1.25]
    assert found.weights.flatten().tolist() == [0.75, 0, 0.25, 0]
    assert found.pool(features).item() == 0.75 * 6 + 0.25 * 10


def test_ssdlite_step_by_step_is_the_network():
    detector = ssd_detector()
    for seed in range(3):
        image = picture(seed)
        found = detector.stages(image, score=0.001, iou=0.55)
        assert_same(found.result, answer(detector, image))
        assert len(found.result) > 20
        assert found.over >= len(found.candidates) > len(found.nms.keep)
    other = copy.deepcopy(detector.model)
    other.score_thresh, other.nms_thresh = 0.02, 0.3
    with torch.no_grad():
        wanted = other([as_input(picture(1))])[0]
    assert_same(detector.detect([picture(1)], score=0.02, iou=0.3)[0], wanted)
    assert detector.model.score_thresh == 0.001


def test_nothing_found_is_an_answer(small):
    found = small.stages(np.zeros((64, 64, 3), np.uint8), score=1.0)
    assert len(found.result) == 0
    assert found.result.boxes.shape == (0, 4)


def test_trained_weights_on_fifty_photos(data_folder):
    from explainer.detection import load_detector

    detector = load_detector("faces_faster_rcnn")
    assert isinstance(detector, TwoStageDetector)
    boxes = 0
    for image in photos(data_folder / "faces.zip", 50):
        found = detector.stages(image, **OWN)
        assert_same(found.result, answer(detector, image))
        boxes += len(found.result)
    assert boxes > 50


def photos(path, count):
    """Return the first pictures of an archive."""
    import io
    import zipfile

    from PIL import Image

    with zipfile.ZipFile(path) as archive:
        names = [name for name in sorted(archive.namelist()) if name.endswith((".jpg", ".png"))][:count]
        return [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in names]
