"""SimOTA and the loss: which cells learn, and that what is learnt is the box."""

import pytest
import torch
from torchvision.ops import box_iou

from explainer.detection.learning.assignment import CANDIDATES, RADIUS, assign
from explainer.detection.learning.loss import encode, paired_iou, yolox_loss
from explainer.detection.yolox import build_yolox, cells, decode

PLACES, STRIDES = cells(128, 128)
BOXES = torch.tensor([[10.0, 12.0, 50.0, 60.0], [70.0, 20.0, 110.0, 90.0]])
LABELS = torch.tensor([0, 2])


def random_answers(seed=0):
    generator = torch.Generator().manual_seed(seed)
    raw = torch.randn(len(PLACES), 8, generator=generator)
    return raw, decode(raw, PLACES, STRIDES), raw[:, 5:].sigmoid() * raw[:, 4:5].sigmoid()


@pytest.mark.parametrize("seed", range(5))
def test_cells_are_near_their_object_and_have_one_only(seed):
    _, found, scores = random_answers(seed)
    given = assign(BOXES, LABELS, found, scores, PLACES, STRIDES)
    assert len(given.cells.unique()) == len(given.cells)
    assert set(given.objects.tolist()) == {0, 1}
    centres = (PLACES[given.cells] + 0.5) * STRIDES[given.cells]
    boxes = BOXES[given.objects]
    inside = ((centres > boxes[:, :2]) & (centres < boxes[:, 2:])).all(1)
    near = (centres - (boxes[:, :2] + boxes[:, 2:]) / 2).abs().amax(1) < RADIUS * STRIDES[given.cells, 0]
    assert (inside & near).all()  # such cells exist for both boxes, and others cost far more
    overlap = box_iou(found[given.cells], boxes).diagonal()
    torch.testing.assert_close(given.overlap, overlap)


def test_the_number_of_cells_follows_the_overlaps():
    _, found, scores = random_answers()
    perfect = found.clone()
    centres = (PLACES + 0.5) * STRIDES
    mine = ((centres > BOXES[1, :2]) & (centres < BOXES[1, 2:])).all(1)
    perfect[mine] = BOXES[1]
    given = assign(BOXES, LABELS, perfect, scores, PLACES, STRIDES)
    assert (given.objects == 1).sum() == CANDIDATES


def test_nothing_to_find():
    _, found, scores = random_answers()
    given = assign(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), found, scores, PLACES, STRIDES)
    assert len(given.cells) == len(given.objects) == len(given.overlap) == 0
    raw = torch.zeros(1, len(PLACES), 8)
    parts = yolox_loss(raw, [(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))], PLACES, STRIDES)
    assert parts["box"] == parts["class"] == parts["l1"] == 0
    assert parts["objectness"].item() == pytest.approx(len(PLACES) * 0.6931472, rel=1e-5)


def test_encode_is_decode_backwards():
    raw, found, _ = random_answers()
    torch.testing.assert_close(encode(found, PLACES, STRIDES), raw[:, :4], rtol=1e-4, atol=1e-4)


def test_overlaps_of_pairs_are_torchvisions():
    _, found, _ = random_answers()
    others = found.flip(0)
    torch.testing.assert_close(paired_iou(found, others), box_iou(found, others).diagonal())


def test_right_answers_cost_least():
    raw, _, _ = random_answers()
    middle = (BOXES[:, :2] + BOXES[:, 2:]) / 2
    nearest = torch.cdist((PLACES + 0.5) * STRIDES, middle).argmin(1)
    right = torch.full_like(raw, -12.0)
    right[:, :4] = encode(BOXES[nearest], PLACES, STRIDES)
    right[torch.arange(len(right)), 5 + LABELS[nearest]] = 12
    right[:, 4] = 12
    given = assign(BOXES, LABELS, decode(right, PLACES, STRIDES), right[:, 5:].sigmoid(), PLACES, STRIDES)
    assert len(given.cells) == 2 * CANDIDATES
    right[:, 4] = -12
    right[given.cells, 4] = 12
    parts = yolox_loss(right[None], [(BOXES, LABELS)], PLACES, STRIDES)
    wrong = yolox_loss(raw[None], [(BOXES, LABELS)], PLACES, STRIDES)
    for name in ("box", "class", "l1"):
        assert float(parts[name]) < 1e-3 < 0.1 < float(wrong[name])


@pytest.mark.slow
def test_a_network_learns_one_picture_by_heart():
    torch.manual_seed(0)
    model = build_yolox("yolox_nano", 3).train()
    image = torch.full((2, 3, 128, 128), 114.0)
    for box, value in zip(BOXES.int().tolist(), (20.0, 230.0), strict=True):
        image[:, :, box[1] : box[3], box[0] : box[2]] = value
    targets = [(BOXES, LABELS)] * 2
    optimizer = torch.optim.AdamW(model.parameters(), 4e-3)
    for _ in range(120):
        parts = yolox_loss(model(image), targets, PLACES, STRIDES)
        optimizer.zero_grad()
        (parts["box"] + parts["objectness"] + parts["class"]).backward()
        optimizer.step()
    with torch.no_grad():
        raw = model(image)[0]
    scores = raw[:, 5:].sigmoid() * raw[:, 4:5].sigmoid()
    boxes = decode(raw, PLACES, STRIDES)
    for box, label in zip(BOXES, LABELS, strict=True):
        best = scores[:, label].argmax()
        assert scores[best, label] > 0.5
        assert box_iou(boxes[best][None], box[None]) > 0.7
