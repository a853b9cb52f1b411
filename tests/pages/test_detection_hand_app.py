"""The Detection lab by hand: the link is what is on the board, PyTorch's word on it, code that runs."""

import contextlib
import io
import re

import page_parts
import pytest
import torch
from torchvision import ops

from explainer.render.box_board import SITUATIONS, Setting, check, read_boxes, tensors, write_boxes
from explainer.render.box_board_code import boxes_code

CROWD = next(one for one in SITUATIONS if one.key == "crowd").boxes


def shown(**link: str) -> dict:
    return page_parts.frame_with(page_parts.visit("detection", "hand", **link), "situations")


def run(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue()


def test_it_opens_on_two_boxes():
    frame = shown()
    assert (frame["key"], frame["look"], frame["pair"]) == ("half", "measure", [0, 1])
    assert [one["key"] for one in frame["situations"]] == ["half", "nested", "apart", "crowd", "detector"]
    boxes, *_ = tensors(read_boxes(frame["boxes"], 480, 320) or ())
    assert ops.box_iou(boxes, boxes)[0, 1].item() == pytest.approx(1 / 3)


def test_the_link_restores_everything():
    text = "10.20.110.120.873.0_60.20.160.120.700.1_300.100.400.200.500.0"
    frame = shown(
        boxes=text, pair="2.0", look="nms", metric="diou", step="1", method="linear", iou="0.3", least="0.1",
        sigma="0.9", aware="0",
    )  # fmt: skip
    assert frame["boxes"] == text
    assert (frame["pair"], frame["look"], frame["metric"], frame["step"]) == ([2, 0], "nms", "diou", 1)
    assert frame["setting"] == {"method": "linear", "iou": 0.3, "sigma": 0.9, "least": 0.1, "aware": False}
    assert frame["check"]["kept"] == [0, 2, 1]
    assert frame["check"]["scores"][2] == pytest.approx(0.7 * (1 - 1 / 3))  # they share a third


def test_the_crowd_teaches_what_the_lesson_says():
    """No threshold finds both people alone: at 0.5 one is lost, from where both stay F stays, too."""
    boxes, *_ = tensors(CROWD)
    found = ops.box_iou(boxes, boxes)
    assert found[0, 1].item() == pytest.approx(0.54, abs=0.005)
    assert found[0, 5].item() == pytest.approx(0.51, abs=0.005)
    assert check(CROWD, Setting())["kept"] == [0, 7]
    assert {0, 1, 5} <= set(check(CROWD, Setting(iou=0.55))["kept"])
    assert check(CROWD, Setting("gaussian"))["kept"] == [0, 7, 1]


@pytest.mark.parametrize("aware", [True, False])
@pytest.mark.parametrize("method", ["nms", "linear", "gaussian"])
def test_the_code_prints_what_is_on_the_board(method, aware):
    setting = Setting(method, iou=0.45, sigma=0.4, least=0.05, aware=aware)
    printed = run(boxes_code(CROWD, (0, 1), setting))
    boxes, *_ = tensors(CROWD)
    iou = re.search(r"^IoU\s+(\S+)$", printed, re.MULTILINE)
    assert iou
    assert float(iou[1]) == pytest.approx(ops.box_iou(boxes[:1], boxes[1:2]).item())
    wanted = check(CROWD, setting)
    if method == "nms":
        assert f"kept {wanted['kept']}" in printed
    else:
        kept = re.findall(r"^kept (\d+) (\S+)$", printed, re.MULTILINE)
        assert [int(index) for index, _ in kept] == wanted["kept"]
        assert [float(score) for _, score in kept] == pytest.approx(wanted["scores"], abs=1e-6)


@pytest.mark.parametrize("count", [0, 1, 40])
def test_the_code_runs_for_any_number_of_boxes(count):
    run(boxes_code((CROWD * 4)[:count], (0, min(1, max(0, count - 1))), Setting()))


def test_a_photo_lies_under_the_boxes():
    frame = shown(ground="photo", boxes="crowd")
    assert bytes(frame["photo"][:2].tolist()) == b"\xff\xd8"  # a JPEG
    assert (frame["width"], frame["height"]) == (512, 512)
    left, top, right, bottom = tensors(read_boxes(frame["boxes"], 512, 512) or ())[0].T
    assert left.min() >= 0  # scaled, in the middle
    assert top.min() >= 85
    assert right.max() <= 512
    assert bottom.max() <= 417


def test_what_a_detector_said_before_nms():
    app = page_parts.visit("detection", "hand", ground="photo", boxes="detector", image="astronaut")
    frame = page_parts.frame_with(app, "situations")
    assert frame["key"] == "detector"
    assert frame["look"] == "nms"
    boxes, scores, _ = tensors(read_boxes(frame["boxes"], 512, 512) or ())
    assert 1 < len(boxes) <= 40
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert torch.triu(ops.box_iou(boxes, boxes), 1).max() > 0.5  # nothing has been suppressed
    assert set(page_parts.link_of(app)["names"].split(".")) <= {
        "face",
        "masked face",
        "mask worn incorrectly",
    }


@pytest.mark.parametrize(
    "link",
    [
        {"boxes": "1.2.3"},
        {"boxes": "9.9.1.1.500.0"},
        {"boxes": "0.0.9.9.9999.0"},
        {"boxes": "_".join(["0.0.9.9.500.0"] * 61)},
        {"boxes": "٣.0.9.9.500.0"},
        {"boxes": "detector"},
        {"boxes": "none", "pair": "0.1", "look": "nms"},
        {"boxes": "0.0.9.9.500.77", "pair": "-1.x"},
        {"boxes": "none", "ground": "photo"},
        {"method": "hard", "iou": "nan", "sigma": "0", "least": "-1", "aware": "maybe", "step": "1e9"},
        {"ground": "moon", "look": "x", "metric": "ciou", "names": "..", "pair": "1.1"},
    ],
)
def test_odd_links(link):
    app = page_parts.checked(page_parts.visit("detection", "hand", **link))
    assert page_parts.frame_with(app, "situations")["pair"] in ([0, 1], [0, 0])


def test_text_of_boxes():
    assert write_boxes(read_boxes(write_boxes(CROWD), 480, 320) or ()) == write_boxes(CROWD)
    assert read_boxes("0.0.999.999.500.0", 480, 320) == read_boxes("0.0.480.320.500.0", 480, 320)
    assert read_boxes("none", 1, 1) == ()
