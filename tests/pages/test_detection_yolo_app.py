"""YOLO step by step without a browser: what the view is sent is PyTorch's own, odd links do no harm."""

import contextlib
import io

import numpy as np
import pytest
import torch
from page_parts import checked, frame_with, link_of, visit
from streamlit.testing.v1 import AppTest
from torchvision.ops import batched_nms

from explainer.detection import load_detector
from explainer.detection.provenance import TARGETS, cell_at
from explainer.detection.yolox import cells
from explainer.render.detector_code import opener
from explainer.render.wire import pack
from explainer.render.yolo_steps import cell_in_link, frame, half_of, origin, plane, row, share_inside
from explainer.render.yolo_steps_code import yolo_code
from explainer.samples import sample
from explainer.tracing import trace

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def detector():
    return load_detector("faces_yolox_nano")


@pytest.fixture(scope="module")
def photo():
    return np.asarray(sample("astronaut").load().convert("RGB"))


def view(page: AppTest) -> dict:
    return frame_with(page, "grids")


def asked(page: AppTest, **ask: object) -> AppTest:
    """Let the view ask for something, as it does in the browser."""
    page.session_state["yolo_view"] = {"ask": {"serial": 1e15, **ask}}
    return page.run()


def test_the_page_opens_with_what_the_detector_found(detector, photo):
    shown = view(visit("detection", "yolo"))
    stages = detector.stages(photo, score=0.25, iou=0.45)
    assert len(stages.kept)
    assert shown["side"] == detector.side
    assert sum(one["size"] ** 2 for one in shown["grids"]) == len(stages.scores)
    for name, tensor in {
        "raw": stages.raw[:, :5], "logits": stages.raw[:, 5:], "boxes": stages.boxes,
        "objectness": stages.objectness, "scores": stages.scores, "best": stages.class_scores.max(1).values,
        "found": stages.result.boxes,
    }.items():  # fmt: skip
        assert np.array_equal(shown[name], tensor.numpy().ravel()), name
    assert shown["kept"].tolist() == stages.kept.tolist()
    assert shown["candidates"].tolist() == (
        (stages.scores >= 0.25)
        .nonzero()[:, 0][stages.scores[stages.scores >= 0.25].argsort(descending=True, stable=True)]
        .tolist()
    )
    assert shown["shown"]["pixels"].size == 3 * 416 * 416


def test_what_is_sent_decodes_to_the_boxes(detector, photo):
    shown = frame(detector.stages(photo), detector.classes, score=0.25, iou=0.45)
    places, strides = cells(detector.side, detector.side)
    raw = shown["raw"]
    for grid in shown["grids"]:
        inside = slice(grid["start"], grid["start"] + grid["size"] ** 2)
        assert (strides[inside] == grid["stride"]).all()
        middle = (shown["boxes"][inside, :2] + shown["boxes"][inside, 2:]) / 2
        expected = (raw[inside, :2] + places[inside]) * grid["stride"]
        torch.testing.assert_close(middle, expected, rtol=1e-4, atol=1e-2)
        width = shown["boxes"][inside, 2] - shown["boxes"][inside, 0]
        torch.testing.assert_close(width, raw[inside, 2].exp() * grid["stride"], rtol=1e-3, atol=1e-2)


def test_rounds_are_torchvisions_suppression(detector, photo):
    stages = detector.stages(photo, score=0.05, iou=0.5)
    rounds = frame(stages, detector.classes, score=0.05, iou=0.5)["rounds"]
    some = stages.candidates
    keep = batched_nms(stages.boxes[some], stages.scores[some], stages.labels[some], 0.5)
    assert rounds["keepers"].tolist() == some[keep].tolist()
    assert sorted([*rounds["keepers"], *rounds["gone"]]) == sorted(some.tolist())
    assert len(rounds["starts"]) == len(rounds["keepers"]) + 1
    assert (rounds["overlaps"] > 0.5).all()


def test_a_frame_stays_small_with_three_classes_and_with_eighty(detector, photo):
    shown = frame(detector.stages(photo), detector.classes, score=0.25, iou=0.45)
    assert len(pack(shown)) < MEGABYTE
    many = load_detector("yolox_nano", "none")
    stages = many.stages(photo)
    shown = frame(stages, many.classes, score=0.25, iou=0.45)
    assert shown["logits"] is None
    assert len(pack(shown)) < MEGABYTE
    assert torch.equal(row(stages, 7)["logits"], stages.raw[7, 5:])
    assert torch.equal(plane(stages, 79)["scores"], stages.class_scores[:, 79])
    large = load_detector("yolox_s", "none").stages(photo)
    assert len(pack(frame(large, many.classes, score=0.25, iou=0.45))) < 1.2 * MEGABYTE


def test_the_origin_of_a_box(detector, photo):
    stages = detector.stages(photo)
    cell = int(stages.kept[0])
    recorded = trace(detector.model, stages.canvas[None])
    for target in TARGETS:
        found = origin(
            recorded, cell, int(stages.labels[cell]), box=stages.boxes[cell].tolist(), target=target,
            layer="no such layer", method="gradcam",
        )  # fmt: skip
        assert found["layer"] == found["usual"]
        assert found["map"]["values"].shape == (found["map"]["height"], found["map"]["width"])
        assert 0 < found["half"] < 0.5
        assert 0 < found["inBox"] <= 1
    assert found["effective"]["values"].shape == (detector.side // 4, detector.side // 4)


def test_shares_of_an_effect_by_hand():
    effect = torch.zeros(4, 4)
    effect[1, 2], effect[3, 3] = 3, 1
    assert share_inside(effect, (2, 1, 3, 2)) == 0.75
    assert share_inside(effect, (-9, -9, 99, 99)) == 1
    assert half_of(effect) == 1 / 16
    assert half_of(torch.ones(4, 4)) == 0.5
    assert half_of(torch.zeros(4, 4)) == share_inside(torch.zeros(4, 4), (0, 0, 4, 4)) == 0


def test_the_view_asks_for_a_cell_a_threshold_and_an_origin():
    page = visit("detection", "yolo")
    before = view(page)
    place = {"identity": before["identity"], "step": "origin", "cell": "16,3,4", "target": "objectness"}
    page = asked(page, **place, score=0.4)
    shown = view(page)
    assert link_of(page)["cell"] == "16,3,4"
    assert link_of(page)["score"] == "0.4"
    assert shown["score"] == 0.4
    assert shown["stamp"] == before["stamp"]  # the view knows where it is
    assert shown["origin"]["target"] == "objectness"
    assert shown["origin"]["cell"] in shown["kept"]
    page = asked(page, **place, cam="hirescam", serial=2e15)
    assert view(page)["origin"]["cam"] == "hirescam"
    page.query_params["cell"] = "8,1,1"  # as the browser's way back does
    moved = view(page.run())
    assert moved["place"]["cell"] == "8,1,1"
    assert moved["stamp"] != shown["stamp"]


def test_of_many_classes_only_those_asked_for_are_sent():
    page = visit("detection", "yolo", detector="yolox_nano", weights="none")
    shown = view(page)
    assert shown["logits"] is None
    assert shown["kept"].size == 0
    page = asked(page, identity=shown["identity"], row=12, plane=3)
    again = view(page)["asked"]
    assert [(one["cell"], one["logits"].size) for one in again["rows"]] == [(12, 80)]
    assert [(one["label"], one["scores"].size) for one in again["planes"]] == [(3, 3549)]
    page = asked(page, identity=shown["identity"], row=10**6, plane=-1, serial=2e15)
    assert len(view(page)["asked"]["rows"]) == 1


@pytest.mark.parametrize(
    "link",
    [
        {"cell": "8,99,0", "step": "nowhere", "show": "99", "round": "-3"},
        {"cell": "x", "step": "nms", "round": "10000"},
        {"cell": "32,1,1", "step": "origin", "target": "weather", "layer": "__import__", "cam": "no"},
        {"step": "origin", "score": "0.95"},
        {"cell": "8,²,1", "score": "7", "iou": "x"},
        {"image": "no-such-picture", "detector": "yolox_nano", "weights": "none", "step": "result"},
    ],
)
def test_odd_links(link):
    assert view(visit("detection", "yolo", **link))["grids"]


def test_cells_in_links():
    assert cell_in_link("16,12,9", 416) == cell_at(52 * 52 + 9 * 26 + 12, 416)
    for odd in ("", "16,12", "16,26,0", "5,0,0", "16,-1,0", "16,1.5,0", "8,1,1,1", "8,１,1"):
        assert cell_in_link(odd, 416) is None


def test_the_code_gives_what_the_detector_finds(detector, photo):
    found = detector.stages(photo, score=0.25, iou=0.45)
    cell = int(found.kept[0])
    source = yolo_code(
        opener("faces_yolox_nano"), 'sample("astronaut").load()',
        ("from explainer.samples import sample",), cell=cell, score=0.25, iou=0.45,
    )  # fmt: skip
    said, names = io.StringIO(), {}
    with contextlib.redirect_stdout(said):
        exec(compile(source, "panel", "exec"), names)
    torch.testing.assert_close(names["found"], found.result.boxes, rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(names["raw"], found.raw, rtol=1e-3, atol=1e-3)
    middle = (found.boxes[cell, :2] + found.boxes[cell, 2:]) / 2
    torch.testing.assert_close(torch.stack((names["cx"], names["cy"])), middle, rtol=1e-4, atol=1e-2)
    assert f"{len(found.candidates)} of {len(found.scores)} cells reach the threshold" in said.getvalue()


def test_the_page_in_japanese():
    page = checked(visit("detection", "yolo", lang="ja"))
    assert any("1 段階" in one.value for one in page.markdown)
