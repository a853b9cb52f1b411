"""Boxes against torchvision.ops, soft-NMS against the paper's loop and values worked by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torchvision.ops import batched_nms, box_iou, distance_box_iou, generalized_box_iou, nms

from explainer.detection.boxes import iou_matrix, nms_rounds, overlap, soft_nms


def random_boxes(generator: torch.Generator, count: int, *, whole: bool = False) -> torch.Tensor:
    corner = torch.rand(count, 2, generator=generator) * 60
    boxes = torch.cat([corner, corner + torch.rand(count, 2, generator=generator) * 50], 1)
    return boxes.round() if whole else boxes


def crowd(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return boxes, scores, labels; every other seed with whole numbers, equal scores, empty boxes."""
    generator = torch.Generator().manual_seed(seed)
    count = int(torch.randint(1, 80, (1,), generator=generator))
    boxes = random_boxes(generator, count, whole=seed % 2 == 1)
    scores = torch.rand(count, generator=generator)
    if seed % 2:
        scores = (scores * 6).round() / 6
        boxes[::7, 2:] = boxes[::7, :2]
    return boxes, scores, torch.randint(0, 3, (count,), generator=generator)


def test_ious_are_torchvisions() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = random_boxes(generator, 60).double(), random_boxes(generator, 40).double()
    torch.testing.assert_close(iou_matrix(a, b), box_iou(a, b), rtol=0, atol=0)
    generalised, distance = generalized_box_iou(a, b), distance_box_iou(a, b)
    plain = box_iou(a, b)
    for i, one in enumerate(a.tolist()):
        for j, other in enumerate(b.tolist()):
            found = overlap(one, other)
            assert found.iou == pytest.approx(plain[i, j].item(), abs=1e-12)
            assert found.giou == pytest.approx(generalised[i, j].item(), abs=1e-12)
            # torchvision adds 1e-7 to the squared diagonal
            assert found.diou == pytest.approx(distance[i, j].item(), abs=1e-8)


def test_areas_by_hand() -> None:
    found = overlap((0, 0, 4, 3), (2, 1, 8, 5))
    assert found.areas == (12, 24)
    assert found.shared == (2, 1, 4, 3)
    assert (found.intersection, found.union) == (4, 32)
    assert found.enclosing == (0, 0, 8, 5)
    assert found.iou == 4 / 32
    assert found.giou == 4 / 32 - (40 - 32) / 40
    assert found.distance == pytest.approx(math.hypot(3, 1.5))
    assert found.diou == pytest.approx(4 / 32 - 11.25 / 89)


def test_disjoint_and_empty_boxes_have_numbers() -> None:
    apart = overlap((0, 0, 1, 1), (3, 0, 4, 1))
    assert (apart.shared, apart.iou, apart.giou) == (None, 0, -0.5)
    empty = overlap((1, 1, 1, 1), (1, 1, 1, 1))
    assert (empty.iou, empty.giou, empty.diou) == (0, 0, 0)
    assert iou_matrix(torch.ones(1, 4), torch.ones(1, 4)).tolist() == [[0]]
    assert nms_rounds(torch.zeros(0, 4), torch.zeros(0), 0.5) == ()
    assert soft_nms(torch.zeros(0, 4), torch.zeros(0)) == ()


@pytest.mark.parametrize("iou", [0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
def test_keepers_are_torchvisions(iou: float) -> None:
    for seed in range(50):
        boxes, scores, labels = crowd(seed)
        found = [one.keeper for one in nms_rounds(boxes, scores, iou)]
        assert found == nms(boxes, scores, iou).tolist(), seed
        by_class = nms_rounds(boxes, scores, iou, labels)
        assert {one.keeper for one in by_class} == set(batched_nms(boxes, scores, labels, iou).tolist()), seed
        if seed % 2 == 0:  # of equal scores batched_nms promises no order
            assert [one.keeper for one in by_class] == batched_nms(boxes, scores, labels, iou).tolist(), seed


def test_every_box_is_kept_or_suppressed_once_and_for_its_overlap() -> None:
    for seed in range(40):
        boxes, scores, labels = crowd(seed)
        matrix = iou_matrix(boxes, boxes)
        there = set(range(len(boxes)))
        for one in nms_rounds(boxes, scores, 0.3, labels):
            there.remove(one.keeper)
            assert {i for i, value in enumerate(one.overlaps.tolist()) if value >= 0} == there
            same = [i for i in there if labels[i] == labels[one.keeper]]
            assert set(one.suppressed) == {i for i in same if matrix[one.keeper, i].item() > 0.3}
            assert list(one.suppressed) == sorted(one.suppressed, key=lambda i: (-scores[i].item(), i))
            there -= set(one.suppressed)
        assert not there


def test_equality_is_compared_as_torchvision_does() -> None:
    """An IoU of float32(1 / 10) is greater than 0.1, one of exactly 1 / 2 is not greater than 0.5."""
    for wide, iou in ((10.0, 0.1), (2.0, 0.5), (5.0, 0.2)):
        boxes = torch.tensor([[0.0, 0.0, wide, 1.0], [0.0, 0.0, 1.0, 1.0]])
        scores = torch.tensor([0.9, 0.8])
        assert [one.keeper for one in nms_rounds(boxes, scores, iou)] == nms(boxes, scores, iou).tolist()


def test_soft_nms_by_hand() -> None:
    # IoU of the first two: 6 / 10; the third lies apart.
    boxes = torch.tensor([[0.0, 0, 8, 1], [2, 0, 10, 1], [20, 0, 28, 1]])
    scores = torch.tensor([0.9, 0.8, 0.5])
    linear = soft_nms(boxes, scores, "linear", iou=0.5)
    assert [one.keeper for one in linear] == [0, 2, 1]  # 0.8 x (1 - 0.6) = 0.32 comes after 0.5
    assert linear[-1].after.tolist() == pytest.approx([0.9, 0.32, 0.5])
    assert [one.keeper for one in soft_nms(boxes, scores, "linear", iou=0.7)] == [0, 1, 2]
    gaussian = soft_nms(boxes, scores, sigma=0.5)
    assert gaussian[0].after.tolist() == pytest.approx([0.9, 0.8 * math.exp(-0.36 / 0.5), 0.5])
    assert [one.keeper for one in gaussian] == [0, 2, 1]
    dropping = soft_nms(boxes, scores, "linear", iou=0.5, least=0.4)
    assert ([one.keeper for one in dropping], dropping[0].dropped) == ([0, 2], (1,))


def loop(
    boxes: list[list[float]], scores: list[float], labels: list[int] | None, linear: bool
) -> list[tuple[int, float]]:
    """Bodla et al., figure 2, word by word."""
    left = {i: score for i, score in enumerate(scores) if score >= 0.001}
    done = []
    while left:
        best = max(left, key=lambda i: left[i])
        done.append((best, left.pop(best)))
        for i in list(left):
            if labels and labels[i] != labels[best]:
                continue
            value = overlap(boxes[best], boxes[i]).iou
            left[i] *= (1 - value if value > 0.3 else 1) if linear else math.exp(-value * value / 0.5)
            if left[i] < 0.001:
                del left[i]
    return done


@pytest.mark.parametrize("decay", ["linear", "gaussian"])
def test_soft_nms_is_the_papers_loop(decay: str) -> None:
    for seed in range(60):
        boxes, scores, labels = crowd(seed)
        boxes, scores = boxes.double(), scores.double()
        for chosen in (None, labels):
            expected = loop(
                boxes.tolist(),
                scores.tolist(),
                None if chosen is None else chosen.tolist(),
                decay == "linear",
            )
            found = soft_nms(boxes, scores, "linear" if decay == "linear" else "gaussian", labels=chosen)
            assert [one.keeper for one in found] == [one for one, _ in expected], seed
            last = [found[-1].after[one].item() for one, _ in expected] if found else []
            assert last == pytest.approx([score for _, score in expected], abs=1e-12)
